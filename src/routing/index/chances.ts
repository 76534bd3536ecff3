// How likely a request is to fulfil what a row asks of a dimension, if requests are about values as often as rows are:
// what plans of an index are reckoned with.
import { ALL_DIMENSIONS } from '../dimensions/all-dimensions.js';
import type { Dimension, OpenInterval } from '../dimensions/dimension.js';
import type { Conditions } from '../route.js';
import { rowsByText } from './rows-by-text.js';
import { TEXT_CLASSES } from './traits.js';

export class Chances {
  readonly #conditions: readonly Conditions[];
  /** Reckoned when they are first asked for: plans of few rows don't need them. */
  #ofRows: Float64Array | undefined;

  /** @param conditions of all rows. */
  constructor(conditions: readonly Conditions[]) {
    this.#conditions = conditions;
  }

  /** 1 where the row asks nothing. @param dimension its place among all. */
  of(row: number, dimension: number): number {
    this.#ofRows ??= chancesOf(this.#conditions);
    return this.#ofRows[row * ALL_DIMENSIONS.length + dimension] ?? 1;
  }

  /** The chance that a request's traits don't tell that it doesn't fulfil what the row asks. */
  ofMistake(row: number, at: number): number {
    const dimension = ALL_DIMENSIONS[at];
    switch (dimension?.kind) {
      case 'text': {
        const texts = dimension.textsOf(this.#conditions[row] ?? {});
        return texts === undefined ? 1 : 1 - (1 - 1 / TEXT_CLASSES) ** texts.length;
      }
      case 'flag':
        return 0;
      default:
        return 1;
    }
  }
}

function chancesOf(conditions: readonly Conditions[]): Float64Array {
  const ofRows = new Float64Array(conditions.length * ALL_DIMENSIONS.length).fill(1);
  for (const [at, dimension] of ALL_DIMENSIONS.entries()) {
    for (const [row, chance] of chancesIn(dimension, conditions).entries()) {
      if (chance !== undefined) ofRows[row * ALL_DIMENSIONS.length + at] = chance;
    }
  }
  return ofRows;
}

/** Of each row; undefined: it asks nothing. */
type OfRows = readonly (number | undefined)[];

function chancesIn(dimension: Dimension, conditions: readonly Conditions[]): OfRows {
  switch (dimension.kind) {
    case 'text':
      return chancesOfTexts(conditions.map((when) => dimension.textsOf(when)));
    case 'number':
      return chancesOfIntervals(conditions.map((when) => dimension.intervalOf(when)));
    case 'flag':
      return conditions.map((when) => (dimension.boundOf(when) === undefined ? undefined : 1 / 2));
    case 'keywords':
      return chancesOfTexts(conditions.map((when) => dimension.keywordsOf(when)));
  }
}

function chancesOfTexts(listed: readonly (readonly string[] | undefined)[]): OfRows {
  const rowsOf = rowsByText(listed);
  let all = 0;
  for (const { length } of rowsOf.values()) all += length;
  return listed.map((texts) => texts?.reduce((sum, text) => sum + (rowsOf.get(text)?.length ?? 0) / all, 0));
}

/** The share of all bounds that an interval spans. */
function chancesOfIntervals(intervals: readonly (OpenInterval | undefined)[]): OfRows {
  const bounds = new Set<number>();
  for (const interval of intervals) {
    if (interval !== undefined) bounds.add(interval.above).add(interval.below);
  }
  const rankOf = new Map<number, number>();
  for (const bound of Float64Array.from(bounds).sort()) rankOf.set(bound, rankOf.size);
  return intervals.map((interval) => {
    if (interval === undefined) return undefined;
    const spanned = (rankOf.get(interval.below) ?? 0) - (rankOf.get(interval.above) ?? 0);
    return Math.max(0, spanned) / rankOf.size;
  });
}
