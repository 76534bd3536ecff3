// How the store does, from the loads that end: counted for the metrics, and told in the log once when it begins to
// fail and once when it is well again, however many orgs there are.
import type { Log } from '../log.js';

export class StoreHealth {
  readonly #log: Log;
  #loads = 0;
  #failedLoads = 0;
  #lastError: string | null = null;

  constructor(log: Log) {
    this.#log = log;
  }

  get loads(): number {
    return this.#loads;
  }

  get failedLoads(): number {
    return this.#failedLoads;
  }

  /** Of the last load; null: it did not fail. */
  get lastError(): string | null {
    return this.#lastError;
  }

  /** A load has ended. */
  note(orgId: string, failure: string | undefined): void {
    this.#loads += 1;
    if (failure !== undefined) {
      this.#failedLoads += 1;
      if (this.#lastError === null) {
        this.#log('error', 'store.failing', `the last good routes stay in force: ${failure}`, { orgId });
      }
    } else if (this.#lastError !== null) {
      this.#log('info', 'store.recovered', 'the store can be read again');
    }
    this.#lastError = failure ?? null;
  }
}
