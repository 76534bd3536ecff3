// How often each outcome of a table was decided in this worker, and when last: routes that nothing reaches show. A
// table is swapped whole many times a day; what was counted goes on with the same route, by its id.
import { SharedTable, countAnswers } from '../protocol/shared-table.js';
import { NO_MATCH, NO_SUCH_ROUTE } from '../routing/table.js';
import type { Hits } from './thread-messages.js';

/** Two numbers an outcome: hits, and the time of the last. */
const NUMBERS_PER_OUTCOME = 2;

export class OutcomeHits {
  readonly #block: SharedArrayBuffer;
  /** Those of the tables before this one. */
  readonly #before: ReadonlyMap<string, Hits>;
  /** Made at the first hit: most of a hundred thousand orgs are never asked for in this worker. */
  #numbers: Float64Array | undefined;

  /** @param block the table, as it was shipped. */
  constructor(block: SharedArrayBuffer, before: ReadonlyMap<string, Hits>) {
    this.#block = block;
    this.#before = before;
  }

  note(outcomeIndex: number, nowMs: number): void {
    const numbers = (this.#numbers ??= new Float64Array(countAnswers(this.#block) * NUMBERS_PER_OUTCOME));
    const at = outcomeIndex * NUMBERS_PER_OUTCOME;
    numbers[at] = (numbers[at] ?? 0) + 1;
    numbers[at + 1] = nowMs;
  }

  /** All hits up to now, by route id; those of no route under the reason. */
  byRoute(): ReadonlyMap<string, Hits> {
    const numbers = this.#numbers;
    if (numbers === undefined) return this.#before;
    const sums = new Map(this.#before);
    const table = new SharedTable(this.#block);
    for (let index = 0; index < table.answers; index += 1) {
      const count = numbers[index * NUMBERS_PER_OUTCOME] ?? 0;
      if (count === 0) continue;
      const key = keyOf(table, index);
      const lastMs = numbers[index * NUMBERS_PER_OUTCOME + 1] ?? 0;
      sums.set(key, { count: count + (sums.get(key)?.count ?? 0), lastMs });
    }
    return sums;
  }
}

function keyOf(table: SharedTable, index: number): string {
  if (index === NO_MATCH) return 'no_match';
  if (index === NO_SUCH_ROUTE) return 'no_such_route';
  return table.routeIdOf(index) ?? '';
}

export const NO_HITS: ReadonlyMap<string, Hits> = new Map();
