// Which orgs changed, in order, for stores that hold their routes in memory: what `changedSince` answers from.
import type { Changes } from './route-store.js';

/** Readers ask many times a second; whoever is this far behind is told once that every org has changed. */
const ENTRIES_MAX = 100_000;

export class ChangeLog {
  #orgIds: string[] = [];
  /** The number of the first entry that is still kept. */
  #first = 0;

  add(orgId: string): void {
    this.#orgIds.push(orgId);
    if (this.#orgIds.length <= 2 * ENTRIES_MAX) return;
    this.#orgIds = this.#orgIds.slice(-ENTRIES_MAX);
    this.#first += ENTRIES_MAX + 1;
  }

  /** A cursor is the number of the next entry. One that was never given out is treated as too old. */
  since(cursor: string | undefined): Changes {
    const end = this.#first + this.#orgIds.length;
    if (cursor === undefined) return { orgIds: [], cursor: String(end) };
    const from = Number(cursor);
    const known = Number.isInteger(from) && from >= this.#first && from <= end;
    const orgIds = known ? [...new Set(this.#orgIds.slice(from - this.#first))] : 'all';
    return { orgIds, cursor: String(end) };
  }
}
