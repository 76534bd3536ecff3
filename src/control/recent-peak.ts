// The largest of the values of the last seconds, for what is looked at less often than it happens.

/** What is told is of the current window and the one before, so of one to two windows. */
const WINDOW_MS = 10_000;

export class RecentPeak {
  #windowEndsAtMs = -Infinity;
  #before = 0;
  #current = 0;

  add(value: number, nowMs: number): void {
    this.#turn(nowMs);
    this.#current = Math.max(this.#current, value);
  }

  at(nowMs: number): number {
    this.#turn(nowMs);
    return Math.max(this.#before, this.#current);
  }

  #turn(nowMs: number): void {
    if (nowMs < this.#windowEndsAtMs) return;
    this.#before = nowMs < this.#windowEndsAtMs + WINDOW_MS ? this.#current : 0;
    this.#current = 0;
    this.#windowEndsAtMs = nowMs + WINDOW_MS;
  }
}
