// Which keywords of a node of sets a prompt contains. A thread decides at once, so that it has one list of them.
import { scanKeywords } from '../keywords/scan-keywords.js';
import { PROMPT, type Signals, UNKNOWN_TEXT } from '../signals.js';
import { KEYWORDS_COUNT, KEYWORDS_MATCHER } from './layout.js';

/** Of the prompts that are searched at once. */
let own = new Int32Array(256);

/** Ids of the keywords that were found. */
export let hits = own;

/** Has `hits` be the keywords of that section, and returns how many there are. */
export function findKeywords(words: Int32Array, section: number, signals: Signals): number {
  const { bytes, starts, ends, search } = signals;
  const start = starts[PROMPT] ?? UNKNOWN_TEXT;
  if (start === UNKNOWN_TEXT) return 0;
  const end = ends[PROMPT] ?? 0;
  const keywords = words[section + KEYWORDS_COUNT] ?? 0;
  if (own.length < keywords) own = new Int32Array(keywords);
  const matcher = words[section + KEYWORDS_MATCHER] ?? 0;
  if (search !== undefined) {
    hits = search.find(words, matcher, bytes, start, end, own);
    return hits.length;
  }
  hits = own;
  return scanKeywords(words, matcher, bytes, start, end, own);
}
