// A table: the compiled routes of one org at one revision. It is plain data, so that it can be shipped to another
// thread as it is, and immutable, so that whoever holds one needs no lock. Only compile.ts writes it and only
// resolve.ts looks inside.
import type { Decision } from './decision.js';
import type { ResolveRequest } from './request.js';

/** A decision but for `stale`, which is the state of whoever serves the table and not of the table. */
export type Outcome = Omit<Decision, 'stale'>;

type SignalOf<T> = {
  [K in keyof ResolveRequest]-?: NonNullable<ResolveRequest[K]> extends T ? K : never;
}[keyof ResolveRequest];

/** The thirteen conditions come down to five kinds of test of one signal each. */
export type ConditionTest =
  | { readonly kind: 'less'; readonly signal: SignalOf<number>; readonly bound: number }
  | { readonly kind: 'greater'; readonly signal: SignalOf<number>; readonly bound: number }
  | {
      readonly kind: 'equal';
      readonly signal: SignalOf<string> | SignalOf<boolean>;
      readonly bound: string | boolean;
    }
  | { readonly kind: 'member'; readonly signal: SignalOf<string>; readonly members: readonly string[] }
  /** Keywords are lower-cased already. */
  | { readonly kind: 'contains'; readonly signal: 'prompt'; readonly keywords: readonly string[] };

export interface Row {
  readonly name: string;
  /** All must hold; none: matches everything. */
  readonly tests: readonly ConditionTest[];
}

/** The places of the two outcomes that aren't a route's; that of `rows[i]` is `FIRST_ROUTE + i`. */
export const NO_MATCH = 0;
export const NO_SUCH_ROUTE = 1;
export const FIRST_ROUTE = 2;

export interface Table {
  readonly revision: number;
  /** Enabled routes in table order. */
  readonly rows: readonly Row[];
  /** Everything that can be answered, made at compile time. */
  readonly outcomes: readonly Outcome[];
}
