// How soon a daemon that fails may be started again. A service manager starts it at once, so that a crash costs the
// gateways a moment; one that fails after each start would then be started for ever, at full speed. So a process that
// fails while it is young takes its time to end. systemd's own way (RestartSteps=) counts the crashes since somebody
// last started the service by hand, and never back: after a few in a year, each would cost the longest pause.

/** Settings that are wrong stay wrong until somebody changes them, who wants to see soon that it helped. */
const FAILED_START_MS = 3000;

/** A crash loop takes two seconds of a core, which are to be less than a twentieth of this. */
const CRASH_LOOP_MS = 45_000;

export class RestartPace {
  readonly #isSupervised: boolean;
  readonly #livedMs: () => number;

  /**
   * @param isSupervised whoever runs it on a terminal doesn't want to wait.
   * @param livedMs how long ago the process started.
   */
  constructor(isSupervised: boolean, livedMs = (): number => performance.now()) {
    this.#isSupervised = isSupervised;
    this.#livedMs = livedMs;
  }

  /** How long a process that could not start stays before it ends. */
  get failedStartMs(): number {
    return this.#left(FAILED_START_MS);
  }

  /** How long one that was ready, and can't go on, stays before it ends. */
  get crashMs(): number {
    return this.#left(CRASH_LOOP_MS);
  }

  #left(youngMs: number): number {
    return this.#isSupervised ? Math.max(0, youngMs - this.#livedMs()) : 0;
  }
}
