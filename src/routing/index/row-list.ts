// A few rows as they are, for which sets would be more than the rows themselves: each is a run of terms, all of which
// must hold, in the order of what they take. `firstOfList` is on the hot path: run the bench cases `resolve …` before
// changing it.
import { type Dimension, signalPlace } from '../dimensions/dimension.js';
import { FALSE_FLAG, type Signals, TRUE_FLAG, UNKNOWN_TEXT } from '../signals.js';
import type { BlockWriter } from './block-writer.js';
import type { IndexMemory } from './index-memory.js';
import { FIRST_ROW, KIND, ROW_LIST } from './layout.js';
import type { NumberedRow } from './numbered-row.js';
import { isSame } from './text-table.js';
import type { TextPool } from './text-pool.js';

/** Where the rows end. */
const END = 2;
const ROWS_AT = 3;

// A row: its number, and where its terms end; they follow.
const ROW = 0;
const TERMS_END = 1;
const TERMS = 2;

// A term: its kind, the signal's place, and what is asked of it.
const TERM_KIND = 0;
const TERM_SIGNAL = 1;
const TERM_DATA = 2;
const TERM_WORDS = 3;

/** The flag has the state DATA. */
const FLAG = 0;
/** The number is between the two doubles at DATA. */
const NUMBER = 1;
/** The text is the one at DATA. */
const TEXT = 2;
/** The text is one of those at DATA: their number, and where each is. */
const TEXTS = 3;

type Term = readonly [kind: number, signal: number, data: number];

/** @param rows at least one, none of which asks for keywords. */
export function writeRowList(
  block: BlockWriter,
  texts: TextPool,
  { rows, dimensions }: { readonly rows: readonly NumberedRow[]; readonly dimensions: readonly Dimension[] },
): number {
  const terms = rows.map((row) =>
    dimensions
      .map((dimension) => termOf(block, texts, row, dimension))
      .filter((term) => term !== undefined)
      .sort(([a], [b]) => a - b),
  );
  const words = terms.reduce((sum, { length }) => sum + TERMS + length * TERM_WORDS, 0);
  const at = block.reserve(ROWS_AT + words);
  block.set(at + KIND, ROW_LIST);
  block.set(at + FIRST_ROW, rows[0]?.number ?? 0);
  block.set(at + END, at + ROWS_AT + words);
  let next = at + ROWS_AT;
  for (const [index, { number }] of rows.entries()) {
    const own = terms[index] ?? [];
    block.set(next + ROW, number);
    block.set(next + TERMS_END, next + TERMS + own.length * TERM_WORDS);
    next += TERMS;
    for (const word of own.flat()) block.set(next++, word);
  }
  return at;
}

function termOf(
  block: BlockWriter,
  texts: TextPool,
  { when }: NumberedRow,
  dimension: Dimension,
): Term | undefined {
  switch (dimension.kind) {
    case 'flag': {
      const bound = dimension.boundOf(when);
      return bound === undefined ? undefined : [FLAG, signalPlace(dimension), bound ? TRUE_FLAG : FALSE_FLAG];
    }
    case 'number': {
      const interval = dimension.intervalOf(when);
      if (interval === undefined) return undefined;
      return [NUMBER, signalPlace(dimension), block.appendDoubles([interval.above, interval.below])];
    }
    case 'text': {
      const asked = dimension.textsOf(when);
      if (asked === undefined) return undefined;
      const places = asked.map((text) => texts.placeOf(text)).filter((place) => place !== undefined);
      const [only] = places;
      return only !== undefined && places.length === 1
        ? [TEXT, signalPlace(dimension), only]
        : [TEXTS, signalPlace(dimension), block.append([places.length, ...places])];
    }
    case 'keywords':
      return undefined;
  }
}

/** The first row of the list at `at` that the request fulfils, if it is before `limit`; otherwise `limit`. */
export function firstOfList(memory: IndexMemory, at: number, limit: number, signals: Signals): number {
  const { words } = memory;
  const end = words[at + END] ?? 0;
  let next = at + ROWS_AT;
  while (next < end) {
    const row = words[next + ROW] ?? 0;
    if (row >= limit) return limit;
    const termsEnd = words[next + TERMS_END] ?? 0;
    let term = next + TERMS;
    while (term < termsEnd && holds(memory, term, signals)) term += TERM_WORDS;
    if (term >= termsEnd) return row;
    next = termsEnd;
  }
  return limit;
}

function holds({ words, bytes, doubles }: IndexMemory, term: number, signals: Signals): boolean {
  const { starts, ends, numbers, flags, view } = signals;
  const kind = words[term + TERM_KIND] ?? 0;
  const signal = words[term + TERM_SIGNAL] ?? 0;
  const data = words[term + TERM_DATA] ?? 0;
  if (kind === FLAG) return flags[signal] === data;
  if (kind === NUMBER) {
    // Unknown is NaN, of which no comparison holds.
    const value = numbers[signal] ?? NaN;
    return value > (doubles[data >> 1] ?? 0) && value < (doubles[(data >> 1) + 1] ?? 0);
  }
  const start = starts[signal] ?? UNKNOWN_TEXT;
  if (start === UNKNOWN_TEXT) return false;
  const length = (ends[signal] ?? 0) - start;
  if (kind === TEXT) return words[data] === length && isSame(words, bytes, data + 1, view, start, length);
  const last = data + (words[data] ?? 0);
  for (let place = data + 1; place <= last; place += 1) {
    const text = words[place] ?? 0;
    if (words[text] === length && isSame(words, bytes, text + 1, view, start, length)) return true;
  }
  return false;
}
