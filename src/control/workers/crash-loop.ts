// Tells workers that die now and then, which a new one makes good, from workers that cannot live: something that all of
// them share is wrong, and only a process that starts afresh has a chance.
import type { Clock } from '../../clock.js';

/** Ends of workers that are too many, for each that there should be, and however few those are. */
const ENDS_MAX_PER_WORKER = 5;
export const ENDS_MAX_LEAST = 10;
const WINDOW_MS = 60_000;

export class CrashLoop {
  readonly #clock: Clock;
  readonly #endsMax: number;
  readonly #endedAtMs: number[] = [];

  constructor(clock: Clock, workers: number) {
    this.#clock = clock;
    this.#endsMax = Math.max(ENDS_MAX_LEAST, ENDS_MAX_PER_WORKER * workers);
  }

  /** A worker has ended by itself; true: that was one too many in too short a time. */
  note(): boolean {
    const now = this.#clock();
    this.#endedAtMs.push(now);
    while ((this.#endedAtMs[0] ?? now) <= now - WINDOW_MS) this.#endedAtMs.shift();
    return this.#endedAtMs.length >= this.#endsMax;
  }

  get text(): string {
    return `${this.#endedAtMs.length} workers have ended within ${WINDOW_MS / 1000} s`;
  }
}
