// How often each outcome of a table was decided in this worker, and when last: routes that nothing reaches show. A
// table is swapped whole many times a day; what was counted goes on with the same route, by its id.
import { NO_MATCH, NO_SUCH_ROUTE, type Outcome } from '../routing/table.js';
import type { Hits } from './thread-messages.js';

/** Two numbers an outcome: hits, and the time of the last. */
const NUMBERS_PER_OUTCOME = 2;

export class OutcomeHits {
  readonly #outcomes: readonly Outcome[];
  /** Those of the tables before this one. */
  readonly #before: ReadonlyMap<string, Hits>;
  /** Made at the first hit: most of a hundred thousand orgs are never asked for in this worker. */
  #numbers: Float64Array | undefined;

  constructor(outcomes: readonly Outcome[], before: ReadonlyMap<string, Hits>) {
    this.#outcomes = outcomes;
    this.#before = before;
  }

  note(outcomeIndex: number, nowMs: number): void {
    const numbers = (this.#numbers ??= new Float64Array(this.#outcomes.length * NUMBERS_PER_OUTCOME));
    const at = outcomeIndex * NUMBERS_PER_OUTCOME;
    numbers[at] = (numbers[at] ?? 0) + 1;
    numbers[at + 1] = nowMs;
  }

  /** All hits up to now, by route id; those of no route under the reason. */
  byRoute(): ReadonlyMap<string, Hits> {
    const numbers = this.#numbers;
    if (numbers === undefined) return this.#before;
    const sums = new Map(this.#before);
    for (let index = 0; index < this.#outcomes.length; index += 1) {
      const count = numbers[index * NUMBERS_PER_OUTCOME] ?? 0;
      if (count === 0) continue;
      const key = this.#keyOf(index);
      const lastMs = numbers[index * NUMBERS_PER_OUTCOME + 1] ?? 0;
      sums.set(key, { count: count + (sums.get(key)?.count ?? 0), lastMs });
    }
    return sums;
  }

  #keyOf(index: number): string {
    if (index === NO_MATCH) return 'no_match';
    if (index === NO_SUCH_ROUTE) return 'no_such_route';
    return this.#outcomes[index]?.route_id ?? '';
  }
}

export const NO_HITS: ReadonlyMap<string, Hits> = new Map();
