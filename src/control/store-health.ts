// How the store does, from the loads that end: counted for the metrics, and told in the log once for each reason for
// which it fails, and once when it is well again, however many orgs there are.
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { DurationCounts } from '../admin/backend.js';
import { MAX_DELAY_MS } from '../backoff.js';
import type { LoadEnd } from './cache/cache-options.js';
import { Durations } from './durations.js';

/** Whatever fails is tried again sooner than this. */
const QUIET_MS = MAX_DELAY_MS + 1000;

/** There are a handful of reasons; more are particulars that weren't seen to be. */
const REASONS_TOLD_MAX = 50;

/** A read within one data centre is in the first; the last is the deadline of a load. */
const LOAD_BOUNDS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000];

export class StoreHealth {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #loadTimes = new Durations(LOAD_BOUNDS_MS);
  #refusedRows = 0;
  #loads = 0;
  #failedLoads = 0;
  #lastError: string | null = null;
  #failedAtMs = -Infinity;
  /** Reasons that were told since it was well. */
  readonly #told = new Set<string>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  get loads(): number {
    return this.#loads;
  }

  get failedLoads(): number {
    return this.#failedLoads;
  }

  get loadTimes(): DurationCounts {
    return this.#loadTimes.counts;
  }

  /** Rows that were read and are no routes; those that are read again count again. */
  get refusedRows(): number {
    return this.#refusedRows;
  }

  /** Why a load failed, as long as loads do; null: they don't. */
  get lastError(): string | null {
    return this.#lastError;
  }

  /** A load has ended. */
  note({ orgId, failure, elapsedMs, refusedRows }: LoadEnd): void {
    this.#loads += 1;
    this.#loadTimes.add(elapsedMs);
    this.#refusedRows += refusedRows;
    const now = this.#clock();
    if (failure !== undefined) {
      this.#failedLoads += 1;
      const reason = withoutParticulars(failure);
      if (!this.#told.has(reason) && this.#told.size < REASONS_TOLD_MAX) {
        this.#told.add(reason);
        this.#log('error', 'store.failing', `the last good routes stay in force: ${failure}`, { orgId });
      }
      this.#lastError = failure;
      this.#failedAtMs = now;
    } else if (this.#lastError !== null && now - this.#failedAtMs >= QUIET_MS) {
      // One org that fails among many that don't is failing still.
      this.#log('info', 'store.recovered', 'the store can be read again');
      this.#lastError = null;
      this.#told.clear();
    }
  }
}

/** What went wrong, whichever org, route, revision or server it was with. */
function withoutParticulars(failure: string): string {
  return failure.replace(/[\da-f]*\d[\da-f-]*/gi, '#');
}
