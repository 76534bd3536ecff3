// Which nodes are best for which rows, by what they take a decision. Where texts tell most rows apart they come first,
// so that a request is compared with no rows but those that list its own; what is left is a few rows, or sets.
import type { Dimension, TextDimension } from '../dimensions/dimension.js';
import { WORD_ROWS_MAX } from './layout.js';
import { type DimensionBits, type NumberedRow, bitOf, bitsOf, dimensionsIn } from './numbered-row.js';
import { rowsByText } from './rows-by-text.js';

export type Plan = Leaf | ByText | Either;

interface Leaf {
  readonly kind: 'list' | 'sets';
  readonly rows: readonly NumberedRow[];
  readonly dimensions: readonly Dimension[];
  readonly cost: number;
}

interface ByText {
  readonly kind: 'by-text';
  readonly firstRow: number;
  readonly dimension: TextDimension;
  readonly nodes: ReadonlyMap<string, Plan>;
  /** Of the rows that ask nothing of the text. */
  readonly none: Plan | undefined;
  readonly cost: number;
}

interface Either {
  readonly kind: 'either';
  readonly firstRow: number;
  readonly one: Plan;
  readonly other: Plan;
  readonly cost: number;
}

/** To try so many rows, one after the other, takes no longer than to look up sets for them. */
const LISTED_ROWS_MAX = 12;

/** Rows that list several texts are written for each: so many times the rows, at most. */
const COPIES_MAX = 4;

/** A text must leave a request fewer of the rows than this, or it isn't worth looking up by itself. */
const LEFT_MAX = 0.6;

// Nanoseconds of one machine: what matters is how they compare.
const LISTED_ROW_COST = 7;
const WORD_SETS_COST = 10;
const WORD_DIMENSION_COST = 17;
const LONG_SETS_COST = 60;
const LONG_DIMENSION_COST = 60;
const TEXT_COST = 22;

const KEYWORD_BITS = bitsOf('keywords');
const FLAG_BITS = bitsOf('flag');

/** @param left the dimensions that the rows are still to be asked for. */
export function planTree(rows: readonly NumberedRow[], left: DimensionBits): Plan | undefined {
  const reachable = reachableOf(rows, left);
  const [first] = reachable;
  if (first === undefined) return undefined;
  const asked = reachable.reduce((bits, row) => bits | row.asks, 0) & left;
  const asksForKeywords = (asked & KEYWORD_BITS) !== 0;
  if (reachable.length <= LISTED_ROWS_MAX && !asksForKeywords) {
    const cost = LISTED_ROW_COST * reachable.length;
    return { kind: 'list', rows: reachable, dimensions: dimensionsIn(asked), cost };
  }
  const sets = setsOf(reachable, asked);
  if (!asksForKeywords) return cheaper(sets, byBestText(reachable, asked, sets.cost));
  if (reachable.length <= WORD_ROWS_MAX) return sets;
  // The prompt is read at most once for a decision: all rows that ask for it are in one node.
  const ofPrompt = reachable.filter(({ asks }) => (asks & KEYWORD_BITS) !== 0);
  const one = planTree(
    reachable.filter(({ asks }) => (asks & KEYWORD_BITS) === 0),
    left,
  );
  const other = setsOf(ofPrompt, ofPrompt.reduce((bits, row) => bits | row.asks, 0) & left);
  if (one === undefined) return other;
  return { kind: 'either', firstRow: first.number, one, other, cost: one.cost + other.cost };
}

/** Behind a row that asks for nothing more no other is ever reached. */
function reachableOf(rows: readonly NumberedRow[], left: DimensionBits): readonly NumberedRow[] {
  const last = rows.findIndex(({ asks }) => (asks & left) === 0);
  return last < 0 ? rows : rows.slice(0, last + 1);
}

function setsOf(rows: readonly NumberedRow[], asked: DimensionBits): Leaf {
  const dimensions = dimensionsIn(asked);
  // Flags are one dimension together.
  const flags = dimensionsIn(asked & FLAG_BITS).length;
  const lookups = dimensions.length - Math.max(0, flags - 1);
  const cost =
    rows.length <= WORD_ROWS_MAX
      ? WORD_SETS_COST + lookups * WORD_DIMENSION_COST
      : LONG_SETS_COST + lookups * LONG_DIMENSION_COST;
  return { kind: 'sets', rows, dimensions, cost };
}

function cheaper(one: Plan, other: Plan | undefined): Plan {
  return other === undefined || one.cost <= other.cost ? one : other;
}

/** By the text that leaves the fewest rows, if that may take less than `costMax`. */
function byBestText(rows: readonly NumberedRow[], asked: DimensionBits, costMax: number): ByText | undefined {
  let best: Split | undefined;
  for (const dimension of dimensionsIn(asked)) {
    const split = dimension.kind === 'text' ? splitBy(dimension, rows) : undefined;
    if (split !== undefined && split.leftRows < (best?.leftRows ?? LEFT_MAX * rows.length)) best = split;
  }
  return best === undefined ? undefined : planOf(best, rows, asked, costMax);
}

/** Rows by the texts that they list. */
interface Split {
  readonly dimension: TextDimension;
  readonly placesOf: ReadonlyMap<string, readonly number[]>;
  /** How many rows a request is left with, if it is about a text as often as rows are. */
  readonly leftRows: number;
}

function splitBy(dimension: TextDimension, rows: readonly NumberedRow[]): Split | undefined {
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
  return { dimension, placesOf, leftRows: always + squares / copies };
}

function planOf(
  { dimension, placesOf }: Split,
  rows: readonly NumberedRow[],
  asked: DimensionBits,
  costMax: number,
): ByText | undefined {
  const left = asked & ~bitOf(dimension);
  const none = planTree(
    rows.filter(({ when }) => dimension.textsOf(when) === undefined),
    left,
  );
  let cost = TEXT_COST + (none?.cost ?? 0);
  if (cost > costMax) return undefined;
  const nodes = new Map<string, Plan>();
  let copies = 0;
  let costs = 0;
  for (const [text, places] of placesOf) {
    const plan = planTree(
      places.flatMap((place) => rows[place] ?? []),
      left,
    );
    if (plan === undefined) continue;
    nodes.set(text, plan);
    copies += places.length;
    costs += places.length * plan.cost;
  }
  cost += costs / copies;
  return { kind: 'by-text', firstRow: rows[0]?.number ?? 0, dimension, nodes, none, cost };
}
