// A row as it is, for which no set was looked up: a run of terms, all of which must hold.
// `termsHold` is on the hot path: run `npm run bench -- resolve` before changing it.
import { type Dimension, signalPlace } from '../dimensions/dimension.js';
import { FALSE_FLAG, type Signals, TRUE_FLAG, UNKNOWN_TEXT } from '../signals.js';
import type { BlockWriter } from './block-writer.js';
import type { IndexMemory } from './index-memory.js';
import type { NumberedRow } from './numbered-row.js';
import type { TextPool } from './text-pool.js';
import { findText, isSame, writeTextTable } from './text-table.js';

// A term: its kind, the signal's place, and what is asked of it.
const TERM_KIND = 0;
const TERM_SIGNAL = 1;
const TERM_DATA = 2;
const TERM_WORDS = 3;

// In the order of what they take.
/** The flag has the state DATA. */
const FLAG = 0;
/** The number is between the two doubles at DATA. */
const NUMBER = 1;
/** The text is the one at DATA. */
const TEXT = 2;
/** The text is one of those at DATA: their number, and where each is. */
const TEXTS = 3;
/** The text is in the text table at DATA. */
const MANY_TEXTS = 4;

/** To compare a text with so many takes no longer than to look it up. */
const COMPARED_TEXTS_MAX = 8;

type Term = readonly [kind: number, signal: number, data: number];

/** Where the terms of a row are: from `at` to before `end`, those of texts from `textsAt` on. */
export interface TermsPlace {
  readonly at: number;
  readonly textsAt: number;
  readonly end: number;
}

/** Writes the terms of a row for these dimensions, all but keywords. */
export function writeTerms(
  block: BlockWriter,
  pool: TextPool,
  row: NumberedRow,
  dimensions: readonly Dimension[],
): TermsPlace {
  const terms = dimensions
    .map((dimension) => termOf(block, pool, row, dimension))
    .filter((term) => term !== undefined)
    .sort(([a], [b]) => a - b);
  const withoutText = terms.filter(([kind]) => kind < TEXT).length;
  const at = block.append(terms.flat());
  return { at, textsAt: at + withoutText * TERM_WORDS, end: block.length };
}

function termOf(
  block: BlockWriter,
  pool: TextPool,
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
      const signal = signalPlace(dimension);
      if (asked.length > COMPARED_TEXTS_MAX) return [MANY_TEXTS, signal, tableOf(block, pool, asked)];
      const places = asked.map((text) => pool.placeOf(text)).filter((place) => place !== undefined);
      const [only] = places;
      return only !== undefined && places.length === 1
        ? [TEXT, signal, only]
        : [TEXTS, signal, block.append([places.length, ...places])];
    }
    case 'keywords':
      return undefined;
  }
}

/** The value of every text in a table that is a list. */
const LISTED = 1;

function tableOf(block: BlockWriter, pool: TextPool, texts: readonly string[]): number {
  return pool.tableOf(texts, () =>
    writeTextTable(block, pool, new Map(texts.map((text) => [text, LISTED])), 0),
  );
}

/** Whether a request fulfils all terms from `at` to before `end`. */
export function termsHold(memory: IndexMemory, at: number, end: number, signals: Signals): boolean {
  for (let term = at; term < end; term += TERM_WORDS) if (!holds(memory, term, signals)) return false;
  return true;
}

function holds({ words, doubles }: IndexMemory, term: number, signals: Signals): boolean {
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
  if (kind === MANY_TEXTS) return findText(words, data, view, start, ends[signal] ?? 0) === LISTED;
  if (kind === TEXT) return words[data] === length && isSame(words, data + 1, view, start, length);
  const last = data + (words[data] ?? 0);
  for (let place = data + 1; place <= last; place += 1) {
    const text = words[place] ?? 0;
    if (words[text] === length && isSame(words, text + 1, view, start, length)) return true;
  }
  return false;
}
