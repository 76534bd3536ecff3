// Durations, counted by bucket. On the main thread.
import type { DurationCounts } from '../admin/backend.js';

export class Durations {
  readonly #boundsMs: readonly number[];
  readonly #counts: number[];
  #sumMs = 0;

  constructor(boundsMs: readonly number[]) {
    this.#boundsMs = boundsMs;
    this.#counts = new Array<number>(boundsMs.length + 1).fill(0);
  }

  add(ms: number): void {
    const found = this.#boundsMs.findIndex((bound) => ms <= bound);
    const bucket = found === -1 ? this.#boundsMs.length : found;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sumMs += ms;
  }

  get counts(): DurationCounts {
    return { bounds_ms: this.#boundsMs, counts: [...this.#counts], sum_ms: this.#sumMs };
  }
}
