// Signals + index → outcome. The hot path: an index is read in place, in memory that other threads read too, and
// nothing is allocated for a request. Run `npm run bench -- resolve` before changing anything here.
//
// An index is one object with two views of its memory, and nothing that could be read from there: of a hundred thousand
// orgs tens of thousands are opened within a second, and all that is made for one stays.
import { FORCE_ROUTE, type Signals, UNKNOWN_TEXT } from '../signals.js';
import { NO_MATCH } from '../table.js';
import type { IndexMemory } from './index-memory.js';
import * as layout from './layout.js';
import { firstOfLongSets } from './long-sets.js';
import { findClass } from './number-classes.js';
import { firstOfList } from './row-list.js';
import { firstOfSifted } from './sifted-rows.js';
import { findText } from './text-table.js';
import { forgetTraits } from './traits.js';
import { firstOfWordSets } from './word-sets.js';

export class RouteIndex implements IndexMemory {
  readonly words: Int32Array;
  readonly doubles: Float64Array;

  /**
   * @param words as write-index.ts made them, at a multiple of 8 bytes from the start of their buffer; anything may
   *   follow them.
   */
  constructor(words: Int32Array) {
    this.words = words;
    this.doubles = new Float64Array(words.buffer, words.byteOffset, words.byteLength >> 3);
  }

  /** The number of the outcome that a request selects. */
  select(signals: Signals): number {
    const { words } = this;
    if (signals.starts[FORCE_ROUTE] !== UNKNOWN_TEXT) {
      const { view, starts, ends } = signals;
      const start = starts[FORCE_ROUTE] ?? 0;
      return findText(words, words[layout.NAMES] ?? 0, view, start, ends[FORCE_ROUTE] ?? 0);
    }
    const rows = words[layout.ROWS] ?? 0;
    forgetTraits();
    const row = firstOf(this, words[layout.ROOT] ?? 0, rows, signals);
    return row === rows ? NO_MATCH : (words[(words[layout.OUTCOMES] ?? 0) + row] ?? NO_MATCH);
  }
}

/** The first row of a node that the request fulfils, if it is before `limit`; otherwise `limit`. */
function firstOf(memory: IndexMemory, node: number, limit: number, signals: Signals): number {
  const { words } = memory;
  let first = limit;
  for (let at = node; at !== 0 && (words[at + layout.FIRST_ROW] ?? 0) < first;) {
    switch (words[at + layout.KIND]) {
      case layout.WORD_SETS:
        return firstOfWordSets(memory, at, first, signals);
      case layout.ROW_LIST:
        return firstOfList(memory, at, first, signals);
      case layout.LONG_SETS:
        return firstOfLongSets(memory, at, first, signals);
      case layout.SIFTED:
        return firstOfSifted(memory, at + layout.SIFTED_RUN, first, signals);
      case layout.BY_NUMBER: {
        const run = runOfNumber(memory, at, signals);
        if (run !== 0) first = firstOfSifted(memory, run, first, signals);
        at = words[at + layout.BY_NONE] ?? 0;
        break;
      }
      case layout.BY_TEXT: {
        const own = nodeOfText(memory, at, signals);
        if (own !== 0) first = firstOf(memory, own, first, signals);
        at = words[at + layout.BY_NONE] ?? 0;
        break;
      }
      default:
        first = firstOf(memory, words[at + layout.EITHER_ONE] ?? 0, first, signals);
        at = words[at + layout.EITHER_OTHER] ?? 0;
    }
  }
  return first;
}

function runOfNumber({ words, doubles }: IndexMemory, at: number, { numbers }: Signals): number {
  const value = numbers[words[at + layout.BY_SIGNAL] ?? 0] ?? NaN;
  return Number.isNaN(value) ? 0 : findClass(words, doubles, words[at + layout.BY_VALUE] ?? 0, value);
}

function nodeOfText({ words }: IndexMemory, at: number, { view, starts, ends }: Signals): number {
  const signal = words[at + layout.BY_SIGNAL] ?? 0;
  const start = starts[signal] ?? UNKNOWN_TEXT;
  if (start === UNKNOWN_TEXT) return 0;
  return findText(words, words[at + layout.BY_VALUE] ?? 0, view, start, ends[signal] ?? 0);
}
