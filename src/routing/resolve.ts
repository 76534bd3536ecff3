// Request + table → decision, for a request that is an object. The workers, whose requests are bytes, ask the index
// (index/route-index.ts) themselves, which is all that there is to it.
import { RouteIndex } from './index/route-index.js';
import type { ResolveRequest } from './request.js';
import { signalsOf } from './signals.js';
import type { Outcome, Table } from './table.js';

const indexes = new WeakMap<Table, RouteIndex>();

/** The outcome of a request: that of the first route whose every active condition holds. */
export function resolve(table: Table, request: ResolveRequest): Outcome {
  const outcome = table.outcomes[select(table, request)];
  if (outcome === undefined) throw new Error('a table must have an outcome for each of its routes');
  return outcome;
}

/** The same, as the outcome's place in `table.outcomes`. */
export function select(table: Table, request: ResolveRequest): number {
  let index = indexes.get(table);
  if (index === undefined) indexes.set(table, (index = new RouteIndex(table.index)));
  return index.select(signalsOf(request));
}
