// When a client connects again: at once after a connection that served, later after each attempt that failed, and soon
// while the daemon is being restarted.

/** Waits before an attempt double from the first of these to the last, each with jitter. */
const FIRST_RETRY_MS = 5;
const LAST_RETRY_MS = 1000;

/** While a daemon that has said goaway is being restarted, so that nobody waits for longer than it takes. */
const RESTART_RETRY_MS = 25;

/** After so many failed attempts in a row the daemon is down, and new calls don't wait for the next attempt. */
const ATTEMPTS_BEFORE_DOWN = 3;

export class Reconnect {
  readonly #random: () => number;
  /** In a row. */
  #failedAttempts = 0;

  /** @param random from 0 up to 1, for jitter. */
  constructor(random: () => number) {
    this.#random = random;
  }

  get isDown(): boolean {
    return this.#failedAttempts >= ATTEMPTS_BEFORE_DOWN;
  }

  /** The daemon has said something: until then, it may be one that refuses connections. */
  noteServed(): void {
    this.#failedAttempts = 0;
  }

  /** A connection has ended on which the daemon never said anything. */
  noteFailed(): void {
    this.#failedAttempts += 1;
  }

  /** How long to wait before the next attempt, in milliseconds. */
  delayMs(isRestarting: boolean): number {
    if (this.#failedAttempts === 0) return 0;
    const longestMs = isRestarting ? RESTART_RETRY_MS : LAST_RETRY_MS;
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** (this.#failedAttempts - 1), longestMs);
    return delayMs * (0.5 + 0.5 * this.#random());
  }
}
