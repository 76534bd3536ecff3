// A restart of the daemon as a connection of the client sees it: it begins with goaway, and is over when the successor
// has answered in time for a while. Until then calls may take longer than any other, but never without a bound. A
// daemon that is gone without having said so is not restarted but dead, as far as anybody can know.

/**
 * Nothing was late for so long: a daemon that has just started answers its first calls in time and stumbles over the
 * next thousands, while its code is compiled and the gateway works off what has piled up.
 */
const SETTLED_MS = 1000;

export class Restart {
  readonly #longestMs: number;
  readonly #deadlineMs: number;
  readonly #now: () => number;
  #begunAtMs: number | undefined;
  /** Since when every answer has come in time. */
  #inTimeSinceMs: number | undefined;

  /**
   * @param longestMs what it may take; 0: it is not waited for.
   * @param deadlineMs what comes later than this is late.
   */
  constructor(longestMs: number, deadlineMs: number, now: () => number) {
    this.#longestMs = longestMs;
    this.#deadlineMs = deadlineMs;
    this.#now = now;
  }

  /** For how much longer calls may wait for it; 0: there is none, or it took too long. */
  get leftMs(): number {
    if (this.#begunAtMs === undefined) return 0;
    return Math.max(0, this.#begunAtMs + this.#longestMs - this.#now());
  }

  /** The daemon has said goaway. */
  begin(): void {
    this.#begunAtMs = this.#now();
    this.#inTimeSinceMs = undefined;
  }

  /** The successor has answered a call that was made then. */
  noteAnswer(madeAtMs: number): void {
    if (this.#begunAtMs === undefined) return;
    const now = this.#now();
    const isLate = now - madeAtMs > this.#deadlineMs;
    this.#inTimeSinceMs = isLate ? undefined : (this.#inTimeSinceMs ?? now);
    if (now - (this.#inTimeSinceMs ?? now) >= SETTLED_MS) this.#begunAtMs = undefined;
  }
}
