// The classes into which the bounds of all rows cut the line: below the first bound, at it, between it and the next, and
// so on. They are gone through in ascending order, with the rows that each allows; from one to the next few rows change,
// and nothing is done for the others.
import type { OpenInterval } from '../dimensions/dimension.js';
import { RowSet } from './row-set.js';

export interface ClassSweep {
  /** How many rows there are, those that ask nothing of the number too. */
  readonly rows: number;
  /** Ascending; class 2i + 1 is the i-th itself. */
  readonly bounds: readonly number[];
  /** For each class the rows that it allows and that the one before it doesn't. */
  readonly begins: readonly (readonly number[] | undefined)[];
  /** And the other way around. */
  readonly ends: readonly (readonly number[] | undefined)[];
}

const NONE: readonly number[] = [];

/** @param intervals one for each row; undefined: the row asks nothing of the number, and is in no class. */
export function sweepOf(intervals: readonly (OpenInterval | undefined)[]): ClassSweep {
  const bounds = boundsOf(intervals);
  const place = new Map(bounds.map((bound, index) => [bound, 2 * index + 1]));
  const classes = 2 * bounds.length + 1;
  const begins = new Array<number[] | undefined>(classes).fill(undefined);
  const ends = new Array<number[] | undefined>(classes).fill(undefined);
  for (const [row, interval] of intervals.entries()) {
    if (interval === undefined || !(interval.above < interval.below)) continue;
    const { above, below } = interval;
    // What is above a bound begins behind it; what is below one ends at it.
    (begins[above === -Infinity ? 0 : (place.get(above) ?? 0) + 1] ??= []).push(row);
    if (below !== Infinity) (ends[place.get(below) ?? 0] ??= []).push(row);
  }
  return { rows: intervals.length, bounds, begins, ends };
}

/**
 * Visits the classes in ascending order: the rows that each allows, those of them that have just begun, and whether they
 * are others than those of the class before. The set is used again: it must be copied to be kept.
 */
export function visitClasses(
  { rows, bounds, begins, ends }: ClassSweep,
  visit: (allowed: RowSet, begun: readonly number[], hasChanged: boolean) => void,
): void {
  const allowed = new RowSet(rows);
  for (let at = 0; at <= 2 * bounds.length; at += 1) {
    const ended = ends[at] ?? NONE;
    const begun = begins[at] ?? NONE;
    for (const row of ended) allowed.remove(row);
    for (const row of begun) allowed.add(row);
    visit(allowed, begun, ended.length + begun.length > 0);
  }
}

function boundsOf(intervals: readonly (OpenInterval | undefined)[]): number[] {
  const bounds = new Set<number>();
  for (const interval of intervals) {
    // A set takes both zeros for one, as comparisons do.
    if (interval !== undefined && Number.isFinite(interval.above)) bounds.add(interval.above);
    if (interval !== undefined && Number.isFinite(interval.below)) bounds.add(interval.below);
  }
  return [...bounds].sort((a, b) => a - b);
}
