// Keeps the snapshot of the last good routes: reads it at the start, writes it after changes, every few seconds at
// most, and at the end. A disk that is full costs the snapshot its freshness, and the daemon nothing.
import type { Clock } from '../../clock.js';
import { SignalboxError, messageOf, systemCode } from '../../errors.js';
import type { Log } from '../../log.js';
import {
  type SnapshotLine,
  type SnapshotOrg,
  previousGeneration,
  readSnapshot,
  writeSnapshot,
} from './snapshot-file.js';

/** What is lost by a crash is this old at most; the store has it all the same. */
const INTERVAL_MS = 5000;

/** How old routes are counts too, when they are read for the last time before a long outage. */
const AGE_INTERVAL_MS = 10 * 60_000;

/** Before anything that a store can have. */
const ANOTHER_STORES_EPOCH = -1;

export interface SnapshotKeeperOptions {
  readonly path: string;
  /** What tells the store's revisions from those of any other; undefined: they may begin anew with each process. */
  readonly lineage: string | undefined;
  /** All orgs whose routes are good. */
  readonly orgs: () => Iterable<SnapshotLine>;
  readonly clock: Clock;
  readonly log: Log;
}

export class SnapshotKeeper {
  readonly #options: SnapshotKeeperOptions;
  #isDirty = false;
  #isFailing = false;
  /** When what the file has was gathered. */
  #writtenAtMs: number | undefined;
  /** The timer that runs is the short one. */
  #isSoon = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: SnapshotKeeperOptions) {
    this.#options = options;
  }

  /** False: the last write failed. */
  get isUp(): boolean {
    return !this.#isFailing;
  }

  /** Since the file was written; undefined: this daemon never did. Nothing is lost by an age without changes. */
  get ageMs(): number | undefined {
    return this.#writtenAtMs === undefined ? undefined : this.#options.clock() - this.#writtenAtMs;
  }

  /**
   * The newest generation that is whole; none is no error, and a damaged one is said and passed over. Routes whose
   * revisions can't be compared with the store's are of an epoch before it: whatever it has is newer.
   */
  async load(): Promise<readonly SnapshotOrg[]> {
    const { path, log } = this.#options;
    for (const generation of [path, previousGeneration(path)]) {
      try {
        const orgs = await readSnapshot(generation);
        log('info', 'snapshot.loaded', `the last good routes of ${orgs.length} orgs`, { file: generation });
        return orgs.map((org) => this.#comparable(org));
      } catch (error) {
        if (systemCode(error) === 'ENOENT') continue;
        const code = error instanceof SignalboxError ? error.code : systemCode(error);
        log('error', 'snapshot.rejected', messageOf(error), { file: generation, code });
      }
    }
    return [];
  }

  /** Routes were read; `isNew` tells that they aren't as they were. */
  note(isNew: boolean): void {
    this.#isDirty = true;
    if (this.#closed) return;
    if (this.#timer !== undefined) {
      if (!isNew || this.#isSoon) return;
      clearTimeout(this.#timer);
    }
    this.#isSoon = isNew;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        void this.#writeInTurn();
      },
      isNew ? INTERVAL_MS : AGE_INTERVAL_MS,
    );
  }

  /** Writes what isn't written yet. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#writeInTurn();
  }

  /** A write of very many orgs to a slow disk may take longer than the time between two. */
  #writeInTurn(): Promise<void> {
    return (this.#writing = this.#writing.then(() => this.#write()));
  }

  #comparable(org: SnapshotOrg): SnapshotOrg {
    const { lineage } = this.#options;
    if (lineage !== undefined && (org.lineage ?? lineage) === lineage) return org;
    return { ...org, routes: { ...org.routes, epoch: ANOTHER_STORES_EPOCH } };
  }

  async #write(): Promise<void> {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    const { path, lineage, orgs, clock, log } = this.#options;
    const gatheredAtMs = clock();
    try {
      await writeSnapshot(path, orgs(), lineage);
      if (this.#isFailing) log('info', 'snapshot.recovered', 'the snapshot is written again', { file: path });
      this.#isFailing = false;
      this.#writtenAtMs = gatheredAtMs;
    } catch (error) {
      if (!this.#isFailing) {
        log('error', 'snapshot.failing', `the snapshot stays as it was: ${messageOf(error)}`, { file: path });
      }
      this.#isFailing = true;
      this.note(true);
    }
  }
}
