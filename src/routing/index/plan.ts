// A tree of nodes as plan-tree.ts has found it best, and write-tree.ts writes it. What each costs is nanoseconds of one
// machine, for a decision.
import type { Dimension, NumberDimension, TextDimension } from '../dimensions/dimension.js';
import type { NumberedRow } from './numbered-row.js';

export type Plan = Leaf | ByText | ByNumber | Either;

export interface Leaf {
  readonly kind: 'list' | 'sifted' | 'sets';
  readonly rows: readonly NumberedRow[];
  readonly dimensions: readonly Dimension[];
  readonly cost: number;
}

export interface ByText {
  readonly kind: 'by-text';
  readonly firstRow: number;
  readonly dimension: TextDimension;
  readonly nodes: ReadonlyMap<string, Plan>;
  /** Of the rows that ask nothing of the text. */
  readonly none: Plan | undefined;
  readonly cost: number;
}

export interface ByNumber {
  readonly kind: 'by-number';
  readonly firstRow: number;
  readonly dimension: NumberDimension;
  /** Those that allow few numbers. */
  readonly rows: readonly NumberedRow[];
  readonly dimensions: readonly Dimension[];
  readonly others: Plan | undefined;
  readonly cost: number;
}

export interface Either {
  readonly kind: 'either';
  readonly firstRow: number;
  readonly one: Plan;
  readonly other: Plan;
  readonly cost: number;
}
