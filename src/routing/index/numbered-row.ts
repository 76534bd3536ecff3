// A row on its way into an index: conditions, and the place that they have among those of all rows.
import { ALL_DIMENSIONS } from '../dimensions/all-dimensions.js';
import { type Dimension, conditionOf } from '../dimensions/dimension.js';
import type { Conditions } from '../route.js';
import { Chances } from './chances.js';

/** Some of all dimensions: bit i is the i-th. */
export type DimensionBits = number;

export const ALL_BITS: DimensionBits = (1 << ALL_DIMENSIONS.length) - 1;

export interface NumberedRow {
  readonly number: number;
  readonly when: Conditions;
  /** The dimensions that it asks something of. */
  readonly asks: DimensionBits;
  /** Of all rows. */
  readonly chances: Chances;
}

export function numberedRows(rows: readonly { readonly when: Conditions }[]): NumberedRow[] {
  const chances = new Chances(rows.map(({ when }) => when));
  return rows.map(({ when }, number) => {
    let asks = 0;
    for (const [at, dimension] of ALL_DIMENSIONS.entries()) {
      if (conditionOf(dimension, when) !== undefined) asks |= 1 << at;
    }
    return { number, when, asks, chances };
  });
}

export function dimensionsIn(bits: DimensionBits): readonly Dimension[] {
  return ALL_DIMENSIONS.filter((_, at) => ((bits >>> at) & 1) === 1);
}

/** Those of one kind. */
export function bitsOf(kind: Dimension['kind']): DimensionBits {
  return ALL_DIMENSIONS.reduce(
    (bits, dimension, at) => (dimension.kind === kind ? bits | (1 << at) : bits),
    0,
  );
}

export function bitOf(dimension: Dimension): DimensionBits {
  return 1 << ALL_DIMENSIONS.indexOf(dimension);
}
