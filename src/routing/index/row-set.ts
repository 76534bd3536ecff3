// A set of rows while an index is being written. It knows which of its words are filled, as the sets of an index do: a
// table of 10,000 routes has tens of thousands of sets, most of them of a few rows, and to look at all words of each
// would take a time that grows with the square of the routes.
import { countBits } from './count-bits.js';

export class RowSet {
  readonly words: Uint32Array;
  /** Bit w: word w is not zero. */
  readonly summary: Uint32Array;
  #filledWords = 0;

  constructor(rows: number) {
    this.words = new Uint32Array(Math.max(1, Math.ceil(rows / 32)));
    this.summary = new Uint32Array(Math.ceil(this.words.length / 32));
  }

  /** How many words are not zero. */
  get filledWords(): number {
    return this.#filledWords;
  }

  get size(): number {
    let size = 0;
    this.forEachWord((word) => {
      size += countBits(word);
    });
    return size;
  }

  add(row: number): void {
    this.#put(row >>> 5, (this.words[row >>> 5] ?? 0) | (1 << (row & 31)));
  }

  remove(row: number): void {
    this.#put(row >>> 5, (this.words[row >>> 5] ?? 0) & ~(1 << (row & 31)));
  }

  has(row: number): boolean {
    return (((this.words[row >>> 5] ?? 0) >>> (row & 31)) & 1) === 1;
  }

  /** Those of `rows` rows that this set doesn't have. */
  complement(rows: number): RowSet {
    const others = new RowSet(rows);
    for (let at = 0; at < rows; at += 1) if (!this.has(at)) others.add(at);
    return others;
  }

  /** The rows that are in another set of as many as well. */
  intersection(other: RowSet): RowSet {
    const common = new RowSet(32 * this.words.length);
    this.forEachWord((word, at) => {
      common.#put(at, word & (other.words[at] ?? 0));
    });
    return common;
  }

  clear(): void {
    this.forEachWord((_, at) => {
      this.#put(at, 0);
    });
  }

  /** Has just the rows of another set of as many. */
  become(other: RowSet): void {
    this.words.set(other.words);
    this.summary.set(other.summary);
    this.#filledWords = other.#filledWords;
  }

  /** Whether another set of as many has the same rows. */
  isEqual(other: RowSet): boolean {
    const { words } = this;
    if (this.#filledWords !== other.#filledWords) return false;
    for (let at = 0; at < words.length; at += 1) if (words[at] !== other.words[at]) return false;
    return true;
  }

  /** Visits the words that are not zero, in ascending order. */
  forEachWord(visit: (word: number, at: number) => void): void {
    for (let s = 0; s < this.summary.length; s += 1) {
      for (let left = this.summary[s] ?? 0; left !== 0; left &= left - 1) {
        const at = 32 * s + 31 - Math.clz32(left & -left);
        visit(this.words[at] ?? 0, at);
      }
    }
  }

  /** Visits the rows, in ascending order. */
  forEachRow(visit: (row: number) => void): void {
    this.forEachWord((word, at) => {
      for (let left = word; left !== 0; left &= left - 1) visit(32 * at + 31 - Math.clz32(left & -left));
    });
  }

  #put(at: number, word: number): void {
    const before = this.words[at] ?? 0;
    this.words[at] = word;
    if ((before === 0) === (word === 0)) return;
    this.summary[at >>> 5] = (this.summary[at >>> 5] ?? 0) ^ (1 << (at & 31));
    this.#filledWords += before === 0 ? 1 : -1;
  }
}
