// When a pool that is too small is to be replaced: not while it may still come back to its size by itself, and the less
// often the longer that is no use. Runs on the main thread.
import { type Backoff, nextBackoff } from '../../backoff.js';

/** A pool is given this long to replace a worker by itself. */
const REFILL_MS = 1000;

/** A pool that was whole for this long starts with the shortest delay again. */
const RECOVERED_MS = 60_000;

export class PoolShortage {
  #sinceMs: number | undefined;
  #replacements: Backoff | undefined;

  /** All workers run. */
  end(now: number): void {
    this.#sinceMs = undefined;
    if (now >= (this.#replacements?.retryAtMs ?? now) + RECOVERED_MS) this.#replacements = undefined;
  }

  /** Workers are missing. True: the pool is to be replaced now; that is counted. */
  isReplacementDue(now: number): boolean {
    this.#sinceMs ??= now;
    if (now - this.#sinceMs < REFILL_MS || now < (this.#replacements?.retryAtMs ?? 0)) return false;
    this.#replacements = nextBackoff(this.#replacements, now, Math.random);
    this.#sinceMs = undefined;
    return true;
  }
}
