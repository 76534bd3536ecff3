// How a set of rows is put into a block. See layout.ts for the two forms.
import type { BlockWriter } from './block-writer.js';
import { countBits } from './count-bits.js';
import { DENSE, FIRST, LAST, SPARSE, STORAGE, SUMMARY, WORD_ROWS_MAX } from './layout.js';
import type { ClassWriter } from './number-classes.js';
import type { RowSet } from './row-set.js';

const BEHIND_ALL_ROWS = 0x7fff_ffff;
const BEFORE_ALL_ROWS = -1;

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
    if (rows.filledWords === 0) return this.empty(always);
    const { filledWords, summary, words } = rows;
    return summary.length + filledWords < words.length ? this.#writeSparse(rows) : this.#writeDense(rows);
  }

  /** For classes of numbers. */
  besides(always: RowSet): ClassWriter {
    return { write: (rows) => this.write(rows, always), writtenWords: (rows) => this.#writtenWords(rows) };
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
    return this.#writeDense(rows);
  }

  #writtenWords({ filledWords, summary, words }: RowSet): number {
    if (this.#isWord || filledWords === 0) return 0;
    return SUMMARY + summary.length + Math.min(summary.length + filledWords, words.length);
  }

  #writeDense(set: RowSet): number {
    const at = this.#writeHead(set, DENSE);
    this.#block.append(set.words);
    return at;
  }

  #writeSparse(set: RowSet): number {
    const block = this.#block;
    const at = this.#writeHead(set, SPARSE);
    const ranksAt = block.reserve(this.#summaryWords + set.filledWords);
    const wordsAt = ranksAt + this.#summaryWords;
    let rank = 0;
    let summarised = -1;
    set.forEachWord((word, w) => {
      // The rank of a summary word that is zero is asked by nobody.
      if (w >>> 5 !== summarised) block.set(ranksAt + (summarised = w >>> 5), rank);
      block.set(wordsAt + rank, word);
      rank += 1;
    });
    return at;
  }

  #writeHead(set: RowSet, form: number): number {
    const block = this.#block;
    const at = block.reserve(SUMMARY);
    let first = BEHIND_ALL_ROWS;
    let last = BEFORE_ALL_ROWS;
    let rows = 0;
    set.forEachWord((word, w) => {
      rows += countBits(word);
      if (first === BEHIND_ALL_ROWS) first = 32 * w + 31 - Math.clz32(word & -word);
      last = 32 * w + 31 - Math.clz32(word);
    });
    block.set(at + STORAGE, 2 * rows + form);
    block.set(at + FIRST, first);
    block.set(at + LAST, last);
    block.append(set.summary);
    return at;
  }
}
