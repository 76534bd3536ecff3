// A table: the compiled routes of one org at one revision. It is immutable, so that whoever holds one needs no lock.
// The index can be shared with other threads as it is; the outcomes are for whoever prepares answers from them.
import type { Decision } from './decision.js';

/** A decision but for `stale`, which is the state of whoever serves the table and not of the table. */
export type Outcome = Omit<Decision, 'stale'>;

/** The places of the two outcomes that aren't a route's; that of the i-th route is `FIRST_ROUTE + i`. */
export const NO_MATCH = 0;
export const NO_SUCH_ROUTE = 1;
export const FIRST_ROUTE = 2;

export interface Table {
  readonly revision: number;
  /** The conditions, as index/layout.ts describes. */
  readonly index: Int32Array;
  /** Everything that can be answered, in the order of the places above. */
  readonly outcomes: readonly Outcome[];
}
