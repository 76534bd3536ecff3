// A node whose sets are words: all of them are intersected, and the lowest bit that is left is the first row.
import { type Signals, UNKNOWN_TEXT } from '../signals.js';
import { findCombination } from './flag-combinations.js';
import type { IndexMemory } from './index-memory.js';
import { findKeywords, hits } from './keyword-hits.js';
import * as layout from './layout.js';
import { findClass } from './number-classes.js';
import { findText } from './text-table.js';

/** The first row of the node at `at` that the request fulfils, if it is before `limit`; otherwise `limit`. */
export function firstOfWordSets(
  { words, doubles }: IndexMemory,
  at: number,
  limit: number,
  signals: Signals,
): number {
  const { starts, ends, numbers, view } = signals;
  let rows = -1 >>> (layout.WORD_ROWS_MAX - (words[at + layout.COUNT] ?? 0));
  // The directory has texts first, then flags, then numbers: a loop for each is one of few branches.
  let entry = at + layout.DIRECTORY;
  for (const end = words[at + layout.TEXTS_END] ?? 0; entry < end; entry += layout.ENTRY_WORDS) {
    const signal = words[entry + layout.SIGNAL] ?? 0;
    const start = starts[signal] ?? UNKNOWN_TEXT;
    rows &=
      start === UNKNOWN_TEXT
        ? (words[entry + layout.UNKNOWN] ?? 0)
        : findText(words, words[entry + layout.DATA] ?? 0, view, start, ends[signal] ?? 0);
    if (rows === 0) return limit;
  }
  for (const end = words[at + layout.FLAGS_END] ?? 0; entry < end; entry += layout.ENTRY_WORDS) {
    rows &= findCombination(words, words[entry + layout.DATA] ?? 0, signals);
  }
  if (rows === 0) return limit;
  for (const end = words[at + layout.NUMBERS_END] ?? 0; entry < end; entry += layout.ENTRY_WORDS) {
    const value = numbers[words[entry + layout.SIGNAL] ?? 0] ?? NaN;
    if (Number.isNaN(value)) rows &= words[entry + layout.UNKNOWN] ?? 0;
    else rows &= findClass(words, doubles, words[entry + layout.DATA] ?? 0, value);
  }
  const section = words[at + layout.KEYWORDS] ?? 0;
  if (section !== 0 && rows !== 0) rows = withoutMissingKeywords(words, section, rows, signals);
  if (rows === 0) return limit;
  const first = words[(words[at + layout.NUMBERS] ?? 0) + 31 - Math.clz32(rows & -rows)] ?? limit;
  return first < limit ? first : limit;
}

/** Those of the rows whose keywords the prompt has. It is looked at only if the first row asks something of it. */
function withoutMissingKeywords(words: Int32Array, section: number, rows: number, signals: Signals): number {
  let allowed = words[section + layout.KEYWORDS_ALWAYS] ?? 0;
  if ((rows & -rows & allowed) !== 0) return rows;
  const count = findKeywords(words, section, signals);
  for (let hit = 0; hit < count; hit += 1) {
    allowed |= words[section + layout.KEYWORDS_SETS + (hits[hit] ?? 0)] ?? 0;
  }
  return rows & allowed;
}
