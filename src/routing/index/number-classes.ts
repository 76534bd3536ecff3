// Which rows a number allows. The bounds of all rows cut the line into classes, below, at and between them, and within
// a class every number allows the same rows. Where the sets of so many classes would take too much memory, neighbours
// share one that has the rows of each, and the row itself must be asked whether it is really allowed.
import type { OpenInterval } from '../dimensions/dimension.js';
import type { BlockWriter } from './block-writer.js';
import { WORD_ROWS_MAX } from './layout.js';
import { type ClassSweep, sweepOf, visitClasses } from './class-sweep.js';
import { RowSet } from './row-set.js';
import { type RowSetWriter, writtenWords } from './row-set-writer.js';

const BOUNDS = 0;
/** Offset of the bounds, ascending doubles. */
const BOUNDS_AT = 1;
/** Classes that share a set. */
const CLASSES_PER_SET = 2;
/** Offset of two doubles: the lowest bound, and buckets for each unit above it. */
const SCALE_AT = 3;
/** Buckets less one, and the offset of the first bound of each: a search begins in its bucket, not in the middle. */
const LAST_BUCKET = 4;
const BUCKETS_AT = 5;
const HEAD_WORDS = 6;

/** Sets of one dimension may take 128 bytes a row. */
const SET_WORDS_PER_ROW_MAX = 32;

export interface NumberClasses {
  readonly at: number;
  /** Sets are shared by several classes, so that each row must be asked for its own bounds. */
  readonly isInexact: boolean;
}

/** @param intervals one for each row; undefined: the row asks nothing of the number. */
export function writeNumberClasses(
  block: BlockWriter,
  sets: RowSetWriter,
  intervals: readonly (OpenInterval | undefined)[],
  always: RowSet,
): NumberClasses {
  const sweep = sweepOf(intervals);
  const { bounds } = sweep;
  const classes = 2 * bounds.length + 1;
  const classesPerSet = classesPerSetOf(sweep);

  const at = block.reserve(HEAD_WORDS + 1 + setPlace(classes - 1, bounds.length, classesPerSet));
  block.set(at + BOUNDS, bounds.length);
  block.set(at + BOUNDS_AT, block.appendDoubles(bounds));
  block.set(at + CLASSES_PER_SET, classesPerSet);
  writeBuckets(block, at, bounds);
  const shared = new RowSet(intervals.length);
  const written = new RowSet(intervals.length);
  let writtenAt: number | undefined;
  let isFirstOfSet = true;
  let next = 0;
  visitClasses(sweep, (allowed, begun) => {
    if (isFirstOfSet) shared.become(allowed);
    else for (const row of begun) shared.add(row);
    const place = setPlace(next, bounds.length, classesPerSet);
    next += 1;
    isFirstOfSet = next === classes || setPlace(next, bounds.length, classesPerSet) !== place;
    if (!isFirstOfSet) return;
    // Neighbours often allow the same rows; then they have the same set.
    if (writtenAt === undefined || !written.isEqual(shared)) writtenAt = sets.write(shared, always);
    written.become(shared);
    block.set(at + HEAD_WORDS + place, writtenAt);
  });
  return { at, isInexact: classesPerSet > 1 };
}

/** One bucket a bound, all of one width between the lowest and the highest. */
function writeBuckets(block: BlockWriter, at: number, bounds: readonly number[]): void {
  const lowest = bounds[0] ?? 0;
  const scale = bounds.length / ((bounds.at(-1) ?? 0) - lowest);
  // Bounds that are too close or too far apart for that are all in one bucket.
  const isUsable = bounds.length > 1 && Number.isFinite(scale) && scale > 0;
  const last = isUsable ? bounds.length - 1 : 0;
  const starts = new Int32Array(last + 2).fill(bounds.length);
  starts[0] = 0;
  let bucket = 0;
  for (const [index, bound] of bounds.entries()) {
    const ownBucket = isUsable ? bucketOf(bound, lowest, scale, last) : 0;
    while (bucket < ownBucket) starts[++bucket] = index;
  }
  block.set(at + SCALE_AT, block.appendDoubles([lowest, isUsable ? scale : 0]));
  block.set(at + LAST_BUCKET, last);
  block.set(at + BUCKETS_AT, block.append(starts));
}

/** Computed alike for a bound and for a value, so that no value comes into a bucket before that of a lower bound. */
function bucketOf(value: number, lowest: number, scale: number, last: number): number {
  const bucket = Math.floor((value - lowest) * scale);
  return bucket > last ? last : bucket > 0 ? bucket : 0;
}

function classesPerSetOf(sweep: ClassSweep): number {
  // Sets of few rows are words.
  if (sweep.rows <= WORD_ROWS_MAX) return 1;
  return Math.max(1, Math.ceil(wordsOf(sweep) / (SET_WORDS_PER_ROW_MAX * sweep.rows)));
}

/** What the sets would take if no class shared one with others. */
function wordsOf(sweep: ClassSweep): number {
  let words = 0;
  visitClasses(sweep, (allowed, _, hasChanged) => {
    if (hasChanged) words += writtenWords(allowed);
  });
  return words;
}

/** The set of rows that a known number allows, beside those that ask nothing of it. */
export function setOfNumber(words: Int32Array, doubles: Float64Array, at: number, value: number): number {
  const boundsAt = (words[at + BOUNDS_AT] ?? 0) >> 1;
  const count = words[at + BOUNDS] ?? 0;
  const scaleAt = (words[at + SCALE_AT] ?? 0) >> 1;
  const last = words[at + LAST_BUCKET] ?? 0;
  const bucket =
    (words[at + BUCKETS_AT] ?? 0) + bucketOf(value, doubles[scaleAt] ?? 0, doubles[scaleAt + 1] ?? 0, last);
  let low = words[bucket] ?? 0;
  let high = words[bucket + 1] ?? 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((doubles[boundsAt + middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  let place = 2 * low;
  if (low < count && doubles[boundsAt + low] === value) place += 1;
  const classesPerSet = words[at + CLASSES_PER_SET] ?? 1;
  if (classesPerSet > 1) place = setPlace(place, count, classesPerSet);
  return words[at + HEAD_WORDS + place] ?? 0;
}

/**
 * Where the set of a class is. What is below all bounds or above them shares its set with no other class: often no row
 * allows it at all, and then nothing else needs to be asked.
 */
function setPlace(place: number, bounds: number, classesPerSet: number): number {
  const shared = ((place + classesPerSet - 1) / classesPerSet) | 0;
  const isAbove = place > 0 && place === 2 * bounds;
  return isAbove ? (((place + classesPerSet - 2) / classesPerSet) | 0) + 1 : shared;
}
