// A set of rows while an index is being written, and how it is put into the block. See layout.ts for the two forms.
import type { BlockWriter } from './block-writer.js';
import { DENSE, FIRST, LAST, SPARSE, STORAGE, SUMMARY, WORD_ROWS_MAX } from './layout.js';

const BEHIND_ALL_ROWS = 0x7fff_ffff;
const BEFORE_ALL_ROWS = -1;

export class RowSet {
  readonly words: Uint32Array;

  constructor(rows: number) {
    this.words = new Uint32Array(Math.max(1, Math.ceil(rows / 32)));
  }

  add(row: number): void {
    const word = row >>> 5;
    this.words[word] = ((this.words[word] ?? 0) | (1 << (row & 31))) >>> 0;
  }

  remove(row: number): void {
    const word = row >>> 5;
    this.words[word] = ((this.words[word] ?? 0) & ~(1 << (row & 31))) >>> 0;
  }

  has(row: number): boolean {
    return (((this.words[row >>> 5] ?? 0) >>> (row & 31)) & 1) === 1;
  }

  addAll(other: RowSet): void {
    const { words } = this;
    for (let at = 0; at < words.length; at += 1)
      words[at] = ((words[at] ?? 0) | (other.words[at] ?? 0)) >>> 0;
  }

  /** Those of `rows` rows that this set doesn't have. */
  complement(rows: number): RowSet {
    const others = new RowSet(rows);
    for (let at = 0; at < rows; at += 1) if (!this.has(at)) others.add(at);
    return others;
  }

  intersection(other: RowSet): RowSet {
    const common = new RowSet(32 * this.words.length);
    for (let at = 0; at < common.words.length; at += 1)
      common.words[at] = ((this.words[at] ?? 0) & (other.words[at] ?? 0)) >>> 0;
    return common;
  }

  clear(): void {
    this.words.fill(0);
  }

  isEqual(other: RowSet): boolean {
    const { words } = this;
    for (let at = 0; at < words.length; at += 1) if (words[at] !== other.words[at]) return false;
    return true;
  }

  get size(): number {
    let size = 0;
    for (const word of this.words) for (let left = word; left !== 0; left &= left - 1) size += 1;
    return size;
  }

  /** The words that aren't zero. A table of 10,000 routes has as many sets: this, too, is a plain loop. */
  get filledWords(): number {
    let filled = 0;
    for (const word of this.words) if (word !== 0) filled += 1;
    return filled;
  }
}

/** The words that a set takes in a block. */
export function writtenWords({ filledWords, words }: RowSet): number {
  if (filledWords === 0) return 0;
  const summaryWords = Math.ceil(words.length / 32);
  return SUMMARY + summaryWords + Math.min(summaryWords + filledWords, words.length);
}

export class RowSetWriter {
  readonly #block: BlockWriter;
  readonly #isWord: boolean;
  readonly #summaryWords: number;
  /** Where the set without rows is, once it has been written. */
  #empty: number | undefined;

  constructor(block: BlockWriter, rows: number) {
    this.#block = block;
    this.#isWord = rows <= WORD_ROWS_MAX;
    this.#summaryWords = Math.ceil(rows / (32 * 32));
  }

  /**
   * Writes a set that a value of a signal allows, beside those rows that ask nothing of the signal.
   * @returns how the set is named in the block: the word itself, or an offset.
   */
  write(rows: RowSet, always: RowSet): number {
    if (this.#isWord) return ((rows.words[0] ?? 0) | (always.words[0] ?? 0)) >>> 0;
    const size = writtenWords(rows);
    return size === 0 ? this.empty(always) : this.#write(rows, size);
  }

  /** The set of no rows. */
  empty(always: RowSet): number {
    if (this.#isWord) return always.words[0] ?? 0;
    if (this.#empty === undefined) {
      // Summary and ranks are zero, and nothing looks further.
      this.#empty = this.#block.reserve(SUMMARY + 2 * this.#summaryWords);
      this.#block.set(this.#empty + FIRST, BEHIND_ALL_ROWS);
      this.#block.set(this.#empty + LAST, BEFORE_ALL_ROWS);
    }
    return this.#empty;
  }

  /** Rows that ask nothing of a signal: always dense, so that a decision needs no rank for them. */
  always(rows: RowSet): number {
    if (this.#isWord) return rows.words[0] ?? 0;
    return this.#write(rows, SUMMARY + this.#summaryWords + rows.words.length);
  }

  #write(set: RowSet, size: number): number {
    const { words } = set;
    const block = this.#block;
    const at = block.reserve(size);
    const isDense = size === SUMMARY + this.#summaryWords + words.length;
    let next = at + SUMMARY + (isDense ? this.#summaryWords : 2 * this.#summaryWords);
    const firstWord = next;
    let first = BEHIND_ALL_ROWS;
    let last = BEFORE_ALL_ROWS;
    for (let s = 0; s < this.#summaryWords; s += 1) {
      let summary = 0;
      if (!isDense) block.set(at + SUMMARY + this.#summaryWords + s, next - firstWord);
      for (let w = 32 * s; w < words.length && w < 32 * s + 32; w += 1) {
        const word = words[w] ?? 0;
        if (word !== 0) {
          summary |= 1 << (w & 31);
          if (first === BEHIND_ALL_ROWS) first = 32 * w + 31 - Math.clz32(word & -word);
          last = 32 * w + 31 - Math.clz32(word);
        }
        if (isDense || word !== 0) block.set(next++, word);
      }
      block.set(at + SUMMARY + s, summary);
    }
    block.set(at + STORAGE, 2 * set.size + (isDense ? DENSE : SPARSE));
    block.set(at + FIRST, first);
    block.set(at + LAST, last);
    return at;
  }
}
