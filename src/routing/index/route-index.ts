// Signals + index → outcome. The hot path: an index is read in place, in memory that other threads read too, and
// nothing is allocated for a request. For each dimension the request's value names a set of rows; the first row that
// is in all of them is selected. Run the bench cases `resolve …` before changing anything here.
import { scanKeywords } from '../keywords/scan-keywords.js';
import { FORCE_ROUTE, PROMPT, type Signals, UNKNOWN_TEXT } from '../signals.js';
import { NO_MATCH } from '../table.js';
import { CandidateMemo, TOO_MANY } from './candidate-memo.js';
import {
  FIRST_POSSIBLE,
  LAST_POSSIBLE,
  alwaysAt,
  findRange,
  firstCommonRow,
  isCommonRow,
  UNDECIDED,
  isInDenseSet,
  range,
  valueAt,
} from './large-sets.js';
import * as layout from './layout.js';
import { findNumber, isBetweenBounds, isInexact } from './number-classes.js';
import { findText } from './text-table.js';

/** Rows that are asked for their bounds before the sets of numbers are found. */
const ROWS_ASKED_MAX = 3;

/** To intersect a few words takes no longer than to look up what was left before. */
const WORDS_BEFORE_MEMO = 8;

/** Ids of the keywords that a prompt contains. Of the thread: a decision is made at once. */
let hits = new Int32Array(256);

export class RouteIndex {
  readonly words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #doubles: Float64Array;
  readonly #dimensions: number;
  readonly #categories: number;
  readonly #directory: number;
  /** Where the entries of each kind end: texts come first, then flags, then numbers. */
  readonly #textsEnd: number;
  readonly #flagsEnd: number;
  readonly #numbersEnd: number;
  readonly #keywords: number;
  readonly #summaryWords: number;
  readonly #isExact: boolean;
  #memo: CandidateMemo | undefined;

  /** @param words as write-index.ts made them, at a multiple of 8 bytes from the start of their buffer. */
  constructor(words: Int32Array) {
    const { buffer, byteOffset, byteLength } = words;
    this.words = words;
    this.#bytes = new Uint8Array(buffer, byteOffset, byteLength);
    this.#doubles = new Float64Array(buffer, byteOffset, byteLength >> 3);
    this.#dimensions = words[layout.DIMENSIONS] ?? 0;
    this.#categories = words[layout.CATEGORIES] ?? 0;
    this.#directory = words[layout.DIRECTORY] ?? 0;
    this.#textsEnd = this.#directory + (words[layout.TEXTS] ?? 0) * layout.ENTRY_WORDS;
    this.#flagsEnd = this.#directory + this.#categories * layout.ENTRY_WORDS;
    this.#numbersEnd = this.#directory + this.#dimensions * layout.ENTRY_WORDS;
    this.#keywords = words[layout.KEYWORDS] ?? 0;
    this.#summaryWords = words[layout.SUMMARY_WORDS] ?? 0;
    this.#isExact = !this.#someDimensionIsInexact();
  }

  /** The number of the outcome that a request selects. */
  select(signals: Signals): number {
    const { words } = this;
    if (signals.starts[FORCE_ROUTE] !== UNKNOWN_TEXT) {
      return this.#findText(words[layout.NAMES] ?? 0, signals, FORCE_ROUTE);
    }
    const rows = words[layout.ROWS] ?? 0;
    if (rows === 0) return NO_MATCH;
    const row =
      rows <= layout.SMALL_ROWS_MAX ? this.#selectSmall(rows, signals) : this.#selectLarge(rows, signals);
    return row < 0 ? NO_MATCH : (words[(words[layout.OUTCOMES] ?? 0) + row] ?? NO_MATCH);
  }

  #selectSmall(count: number, signals: Signals): number {
    let rows = -1 >>> (32 - count);
    const { words } = this;
    const { starts, ends, numbers, flags, view } = signals;
    // The directory has texts first, then flags, then numbers: a loop for each is one of few branches.
    let entry = this.#directory;
    for (const end = this.#textsEnd; entry < end; entry += layout.ENTRY_WORDS) {
      const signal = words[entry + layout.SIGNAL] ?? 0;
      const start = starts[signal] ?? UNKNOWN_TEXT;
      rows &=
        start === UNKNOWN_TEXT
          ? (words[entry + layout.UNKNOWN] ?? 0)
          : findText(words, this.#bytes, words[entry + layout.DATA] ?? 0, view, start, ends[signal] ?? 0);
      if (rows === 0) return -1;
    }
    for (const end = this.#flagsEnd; entry < end; entry += layout.ENTRY_WORDS) {
      const state = flags[words[entry + layout.SIGNAL] ?? 0] ?? 0;
      rows &= words[(words[entry + layout.DATA] ?? 0) + state] ?? 0;
    }
    if (rows === 0) return -1;
    for (const end = this.#numbersEnd; entry < end; entry += layout.ENTRY_WORDS) {
      const value = numbers[words[entry + layout.SIGNAL] ?? 0] ?? NaN;
      if (Number.isNaN(value)) rows &= words[entry + layout.UNKNOWN] ?? 0;
      else rows &= findNumber(words, this.#doubles, words[entry + layout.DATA] ?? 0, value);
    }
    const section = this.#keywords;
    if (section !== 0) {
      const withoutKeywords = words[section + layout.KEYWORDS_ALWAYS] ?? 0;
      // The prompt is looked at only if the first row that is left asks something of it.
      if ((rows & -rows & withoutKeywords) === 0) {
        let allowed = withoutKeywords;
        const count = this.#scan(section, signals);
        for (let hit = 0; hit < count; hit += 1) {
          allowed |= words[section + layout.KEYWORDS_SETS + (hits[hit] ?? 0)] ?? 0;
        }
        rows &= allowed;
      }
    }
    return rows === 0 ? -1 : 31 - Math.clz32(rows & -rows);
  }

  #selectLarge(count: number, signals: Signals): number {
    const { words } = this;
    const dimensions = this.#dimensions;
    const section = this.#keywords;
    this.#findCategories(signals);
    if (dimensions === 1 && section === 0 && this.#isExact) {
      // One set alone has its own first row.
      this.#findNumbers(signals);
      findRange(words, 1);
      const row = range[FIRST_POSSIBLE] ?? 0;
      return row < count ? row : -1;
    }
    // Whatever the prompt says, no row before this one is selected.
    let first = this.#firstRowOfCategories(count, signals);
    if (first === UNDECIDED || (first >= 0 && section !== 0)) this.#findNumbers(signals);
    if (first === UNDECIDED) first = this.#firstRow(dimensions, 0, count - 1, signals);
    if (section === 0 || first < 0) return first;
    const always = words[section + layout.KEYWORDS_ALWAYS] ?? 0;
    if (isInDenseSet(words, this.#summaryWords, always, first)) return first;
    // The prompt is one more dimension: of each keyword that it contains, and of none.
    alwaysAt[dimensions] = always;
    valueAt[dimensions] = words[layout.EMPTY_SET] ?? 0;
    let row = this.#firstRow(dimensions + 1, first, count - 1, signals);
    for (let hit = this.#scan(section, signals) - 1; hit >= 0; hit -= 1) {
      valueAt[dimensions] = words[section + layout.KEYWORDS_SETS + (hits[hit] ?? 0)] ?? 0;
      const earlier = this.#firstRow(dimensions + 1, first, row < 0 ? count - 1 : row - 1, signals);
      if (earlier >= 0) row = earlier;
    }
    return row;
  }

  #findCategories({ starts, ends, flags, view }: Signals): void {
    const { words } = this;
    let entry = this.#directory;
    let d = 0;
    for (const end = this.#textsEnd; entry < end; entry += layout.ENTRY_WORDS, d += 1) {
      const signal = words[entry + layout.SIGNAL] ?? 0;
      const start = starts[signal] ?? UNKNOWN_TEXT;
      alwaysAt[d] = words[entry + layout.ALWAYS] ?? 0;
      valueAt[d] =
        start === UNKNOWN_TEXT
          ? (words[entry + layout.UNKNOWN] ?? 0)
          : findText(words, this.#bytes, words[entry + layout.DATA] ?? 0, view, start, ends[signal] ?? 0);
    }
    for (const end = this.#flagsEnd; entry < end; entry += layout.ENTRY_WORDS, d += 1) {
      const state = flags[words[entry + layout.SIGNAL] ?? 0] ?? 0;
      alwaysAt[d] = words[entry + layout.ALWAYS] ?? 0;
      valueAt[d] = words[(words[entry + layout.DATA] ?? 0) + state] ?? 0;
    }
  }

  #findNumbers({ numbers }: Signals): void {
    const { words } = this;
    let d = this.#categories;
    for (let entry = this.#flagsEnd; entry < this.#numbersEnd; entry += layout.ENTRY_WORDS, d += 1) {
      const value = numbers[words[entry + layout.SIGNAL] ?? 0] ?? NaN;
      alwaysAt[d] = words[entry + layout.ALWAYS] ?? 0;
      valueAt[d] = Number.isNaN(value)
        ? (words[entry + layout.UNKNOWN] ?? 0)
        : findNumber(words, this.#doubles, words[entry + layout.DATA] ?? 0, value);
    }
  }

  /**
   * The first row, found without the sets of numbers: texts and flags leave few rows as a rule, and to ask those for
   * their bounds takes less than to find the numbers' sets. UNDECIDED: they leave more.
   */
  #firstRowOfCategories(count: number, signals: Signals): number {
    const categories = this.#categories;
    if (categories === 0) return UNDECIDED;
    const { words } = this;
    findRange(words, categories);
    const last = Math.min(count - 1, range[LAST_POSSIBLE] ?? 0);
    let from = range[FIRST_POSSIBLE] ?? 0;
    for (let tries = 0; tries < ROWS_ASKED_MAX; tries += 1) {
      if (from > last) return -1;
      const row = firstCommonRow(words, this.#summaryWords, categories, from, last, WORDS_BEFORE_MEMO);
      if (row === UNDECIDED) return UNDECIDED;
      if (row < 0 || row > last) return -1;
      if (this.#numbersAllow(row, signals)) return row;
      from = row + 1;
    }
    return UNDECIDED;
  }

  /** The first row in `from … to` that is in the sets of that many dimensions. */
  #firstRow(dimensions: number, from: number, to: number, signals: Signals): number {
    const { words } = this;
    const summaryWords = this.#summaryWords;
    findRange(words, dimensions);
    const first = Math.max(from, range[FIRST_POSSIBLE] ?? 0);
    const last = Math.min(to, range[LAST_POSSIBLE] ?? 0);
    if (first > last) return -1;
    let row = first - 1;
    do {
      if (row === last) return -1;
      row = firstCommonRow(words, summaryWords, dimensions, row + 1, last, WORDS_BEFORE_MEMO);
      if (row === UNDECIDED) return this.#firstRowByMemo(dimensions, first, last, signals);
      if (row < 0 || row > last) return -1;
    } while (!this.#isReallyAllowed(row, signals));
    return row;
  }

  /** The same where many words have rows of each dimension, but none in common. */
  #firstRowByMemo(dimensions: number, first: number, last: number, signals: Signals): number {
    const { words } = this;
    const summaryWords = this.#summaryWords;
    if (this.#categories > 0) {
      const memo = (this.#memo ??= new CandidateMemo(this.#categories, words[layout.ROWS] ?? 0));
      const count = memo.find(words, summaryWords);
      for (let candidate = 0; candidate < count; candidate += 1) {
        const row = memo.rows[memo.at + candidate] ?? 0;
        if (row < first) continue;
        if (row > last) break;
        if (
          isCommonRow(words, summaryWords, this.#categories, dimensions, row) &&
          this.#isReallyAllowed(row, signals)
        ) {
          return row;
        }
      }
      if (count !== TOO_MANY) return -1;
    }
    let row = first - 1;
    do {
      if (row === last) return -1;
      row = firstCommonRow(words, summaryWords, dimensions, row + 1, last, Infinity);
      if (row < 0 || row > last) return -1;
    } while (!this.#isReallyAllowed(row, signals));
    return row;
  }

  #findText(table: number, { view, starts, ends }: Signals, signal: number): number {
    return findText(this.words, this.#bytes, table, view, starts[signal] ?? 0, ends[signal] ?? 0);
  }

  /** Fills `hits`, and returns how many there are. */
  #scan(section: number, { bytes, starts, ends }: Signals): number {
    const start = starts[PROMPT] ?? UNKNOWN_TEXT;
    if (start === UNKNOWN_TEXT) return 0;
    const keywords = this.words[section + layout.KEYWORDS_COUNT] ?? 0;
    if (hits.length < keywords) hits = new Int32Array(keywords);
    const matcher = this.words[section + layout.KEYWORDS_MATCHER] ?? 0;
    return scanKeywords(this.words, matcher, bytes, start, ends[PROMPT] ?? 0, hits);
  }

  /** Where classes of numbers share sets, a row in such a set must still be asked for its own bounds. */
  #isReallyAllowed(row: number, signals: Signals): boolean {
    return this.#isExact || this.#numbersAllow(row, signals);
  }

  #numbersAllow(row: number, { numbers }: Signals): boolean {
    const { words } = this;
    for (let entry = this.#flagsEnd; entry < this.#numbersEnd; entry += layout.ENTRY_WORDS) {
      const value = numbers[words[entry + layout.SIGNAL] ?? 0] ?? NaN;
      if (!isBetweenBounds(words, this.#doubles, words[entry + layout.DATA] ?? 0, row, value)) return false;
    }
    return true;
  }

  #someDimensionIsInexact(): boolean {
    for (let d = 0; d < this.#dimensions; d += 1) {
      const entry = this.#directory + d * layout.ENTRY_WORDS;
      const isNumber = this.words[entry + layout.KIND] === layout.NUMBER;
      if (isNumber && isInexact(this.words, this.words[entry + layout.DATA] ?? 0)) return true;
    }
    return false;
  }
}
