// Intersects sets of rows that are longer than a word, and takes the first row: word by word of the summaries, and
// only where those have a bit in common, of the sets themselves. On the hot path of an org with many routes; the
// arrays are the thread's own, since a decision is made at once.
import { DENSE, FIRST, LAST, STORAGE, SUMMARY } from './layout.js';

/** Dimensions of one index, at most. */
const DIMENSIONS_MAX = 16;

/** For each dimension of the decision that is being made: its rows that ask nothing (dense), and those of the value. */
export const alwaysAt = new Int32Array(DIMENSIONS_MAX);
export const valueAt = new Int32Array(DIMENSIONS_MAX);

/** What `findRange` found, at these two places. */
export const range = new Int32Array(2);
export const FIRST_POSSIBLE = 0;
export const LAST_POSSIBLE = 1;

/** No common row of the first `dimensions` dimensions is before the first possible one, or behind the last. */
export function findRange(words: Int32Array, dimensions: number): void {
  let first = 0;
  let last = 0x7fff_ffff;
  for (let d = 0; d < dimensions; d += 1) {
    const always = alwaysAt[d] ?? 0;
    const value = valueAt[d] ?? 0;
    const begin = Math.min(words[always + FIRST] ?? 0, words[value + FIRST] ?? 0);
    const end = Math.max(words[always + LAST] ?? 0, words[value + LAST] ?? 0);
    if (begin > first) first = begin;
    if (end < last) last = end;
  }
  range[FIRST_POSSIBLE] = first;
  range[LAST_POSSIBLE] = last;
}

/** What `firstCommonRow` gives when it has looked at as many words as it may. */
export const UNDECIDED = -2;

/**
 * The first row in `from … to` that is in the sets of the first `dimensions` dimensions; -1: there is none.
 * Dimensions that leave the fewest rows stand first, so that most words are done with after one of them.
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
  const firstSummary = from >>> 10;
  const lastSummary = Math.min(summaryWords - 1, to >>> 10);
  for (let s = firstSummary; s <= lastSummary; s += 1) {
    let candidates = s === firstSummary ? -1 << ((from >>> 5) & 31) : -1;
    for (let d = 0; d < dimensions && candidates !== 0; d += 1) {
      candidates &=
        (words[(alwaysAt[d] ?? 0) + SUMMARY + s] ?? 0) | (words[(valueAt[d] ?? 0) + SUMMARY + s] ?? 0);
    }
    while (candidates !== 0) {
      if (left === 0) return UNDECIDED;
      left -= 1;
      const bit = candidates & -candidates;
      candidates ^= bit;
      const w = 32 * s + 31 - Math.clz32(bit);
      let rows = w === from >>> 5 ? -1 << (from & 31) : -1;
      for (let d = 0; d < dimensions && rows !== 0; d += 1) {
        rows &=
          (words[(alwaysAt[d] ?? 0) + SUMMARY + summaryWords + w] ?? 0) |
          wordOf(words, valueAt[d] ?? 0, summaryWords, w);
      }
      if (rows !== 0) return 32 * w + 31 - Math.clz32(rows & -rows);
    }
  }
  return -1;
}

/** Whether a row is in the sets of the dimensions from `first` to before `end`. */
export function isCommonRow(
  words: Int32Array,
  summaryWords: number,
  first: number,
  end: number,
  row: number,
): boolean {
  const w = row >>> 5;
  for (let d = first; d < end; d += 1) {
    const word =
      (words[(alwaysAt[d] ?? 0) + SUMMARY + summaryWords + w] ?? 0) |
      wordOf(words, valueAt[d] ?? 0, summaryWords, w);
    if (((word >>> (row & 31)) & 1) === 0) return false;
  }
  return true;
}

/** Whether a row is in a dense set. */
export function isInDenseSet(words: Int32Array, summaryWords: number, at: number, row: number): boolean {
  return (((words[at + SUMMARY + summaryWords + (row >>> 5)] ?? 0) >>> (row & 31)) & 1) === 1;
}

/** Word `w` of a set in either form. */
export function wordOf(words: Int32Array, at: number, summaryWords: number, w: number): number {
  if (words[at + STORAGE] === DENSE) return words[at + SUMMARY + summaryWords + w] ?? 0;
  const s = w >>> 5;
  const summary = words[at + SUMMARY + s] ?? 0;
  const bit = 1 << (w & 31);
  if ((summary & bit) === 0) return 0;
  const rank = (words[at + SUMMARY + summaryWords + s] ?? 0) + countBits(summary & (bit - 1));
  return words[at + SUMMARY + 2 * summaryWords + rank] ?? 0;
}

/** Hacker's Delight, 5-1. */
function countBits(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
