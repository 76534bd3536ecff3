// Which nodes are best for which rows, by what they take a decision. Where texts or narrow ranges of numbers tell most
// rows apart they come first, so that a request is compared with few rows but those that allow its own; what is left is
// rows that are tried, or sets.
import { expectedTries } from './expected-tries.js';
import { WORD_ROWS_MAX } from './layout.js';
import { type DimensionBits, type NumberedRow, bitOf, bitsOf, dimensionsIn } from './numbered-row.js';
import type { ByNumber, ByText, Either, Leaf, Plan } from './plan.js';
import { type NumberSplit, type Split, type TextSplit, splitBy } from './splits.js';

/** To try so many rows, one after the other, takes no longer than to look up sets for them. */
const LISTED_ROWS_MAX = 12;

/** So many rows are tried at most, or a request that fulfils none of them would take too long. */
const TRIED_ROWS_MAX = 256;

/** Rows are tried only if a request with one strange value takes no more than so many times what it would otherwise. */
const WORST_MAX = 2;

/** A value must leave a request fewer of the rows than this, or it isn't worth looking up by itself. */
const LEFT_MAX = 0.6;

// Nanoseconds of one machine: what matters is how they compare.
const LISTED_ROW_COST = 7;
const WORD_SETS_COST = 10;
const WORD_DIMENSION_COST = 17;
const LONG_SETS_COST = 60;
const LONG_DIMENSION_COST = 60;
const LONG_WORD_COST = 20;
const TEXT_COST = 22;
const NUMBER_COST = 50;
const NUMBER_ROW_COST = 3;

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
  if (!asksForKeywords) return ofMany(reachable, asked, left);
  const sets = setsOf(reachable, asked);
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

/** A plan for more rows than are listed, none of which asks for keywords. */
function ofMany(rows: readonly NumberedRow[], asked: DimensionBits, left: DimensionBits): Plan {
  const best = together(rows, asked, left);
  return rows.length <= TRIED_ROWS_MAX ? best : (firstOnesTried(rows, asked, left, best.cost) ?? best);
}

/** Where one of the first rows is fulfilled as a rule, they are tried, and the others looked at only if none is. */
function firstOnesTried(
  rows: readonly NumberedRow[],
  asked: DimensionBits,
  left: DimensionBits,
  costOfAll: number,
): Either | undefined {
  const first = rows.slice(0, TRIED_ROWS_MAX);
  const tries = expectedTries(first, asked);
  const cost = tries.cost + tries.missed * costOfAll;
  if (cost >= costOfAll || tries.worstCost > WORST_MAX * costOfAll) return undefined;
  const one: Leaf = { kind: 'sifted', rows: first, dimensions: dimensionsIn(asked), cost: tries.cost };
  const other = together(rows.slice(TRIED_ROWS_MAX), asked, left);
  return { kind: 'either', firstRow: rows[0]?.number ?? 0, one, other, cost };
}

/** As one leaf, or by the value that leaves the fewest rows if that takes less. */
function together(rows: readonly NumberedRow[], asked: DimensionBits, left: DimensionBits): Plan {
  const splits = dimensionsIn(asked).flatMap((dimension) => splitBy(dimension, rows) ?? []);
  const leaf = leafOf(rows, asked, splits);
  let best: Split | undefined;
  for (const split of splits) {
    if (split.leftRows < (best?.leftRows ?? LEFT_MAX * rows.length)) best = split;
  }
  if (best === undefined) return leaf;
  const divided =
    best.kind === 'text'
      ? byText(best, rows, asked, leaf.cost)
      : byNumber(best, rows, asked, left, leaf.cost);
  return divided !== undefined && divided.cost < leaf.cost ? divided : leaf;
}

function leafOf(rows: readonly NumberedRow[], asked: DimensionBits, splits: readonly Split[]): Leaf {
  const found = setsOf(rows, asked);
  // Whether to try so few would be better takes longer to find out than it could save.
  if (rows.length <= WORD_ROWS_MAX) return found;
  const tries = expectedTries(rows, asked);
  const fewest = Math.min(...splits.map(({ leftRows }) => leftRows));
  const wordsRead = Math.min(rows.length / 32, 1 + tries.rows / 32, fewest);
  const sets = { ...found, cost: found.cost + LONG_WORD_COST * wordsRead };
  if (rows.length > TRIED_ROWS_MAX || tries.cost >= sets.cost) return sets;
  if (tries.worstCost > WORST_MAX * sets.cost) return sets;
  return { ...sets, kind: 'sifted', cost: tries.cost };
}

function byText(
  { dimension, placesOf }: TextSplit,
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

/** Those that allow few numbers are tried where they allow the request's, and the others are as if there were no such. */
function byNumber(
  { dimension, narrow, others, narrowLeft }: NumberSplit,
  rows: readonly NumberedRow[],
  asked: DimensionBits,
  left: DimensionBits,
  costMax: number,
): ByNumber | undefined {
  const cost = NUMBER_COST + narrowLeft * NUMBER_ROW_COST;
  if (cost > costMax) return undefined;
  const ofOthers = planTree(others, left);
  return {
    kind: 'by-number',
    firstRow: rows[0]?.number ?? 0,
    dimension,
    rows: narrow,
    dimensions: dimensionsIn(asked),
    others: ofOthers,
    cost: cost + (ofOthers?.cost ?? 0),
  };
}
