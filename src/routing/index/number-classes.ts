// Which rows a number allows. The bounds of all rows cut the line into classes, below, at and between them, and within
// a class every number allows the same rows: a set of them, or a run that is tried. Where those of so many classes would
// take too much memory, neighbours share one that has the rows of each, and the row itself must be asked whether it is
// really allowed.
import type { OpenInterval } from '../dimensions/dimension.js';
import type { BlockWriter } from './block-writer.js';
import { type ClassSweep, sweepOf, visitClasses } from './class-sweep.js';
import { RowSet } from './row-set.js';

/** Offset of an entry for each bound, ascending, and of one behind all. */
const ENTRIES_AT = 0;
/** Offset of two doubles: the lowest bound, and buckets for each unit above it. */
const SCALE_AT = 1;
/** Buckets less one, and the offset of the first entry of each: a search begins in its bucket, not in the middle. */
const LAST_BUCKET = 2;
const BUCKETS_AT = 3;
const HEAD_WORDS = 4;

// An entry, all that the end of a search needs: the bound, a double, and what stands for the class at it and for the one
// between it and the bound before. Behind all bounds is NaN, which no number equals.
const AT_BOUND = 2;
const BELOW_BOUND = 3;
const ENTRY_WORDS = 4;

/** The rows of all classes may take 128 bytes a row. */
const WORDS_PER_ROW_MAX = 32;

/** Writes the rows of a class, in whatever form. */
export interface ClassWriter {
  /** @returns what stands for them. */
  write(rows: RowSet): number;
  /** The words of the block that this takes. */
  writtenWords(rows: RowSet): number;
}

export interface NumberClasses {
  readonly at: number;
  /** Sets are shared by several classes, so that each row must be asked for its own bounds. */
  readonly isInexact: boolean;
}

/** @param intervals one for each row; undefined: the row asks nothing of the number. */
export function writeNumberClasses(
  block: BlockWriter,
  writer: ClassWriter,
  intervals: readonly (OpenInterval | undefined)[],
): NumberClasses {
  const sweep = sweepOf(intervals);
  const { bounds } = sweep;
  const classes = 2 * bounds.length + 1;
  const classesPerSet = classesPerSetOf(sweep, writer);

  const at = block.reserve(HEAD_WORDS);
  const entriesAt = block.appendDoubles([...bounds, NaN].flatMap((bound) => [bound, 0]));
  block.set(at + ENTRIES_AT, entriesAt);
  writeBuckets(block, at, bounds);
  const shared = new RowSet(intervals.length);
  const written = new RowSet(intervals.length);
  let writtenAt: number | undefined;
  let isFirstOfSet = true;
  let first = 0;
  let next = 0;
  visitClasses(sweep, (allowed, begun) => {
    if (isFirstOfSet) shared.become(allowed);
    else for (const row of begun) shared.add(row);
    const place = setPlace(next, bounds.length, classesPerSet);
    next += 1;
    isFirstOfSet = next === classes || setPlace(next, bounds.length, classesPerSet) !== place;
    if (!isFirstOfSet) return;
    // Neighbours often allow the same rows; then they have the same set.
    if (writtenAt === undefined || !written.isEqual(shared)) writtenAt = writer.write(shared);
    written.become(shared);
    for (; first < next; first += 1) {
      block.set(
        entriesAt + ENTRY_WORDS * (first >>> 1) + (first % 2 === 0 ? BELOW_BOUND : AT_BOUND),
        writtenAt,
      );
    }
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

function classesPerSetOf(sweep: ClassSweep, writer: ClassWriter): number {
  return Math.max(1, Math.ceil(wordsOf(sweep, writer) / (WORDS_PER_ROW_MAX * sweep.rows)));
}

/** What the sets would take if no class shared one with others. */
function wordsOf(sweep: ClassSweep, writer: ClassWriter): number {
  let words = 0;
  visitClasses(sweep, (allowed, _, hasChanged) => {
    if (hasChanged) words += writer.writtenWords(allowed);
  });
  return words;
}

/** The set of rows that a known number allows, beside those that ask nothing of it. */
export function findClass(words: Int32Array, doubles: Float64Array, at: number, value: number): number {
  const entriesAt = words[at + ENTRIES_AT] ?? 0;
  const scaleAt = (words[at + SCALE_AT] ?? 0) >> 1;
  const last = words[at + LAST_BUCKET] ?? 0;
  const bucket =
    (words[at + BUCKETS_AT] ?? 0) + bucketOf(value, doubles[scaleAt] ?? 0, doubles[scaleAt + 1] ?? 0, last);
  let low = words[bucket] ?? 0;
  let high = words[bucket + 1] ?? 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((doubles[(entriesAt + ENTRY_WORDS * middle) >> 1] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  const entry = entriesAt + ENTRY_WORDS * low;
  return words[entry + (doubles[entry >> 1] === value ? AT_BOUND : BELOW_BOUND)] ?? 0;
}

/**
 * Which set a class has, as a number. What is below all bounds or above them shares its set with no other class: often no row
 * allows it at all, and then nothing else needs to be asked.
 */
function setPlace(place: number, bounds: number, classesPerSet: number): number {
  const shared = ((place + classesPerSet - 1) / classesPerSet) | 0;
  const isAbove = place > 0 && place === 2 * bounds;
  return isAbove ? (((place + classesPerSet - 2) / classesPerSet) | 0) + 1 : shared;
}
