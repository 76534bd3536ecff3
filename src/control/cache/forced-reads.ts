// Reads that clients force by naming a revision that isn't here. One read that begins after a client asked is enough
// for it, whatever it finds, and all who ask until it begins share it. Runs on the main thread.
import type { Clock } from '../../clock.js';

/** They come no closer together, for one org, but where patience is short. */
const SPACING_MS = 20;

export interface ForcedReadsOptions<T> {
  readonly clock: Clock;
  /** Of whoever waits for a read. */
  readonly patienceMs: number;
  /** When the last read of the org began; undefined: there was none that is remembered. */
  readonly lastBeganAtMs: (orgId: string) => number | undefined;
  /** Resolves when the read of the org that is under way is over; undefined: there is none. */
  readonly underWay: (orgId: string) => Promise<unknown> | undefined;
  readonly read: (orgId: string) => Promise<T>;
}

export class ForcedReads<T> {
  readonly #options: ForcedReadsOptions<T>;
  /** Those that haven't begun. */
  readonly #reads = new Map<string, Promise<T>>();

  constructor(options: ForcedReadsOptions<T>) {
    this.#options = options;
  }

  join(orgId: string): Promise<T> {
    let read = this.#reads.get(orgId);
    if (read === undefined) {
      read = this.#readAnew(orgId);
      this.#reads.set(orgId, read);
    }
    return read;
  }

  async #readAnew(orgId: string): Promise<T> {
    const { clock, patienceMs, lastBeganAtMs, underWay, read } = this.#options;
    // Whoever names revisions that don't exist must not keep the store busy.
    const spacingMs = Math.min(SPACING_MS, patienceMs / 2);
    const pauseMs = (lastBeganAtMs(orgId) ?? -Infinity) + spacingMs - clock();
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    // One that is under way began before somebody asked.
    await underWay(orgId);
    this.#reads.delete(orgId);
    return read(orgId);
  }
}
