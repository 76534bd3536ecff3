// How often each outcome of a table was decided in this worker, and when last: routes that nothing reaches show. A
// table is swapped whole many times a day; what was counted goes on with the same route: moved-hits.ts sees to that.
import { SharedTable } from '../protocol/shared-table.js';
import { NO_MATCH, NO_SUCH_ROUTE } from '../routing/table.js';
import type { Hits } from './thread-messages.js';

/** Three numbers of an outcome that is listed: which it is, its hits, and the time of the last. */
const LISTED_NUMBERS = 3;

/**
 * Of a hundred thousand orgs most end on one or two of their outcomes here, and a list of those takes a tenth of what room
 * for all does. Of more than so many, each has its place: a busy org's hits are found at once.
 */
const LISTED_MAX = 2;

/** Two numbers of an outcome that has its place: hits, and the time of the last. */
const PLACED_NUMBERS = 2;

/** Hits of one outcome of a table. */
export interface Noted extends Hits {
  readonly outcome: number;
}

export class OutcomeHits {
  /** Those of the tables before this one that have no place in this one; by route id, or by the reason for no route. */
  readonly before: ReadonlyMap<string, Hits>;
  #listed: number[] = NOTHING_LISTED;
  #placed: Float64Array | undefined;

  constructor(before: ReadonlyMap<string, Hits>) {
    this.before = before;
  }

  /** On the hot path. */
  note(outcome: number, nowMs: number): void {
    const placed = this.#placed;
    const at = outcome * PLACED_NUMBERS;
    if (placed === undefined || at >= placed.length) {
      this.add({ outcome, count: 1, lastMs: nowMs });
      return;
    }
    placed[at] = (placed[at] ?? 0) + 1;
    placed[at + 1] = nowMs;
  }

  /** Adds those that were counted elsewhere. */
  add(noted: Noted): void {
    if (this.#placed === undefined) this.#list(noted);
    else this.#place(noted);
  }

  /** Whether there was one of that outcome. */
  has(outcome: number): boolean {
    const placed = this.#placed;
    if (placed !== undefined) return (placed[outcome * PLACED_NUMBERS] ?? 0) > 0;
    for (let at = 0; at < this.#listed.length; at += LISTED_NUMBERS) {
      if (this.#listed[at] === outcome) return true;
    }
    return false;
  }

  /**
   * All hits up to now, by route id; those of no route under the reason.
   *
   * @param block the table, as it was shipped.
   */
  byRoute(block: SharedArrayBuffer): ReadonlyMap<string, Hits> {
    const noted = [...this.noted()];
    if (noted.length === 0) return this.before;
    const sums = new Map(this.before);
    const table = new SharedTable(block);
    for (const one of noted) addTo(sums, keyOf(table, one.outcome), one);
    return sums;
  }

  /** Of each outcome of which there were any, in ascending order once they are more than a few. */
  *noted(): Iterable<Noted> {
    const { length } = this.#listed;
    for (let at = 0; at < length; at += LISTED_NUMBERS) {
      const [outcome = 0, count = 0, lastMs = 0] = this.#listed.slice(at);
      yield { outcome, count, lastMs };
    }
    const placed = this.#placed ?? [];
    for (let at = 0; at < placed.length; at += PLACED_NUMBERS) {
      const count = placed[at] ?? 0;
      if (count > 0) yield { outcome: at / PLACED_NUMBERS, count, lastMs: placed[at + 1] ?? 0 };
    }
  }

  #list({ outcome, count, lastMs }: Noted): void {
    const listed = this.#listed;
    for (let at = 0; at < listed.length; at += LISTED_NUMBERS) {
      if (listed[at] !== outcome) continue;
      listed[at + 1] = (listed[at + 1] ?? 0) + count;
      listed[at + 2] = Math.max(listed[at + 2] ?? 0, lastMs);
      return;
    }
    // Not `push`, which makes room for more than there may ever be.
    if (listed.length < LISTED_MAX * LISTED_NUMBERS) {
      this.#listed = listed.concat([outcome, count, lastMs]);
      return;
    }
    const others = [...this.noted()];
    this.#listed = NOTHING_LISTED;
    for (const noted of others) this.#place(noted);
    this.#place({ outcome, count, lastMs });
  }

  #place({ outcome, count, lastMs }: Noted): void {
    const at = outcome * PLACED_NUMBERS;
    let placed = this.#placed;
    if (placed === undefined || at >= placed.length) {
      // The outcomes behind it are likely to come too.
      const larger = new Float64Array(2 * (at + PLACED_NUMBERS));
      if (placed !== undefined) larger.set(placed);
      this.#placed = placed = larger;
    }
    placed[at] = (placed[at] ?? 0) + count;
    placed[at + 1] = Math.max(placed[at + 1] ?? 0, lastMs);
  }
}

const NOTHING_LISTED: number[] = [];

/** Under what an outcome's hits are told: its route's id, or the reason for no route. */
export function keyOf(table: SharedTable, outcome: number): string {
  if (outcome === NO_MATCH) return 'no_match';
  if (outcome === NO_SUCH_ROUTE) return 'no_such_route';
  return table.routeIdOf(outcome) ?? '';
}

export function addTo(sums: Map<string, Hits>, key: string, { count, lastMs }: Hits): void {
  const there = sums.get(key) ?? { count: 0, lastMs: 0 };
  sums.set(key, { count: there.count + count, lastMs: Math.max(there.lastMs, lastMs) });
}

export const NO_HITS: ReadonlyMap<string, Hits> = new Map();
