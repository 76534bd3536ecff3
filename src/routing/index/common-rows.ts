// Intersects sets of rows that are longer than a word, and takes the first row: word by word of the summaries, and
// only where those have a bit in common, of the sets themselves. On the hot path of an org with many routes; the
// arrays are the thread's own, since a decision is made at once.
import { countBits } from './count-bits.js';
import { DENSE, FIRST, LAST, STORAGE, SUMMARY } from './layout.js';

/** Dimensions of one index, at most. */
const DIMENSIONS_MAX = 16;

/** For each dimension of the decision that is being made: its rows that ask nothing (dense), and those of the value. */
export const alwaysAt = new Int32Array(DIMENSIONS_MAX);
export const valueAt = new Int32Array(DIMENSIONS_MAX);

/** What `findRange` found, at these places. */
export const range = new Int32Array(4);
export const FIRST_POSSIBLE = 0;
export const LAST_POSSIBLE = 1;
/** The dimension that leaves the fewest rows, and how many those are. */
const NARROWEST = 2;
const FEWEST = 3;

const FEW_ROWS = 64;

/**
 * No common row of the first `dimensions` dimensions is before the first possible one, or behind the last. The
 * dimension that leaves the fewest rows is the one that `firstCommonRow` asks first.
 */
export function findRange(words: Int32Array, dimensions: number): void {
  let first = 0;
  let last = 0x7fff_ffff;
  let narrowest = 0;
  let fewest = 0x7fff_ffff;
  for (let d = 0; d < dimensions; d += 1) {
    const always = alwaysAt[d] ?? 0;
    const value = valueAt[d] ?? 0;
    const begin = Math.min(words[always + FIRST] ?? 0, words[value + FIRST] ?? 0);
    const end = Math.max(words[always + LAST] ?? 0, words[value + LAST] ?? 0);
    if (begin > first) first = begin;
    if (end < last) last = end;
    const rows = sizeOf(words, always) + sizeOf(words, value);
    if (rows < fewest) {
      fewest = rows;
      narrowest = d;
    }
  }
  range[FIRST_POSSIBLE] = first;
  range[LAST_POSSIBLE] = last;
  range[NARROWEST] = narrowest;
  range[FEWEST] = fewest;
}

/** Whether a row is in the sets of the first `dimensions` dimensions. */
export function isCommonRow(
  words: Int32Array,
  summaryWords: number,
  dimensions: number,
  row: number,
): boolean {
  let rows = 1 << (row & 31);
  for (let d = 0; d < dimensions && rows !== 0; d += 1) {
    rows &= wordOfDimension(words, d, summaryWords, row >>> 5);
  }
  return rows !== 0;
}

/** What `firstCommonRow` gives when it has looked at as many words as it may. */
export const UNDECIDED = -2;

/**
 * The first row in `from … to` that is in the sets of the first `dimensions` dimensions, whose range has been found;
 * -1: there is none.
 *
 * @param wordsMax how many words of the sets may be looked at.
 */
export function firstCommonRow(
  words: Int32Array,
  summaryWords: number,
  dimensions: number,
  from: number,
  to: number,
  wordsMax: number,
): number {
  let left = wordsMax;
  const narrowest = range[NARROWEST] ?? 0;
  // The summaries of the others would take longer than the few words of the narrowest do.
  const summarised = (range[FEWEST] ?? 0) > FEW_ROWS ? dimensions : 0;
  const firstSummary = from >>> 10;
  const lastSummary = Math.min(summaryWords - 1, to >>> 10);
  for (let s = firstSummary; s <= lastSummary; s += 1) {
    let candidates = s === firstSummary ? -1 << ((from >>> 5) & 31) : -1;
    if (dimensions > 0) candidates &= summaryOf(words, narrowest, s);
    for (let d = 0; d < summarised && candidates !== 0; d += 1) candidates &= summaryOf(words, d, s);
    while (candidates !== 0) {
      if (left === 0) return UNDECIDED;
      left -= 1;
      const bit = candidates & -candidates;
      candidates ^= bit;
      const w = 32 * s + 31 - Math.clz32(bit);
      let rows = w === from >>> 5 ? -1 << (from & 31) : -1;
      // Most words are done with after the narrowest dimension and one more.
      if (dimensions > 0) rows &= wordOfDimension(words, narrowest, summaryWords, w);
      for (let d = 0; d < dimensions && rows !== 0; d += 1) {
        if (d !== narrowest) rows &= wordOfDimension(words, d, summaryWords, w);
      }
      if (rows !== 0) return 32 * w + 31 - Math.clz32(rows & -rows);
    }
  }
  return -1;
}

function summaryOf(words: Int32Array, d: number, s: number): number {
  return (words[(alwaysAt[d] ?? 0) + SUMMARY + s] ?? 0) | (words[(valueAt[d] ?? 0) + SUMMARY + s] ?? 0);
}

function wordOfDimension(words: Int32Array, d: number, summaryWords: number, w: number): number {
  return (
    (words[(alwaysAt[d] ?? 0) + SUMMARY + summaryWords + w] ?? 0) |
    wordOf(words, valueAt[d] ?? 0, summaryWords, w)
  );
}

/** How many rows a set has. */
export function sizeOf(words: Int32Array, at: number): number {
  return (words[at + STORAGE] ?? 0) >>> 1;
}

/** The first row of a set that isn't before `from`; -1: there is none. */
export function nextRow(words: Int32Array, summaryWords: number, at: number, from: number): number {
  for (let s = from >>> 10; s < summaryWords; s += 1) {
    let summary = words[at + SUMMARY + s] ?? 0;
    if (s === from >>> 10) summary &= -1 << ((from >>> 5) & 31);
    for (; summary !== 0; summary &= summary - 1) {
      const w = 32 * s + 31 - Math.clz32(summary & -summary);
      let rows = wordOf(words, at, summaryWords, w);
      if (w === from >>> 5) rows &= -1 << (from & 31);
      if (rows !== 0) return 32 * w + 31 - Math.clz32(rows & -rows);
    }
  }
  return -1;
}

/** Whether a row is in a dense set. */
export function isInDenseSet(words: Int32Array, summaryWords: number, at: number, row: number): boolean {
  return (((words[at + SUMMARY + summaryWords + (row >>> 5)] ?? 0) >>> (row & 31)) & 1) === 1;
}

/** Word `w` of a set in either form. */
function wordOf(words: Int32Array, at: number, summaryWords: number, w: number): number {
  if (((words[at + STORAGE] ?? 0) & DENSE) !== 0) return words[at + SUMMARY + summaryWords + w] ?? 0;
  const s = w >>> 5;
  const summary = words[at + SUMMARY + s] ?? 0;
  const bit = 1 << (w & 31);
  if ((summary & bit) === 0) return 0;
  const rank = (words[at + SUMMARY + summaryWords + s] ?? 0) + countBits(summary & (bit - 1));
  return words[at + SUMMARY + 2 * summaryWords + rank] ?? 0;
}
