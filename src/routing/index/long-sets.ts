// A node whose sets are longer than a word: the first row that is in all of them is looked for word by word. The
// arrays are the thread's own, since a decision is made at once.
import { type Signals, UNKNOWN_TEXT } from '../signals.js';
import {
  FIRST_POSSIBLE,
  LAST_POSSIBLE,
  UNDECIDED,
  alwaysAt,
  findRange,
  firstCommonRow,
  isCommonRow,
  isInDenseSet,
  nextRow,
  range,
  sizeOf,
  valueAt,
} from './common-rows.js';
import { findCombination } from './flag-combinations.js';
import type { IndexMemory } from './index-memory.js';
import { findKeywords, hits } from './keyword-hits.js';
import * as layout from './layout.js';
import { findClass } from './number-classes.js';
import { termsHold } from './row-terms.js';
import { findText } from './text-table.js';

/** A set of no more rows is left to them: what else they ask for is not looked up. */
const ROWS_TRIED_MAX = 32;

/** Rows that are asked for their bounds before the sets of numbers are found. */
const ROWS_ASKED_MAX = 3;

/** Words of sets that are looked at for that. */
const WORDS_ASKED_MAX = 8;

/** The first row of the node at `at` that the request fulfils, if it is before `limit`; otherwise `limit`. */
export function firstOfLongSets(memory: IndexMemory, at: number, limit: number, signals: Signals): number {
  const { words } = memory;
  const numbersAt = words[at + layout.NUMBERS] ?? 0;
  const row = firstRow(memory, at, lastBefore(words, at, limit), signals);
  return row < 0 ? limit : (words[numbersAt + row] ?? limit);
}

/** The last of the node's rows that is before `limit`. */
function lastBefore(words: Int32Array, at: number, limit: number): number {
  const numbersAt = words[at + layout.NUMBERS] ?? 0;
  let low = 0;
  let high = (words[at + layout.COUNT] ?? 0) - 1;
  if ((words[numbersAt + high] ?? 0) < limit) return high;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((words[numbersAt + middle] ?? 0) < limit) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The first row in `0 … last`, numbered as the node's sets are; -1: there is none. */
function firstRow(memory: IndexMemory, at: number, last: number, signals: Signals): number {
  const section = memory.words[at + layout.KEYWORDS] ?? 0;
  const first = firstRowWhateverThePrompt(memory, at, last, section !== 0, signals);
  return section === 0 || first < 0 ? first : firstRowOfPrompt(memory, at, section, first, last, signals);
}

/**
 * The first row if the prompt had every keyword.
 *
 * @param areSetsWanted the sets of all dimensions are to be in `alwaysAt` and `valueAt` if there is a row.
 */
function firstRowWhateverThePrompt(
  memory: IndexMemory,
  at: number,
  last: number,
  areSetsWanted: boolean,
  signals: Signals,
): number {
  const { words } = memory;
  const categories = entriesBefore(words, at, layout.FLAGS_END);
  const dimensions = entriesBefore(words, at, layout.NUMBERS_END);
  let numbersFound = 0;
  if (words[at + layout.ALL_ASK_FIRST_NUMBER] === 1) {
    findNumber(memory, at, 0, categories, signals);
    const set = valueAt[categories] ?? 0;
    const first = words[set + layout.FIRST] ?? 0;
    if (first > last) return -1;
    if (dimensions === 1 && words[at + layout.IS_INEXACT] === 0) return first;
    if (!areSetsWanted && sizeOf(words, set) <= ROWS_TRIED_MAX) {
      return firstFulfilled(memory, at, set, first, last, signals);
    }
    numbersFound = 1;
  }
  findCategories(memory, at, signals);
  let first = UNDECIDED;
  if (numbersFound === 0 && categories < dimensions) first = firstRowOfCategories(memory, at, last, signals);
  if (first === UNDECIDED || (first >= 0 && areSetsWanted)) {
    for (let place = numbersFound; place < dimensions - categories; place += 1)
      findNumber(memory, at, place, categories + place, signals);
  }
  return first === UNDECIDED ? firstRowOf(memory, at, dimensions, 0, last, signals) : first;
}

/** The first of a set's rows `first … last` that the request fulfils; -1: there is none. */
function firstFulfilled(
  memory: IndexMemory,
  at: number,
  set: number,
  first: number,
  last: number,
  signals: Signals,
): number {
  const { words } = memory;
  const summaryWords = words[at + layout.SUMMARY_WORDS] ?? 0;
  for (let row = first; row >= 0 && row <= last; row = nextRow(words, summaryWords, set, row + 1)) {
    if (isFulfilled(memory, at, row, signals)) return row;
  }
  return -1;
}

/** The same for the prompt as it is, given the row that would be first if it had every keyword. */
function firstRowOfPrompt(
  memory: IndexMemory,
  at: number,
  section: number,
  first: number,
  last: number,
  signals: Signals,
): number {
  const { words } = memory;
  const always = words[section + layout.KEYWORDS_ALWAYS] ?? 0;
  if (isInDenseSet(words, words[at + layout.SUMMARY_WORDS] ?? 0, always, first)) return first;
  // The prompt is one more dimension: of each keyword that it contains, and of none.
  const prompt = entriesBefore(words, at, layout.NUMBERS_END);
  alwaysAt[prompt] = always;
  valueAt[prompt] = words[at + layout.EMPTY_SET] ?? 0;
  const { search } = signals;
  const paused = search?.resume(section);
  let row = paused?.row ?? firstRowOf(memory, at, prompt + 1, first, last, signals);
  const count = findKeywords(words, section, signals);
  const hitsEnd = paused?.hits ?? count;
  // Of a long prompt only so many at once, so that others have their turn in between.
  const hitsLeft = search === undefined ? 0 : Math.max(0, hitsEnd - search.hitsMax);
  for (let hit = hitsEnd - 1; hit >= hitsLeft; hit -= 1) {
    const set = words[section + layout.KEYWORDS_SETS + (hits[hit] ?? 0)] ?? 0;
    const end = row < 0 ? last : row - 1;
    valueAt[prompt] = set;
    const earlier =
      set < 0
        ? firstOfList(memory, at, ~set, prompt, first, end, signals)
        : firstRowOf(memory, at, prompt + 1, first, end, signals);
    if (earlier >= 0) row = earlier;
  }
  if (hitsLeft > 0) search?.pause({ section, hits: hitsLeft, row });
  return row;
}

/** The first row in `from … to` that is in a list of rows, and in the sets of that many dimensions. */
function firstOfList(
  memory: IndexMemory,
  at: number,
  list: number,
  dimensions: number,
  from: number,
  to: number,
  signals: Signals,
): number {
  const { words } = memory;
  const summaryWords = words[at + layout.SUMMARY_WORDS] ?? 0;
  const isInexact = words[at + layout.IS_INEXACT] === 1;
  for (let next = list + 1; next <= list + (words[list] ?? 0); next += 1) {
    const row = words[next] ?? 0;
    if (row > to) return -1;
    if (row < from || !isCommonRow(words, summaryWords, dimensions, row)) continue;
    if (!isInexact || isFulfilledButForTexts(memory, at, row, signals)) return row;
  }
  return -1;
}

/** How many dimensions there are before an end that the node names. */
function entriesBefore(words: Int32Array, at: number, end: number): number {
  return ((words[at + end] ?? 0) - at - layout.DIRECTORY) / layout.ENTRY_WORDS;
}

function findCategories({ words }: IndexMemory, at: number, signals: Signals): void {
  const { starts, ends, view } = signals;
  let entry = at + layout.DIRECTORY;
  let d = 0;
  for (const end = words[at + layout.TEXTS_END] ?? 0; entry < end; entry += layout.ENTRY_WORDS, d += 1) {
    const signal = words[entry + layout.SIGNAL] ?? 0;
    const start = starts[signal] ?? UNKNOWN_TEXT;
    alwaysAt[d] = words[entry + layout.ALWAYS] ?? 0;
    valueAt[d] =
      start === UNKNOWN_TEXT
        ? (words[entry + layout.UNKNOWN] ?? 0)
        : findText(words, words[entry + layout.DATA] ?? 0, view, start, ends[signal] ?? 0);
  }
  for (const end = words[at + layout.FLAGS_END] ?? 0; entry < end; entry += layout.ENTRY_WORDS, d += 1) {
    alwaysAt[d] = words[entry + layout.ALWAYS] ?? 0;
    valueAt[d] = findCombination(words, words[entry + layout.DATA] ?? 0, signals);
  }
}

/** Finds the set of a number, whose place among numbers and among all dimensions is given. */
function findNumber(
  { words, doubles }: IndexMemory,
  at: number,
  place: number,
  d: number,
  { numbers }: Signals,
): void {
  const entry = (words[at + layout.FLAGS_END] ?? 0) + place * layout.ENTRY_WORDS;
  const value = numbers[words[entry + layout.SIGNAL] ?? 0] ?? NaN;
  alwaysAt[d] = words[entry + layout.ALWAYS] ?? 0;
  valueAt[d] = Number.isNaN(value)
    ? (words[entry + layout.UNKNOWN] ?? 0)
    : findClass(words, doubles, words[entry + layout.DATA] ?? 0, value);
}

/**
 * The first row, found without the sets of numbers: texts leave few rows as a rule, and to ask those for their bounds
 * takes less than to find the numbers' sets. UNDECIDED: they leave more.
 */
function firstRowOfCategories(memory: IndexMemory, at: number, last: number, signals: Signals): number {
  const { words } = memory;
  if (entriesBefore(words, at, layout.TEXTS_END) === 0) return UNDECIDED;
  const categories = entriesBefore(words, at, layout.FLAGS_END);
  const summaryWords = words[at + layout.SUMMARY_WORDS] ?? 0;
  findRange(words, categories);
  const end = Math.min(last, range[LAST_POSSIBLE] ?? 0);
  let from = range[FIRST_POSSIBLE] ?? 0;
  for (let tries = 0; tries < ROWS_ASKED_MAX; tries += 1) {
    if (from > end) return -1;
    const row = firstCommonRow(words, summaryWords, categories, from, end, WORDS_ASKED_MAX);
    if (row === UNDECIDED) return UNDECIDED;
    if (row < 0 || row > end) return -1;
    if (isFulfilledButForTexts(memory, at, row, signals)) return row;
    from = row + 1;
  }
  return UNDECIDED;
}

/** The first row in `from … to` that is in the sets of that many dimensions. */
function firstRowOf(
  memory: IndexMemory,
  at: number,
  dimensions: number,
  from: number,
  to: number,
  signals: Signals,
): number {
  const { words } = memory;
  findRange(words, dimensions);
  const first = Math.max(from, range[FIRST_POSSIBLE] ?? 0);
  const last = Math.min(to, range[LAST_POSSIBLE] ?? 0);
  const isInexact = words[at + layout.IS_INEXACT] === 1;
  if (first > last) return -1;
  // One set alone has its own first row.
  if (dimensions === 1 && from === 0 && !isInexact) return first;
  const summaryWords = words[at + layout.SUMMARY_WORDS] ?? 0;
  let row = first - 1;
  do {
    if (row === last) return -1;
    row = firstCommonRow(words, summaryWords, dimensions, row + 1, last, Infinity);
    if (row < 0 || row > last) return -1;
  } while (isInexact && !isFulfilledButForTexts(memory, at, row, signals));
  return row;
}

/** Whether a request fulfils all of a row but its keywords. */
function isFulfilled(memory: IndexMemory, at: number, row: number, signals: Signals): boolean {
  const { words } = memory;
  const terms = (words[at + layout.ROW_TERMS] ?? 0) + 3 * row;
  return termsHold(memory, words[terms] ?? 0, words[terms + 2] ?? 0, signals);
}

/** The same of a row whose texts are known to be those of the request. */
function isFulfilledButForTexts(memory: IndexMemory, at: number, row: number, signals: Signals): boolean {
  const { words } = memory;
  const terms = (words[at + layout.ROW_TERMS] ?? 0) + 3 * row;
  return termsHold(memory, words[terms] ?? 0, words[terms + 1] ?? 0, signals);
}
