// How a dimension's values tell rows apart: the ways in which plan-tree.ts may divide them.
import { ALL_DIMENSIONS } from '../dimensions/all-dimensions.js';
import type { Dimension, NumberDimension, OpenInterval, TextDimension } from '../dimensions/dimension.js';
import { WORD_ROWS_MAX } from './layout.js';
import type { NumberedRow } from './numbered-row.js';
import { rowsByText } from './rows-by-text.js';

export type Split = TextSplit | NumberSplit;

/** Rows by the texts that they list. */
export interface TextSplit {
  readonly kind: 'text';
  readonly dimension: TextDimension;
  readonly placesOf: ReadonlyMap<string, readonly number[]>;
  /** How many rows a request is left with, if it is about a text as often as rows are. */
  readonly leftRows: number;
}

/** Rows that allow few numbers, and the others. */
export interface NumberSplit {
  readonly kind: 'number';
  readonly dimension: NumberDimension;
  readonly narrow: readonly NumberedRow[];
  readonly others: readonly NumberedRow[];
  /** How many of the narrow rows a request is left with, if its number is one that they allow. */
  readonly narrowLeft: number;
  readonly leftRows: number;
}

/** Rows that list several texts are written for each: so many times the rows, at most. */
const COPIES_MAX = 4;

/** A row whose interval spans more of all bounds is not found by it. */
const NARROW_CHANCE_MAX = 1 / 16;

/** undefined: there is none that is of use. */
export function splitBy(dimension: Dimension, rows: readonly NumberedRow[]): Split | undefined {
  if (dimension.kind === 'text') return splitByText(dimension, rows);
  // The sets of few rows are words, which are found as fast.
  if (dimension.kind === 'number' && rows.length > WORD_ROWS_MAX) return splitByNumber(dimension, rows);
  return undefined;
}

function splitByText(dimension: TextDimension, rows: readonly NumberedRow[]): TextSplit | undefined {
  const listed = rows.map(({ when }) => dimension.textsOf(when));
  const placesOf = rowsByText(listed);
  let copies = 0;
  let squares = 0;
  for (const { length } of placesOf.values()) {
    copies += length;
    squares += length * length;
  }
  if (copies > COPIES_MAX * rows.length) return undefined;
  const always = listed.reduce((count, texts) => (texts === undefined ? count + 1 : count), 0);
  return { kind: 'text', dimension, placesOf, leftRows: always + squares / copies };
}

function splitByNumber(dimension: NumberDimension, rows: readonly NumberedRow[]): NumberSplit {
  const at = ALL_DIMENSIONS.indexOf(dimension);
  const narrow: NumberedRow[] = [];
  const others: NumberedRow[] = [];
  for (const row of rows) {
    const isNarrow = row.chances.of(row.number, at) <= NARROW_CHANCE_MAX;
    (isNarrow ? narrow : others).push(row);
  }
  const narrowLeft = meanOverlap(narrow.flatMap(({ when }) => dimension.intervalOf(when) ?? []));
  return { kind: 'number', dimension, narrow, others, narrowLeft, leftRows: others.length + narrowLeft };
}

/** In how many intervals a number is that is near the lower end of one. */
function meanOverlap(intervals: readonly OpenInterval[]): number {
  const begins = Float64Array.from(intervals, ({ above }) => above).sort();
  const ends = Float64Array.from(intervals, ({ below }) => below).sort();
  let sum = 0;
  let ended = 0;
  for (const [begun, bound] of begins.entries()) {
    while ((ends[ended] ?? Infinity) <= bound && ended < ends.length) ended += 1;
    // An interval that is empty ends before it begins.
    sum += Math.max(0, begun + 1 - ended);
  }
  return sum / Math.max(1, intervals.length);
}
