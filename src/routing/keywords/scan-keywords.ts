// Which keywords does a prompt contain? One pass over the prompt's bytes, in place, through the automaton that
// compile-keywords.ts wrote (see layout.ts), but for the stretches where the filter sees that no keyword begins. The
// hot path of an org with keywords, on a worker: nothing is allocated or decoded, and its time is bounded by the
// prompt's length, whatever prompt and keywords are. Few keywords are better looked for otherwise: few-keywords.ts. A
// long prompt can be searched bit by bit, so that others have their turn in between: prompt-search.ts.
import { codePointAt, startOfCodePoint, utf8Size } from './code-units.js';
import { fewKeywords, findFew } from './few-keywords.js';
import { KeywordScan } from './keyword-scan.js';
import {
  FIRST_CHILD_CLASS_MASK,
  FURTHER_CHILDREN_SHIFT,
  HAS_OUTPUT,
  HEADER,
  IS_LEAF,
  NO_KEYWORD,
  RECORD,
  type Words,
} from './layout.js';
import {
  CAPITAL_I_WITH_DOT,
  CAPITAL_SIGMA,
  DOT_ABOVE,
  FINAL_SIGMA,
  lowerDelta,
  SMALL_I,
} from './lower-case.js';
import { WINDOW_BYTES, windowWithKeyword } from './prefix-filter.js';

/** Of the prompts that are searched at once. */
const atOnce = new KeywordScan();

/** The filter is worth its time if it passes over this many bytes. */
const FILTERED_BYTES_MIN = 24;
/** Where it isn't, the automaton goes on without it, at first this far, then twice as far each time. */
const UNFILTERED_BYTES_MIN = 16;
const UNFILTERED_BYTES_MAX = 1024;

/**
 * Finds each keyword that `prompt.toLowerCase()` contains, in the sense of `includes`.
 *
 * @param words holds the words of `compileKeywords` from `at` on.
 * @param bytes `bytes[start…end)` is the prompt in UTF-8, which must be valid.
 * @param hits takes the ids of the keywords found, each once, in any order; at least as long as there are keywords.
 * @returns how many were found.
 */
export function scanKeywords(
  words: Words,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  hits: Int32Array<ArrayBuffer>,
): number {
  const keywordCount = words[at + HEADER.keywordCount] ?? 0;
  const fewTexts = words[at + HEADER.fewTexts] ?? 0;
  return fewTexts === 0
    ? scanWithAutomaton(words, at, bytes, start, end, hits)
    : findFew(fewKeywords(words, at + fewTexts, keywordCount), bytes, start, end, hits);
}

/** The same, however many keywords there are. */
export function scanWithAutomaton(
  words: Words,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  hits: Int32Array<ArrayBuffer>,
): number {
  beginScan(atOnce, words, at, start, hits);
  continueScan(atOnce, words, at, bytes, start, end, end);
  atOnce.end();
  return atOnce.count;
}

/** Begins the same, for `continueScan` to go on with. */
export function beginScan(
  scan: KeywordScan,
  words: Words,
  at: number,
  start: number,
  hits: Int32Array<ArrayBuffer>,
): void {
  scan.begin(hits, words[at + HEADER.keywordCount] ?? 0, start);
  const empty = words[at + HEADER.emptyKeyword] ?? 0;
  if (empty !== 0) report(words, at, empty - 1, scan);
}

/**
 * Goes on with a scan until about `limit`, which is behind where it is. Everything else is as for `scanKeywords`.
 *
 * @returns whether it is over.
 */
export function continueScan(
  scan: KeywordScan,
  words: Words,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  limit: number,
): boolean {
  const keywordCount = words[at + HEADER.keywordCount] ?? 0;
  const strideBytes = (words[at + HEADER.strideBytes] ?? 0) | 0;
  const bytesMax = limit - Math.max(scan.next, scan.window);
  while (scan.next < Math.min(end, limit) && scan.count < keywordCount) {
    if (!scan.isMidway) {
      scan.state = (words[at + HEADER.root] ?? 0) | 0;
      scan.until = end;
      if (strideBytes !== 0) {
        const seen = Math.min(end, Math.max(limit, scan.window + WINDOW_BYTES));
        const window = windowWithKeyword(words, at, bytes, scan.window, seen);
        scan.window = window;
        if (seen < end && window > seen - WINDOW_BYTES) return false;
        scan.unfilteredBytes =
          window - scan.next >= FILTERED_BYTES_MIN
            ? 0
            : Math.min(2 * scan.unfilteredBytes + UNFILTERED_BYTES_MIN, UNFILTERED_BYTES_MAX);
        scan.next = startOfCodePoint(bytes, scan.next, window - strideBytes + 1);
        scan.until = window + WINDOW_BYTES + scan.unfilteredBytes;
      }
    }
    runAutomaton(scan, words, at, bytes, start, end, Math.min(end, limit), bytesMax);
    scan.window = scan.next;
    if (scan.sigma.isUndecided) return false;
  }
  return scan.next >= end || scan.count >= keywordCount;
}

/**
 * Reports the keywords that begin at `scan.next` and behind, until it is at `stop`, or behind `scan.until` where no keyword
 * is half read, or at a Σ of which it isn't clear after so many bytes around it what it is in lower case.
 */
function runAutomaton(
  scan: KeywordScan,
  words: Words,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  stop: number,
  bytesMax: number,
): void {
  const keywordCount = words[at + HEADER.keywordCount] ?? 0;
  const recordsStart = (words[at + HEADER.recordsStart] ?? 0) | 0;
  const shallowEnd = (words[at + HEADER.shallowEnd] ?? 0) | 0;
  const { until } = scan;
  let { state, next: index } = scan;
  while (index < stop) {
    const byte = bytes[index] ?? 0;
    if (byte < 0x80) {
      index = (index + 1) | 0;
      state = advance(words, at, recordsStart, state, byte);
    } else {
      const codePoint = codePointAt(bytes, index);
      let lower = codePoint + lowerDelta(codePoint);
      if (lower !== codePoint) {
        if (codePoint === CAPITAL_SIGMA) {
          const isFinal = scan.sigma.decide(bytes, start, end, index, bytesMax);
          if (isFinal === undefined) break;
          if (isFinal) lower = FINAL_SIGMA;
        } else if (codePoint === CAPITAL_I_WITH_DOT) {
          state = advance(words, at, recordsStart, state, SMALL_I);
          if (state < 0) state = reportAt(words, at, state, scan);
          lower = DOT_ABOVE;
        }
      }
      if (lower > 0xffff) {
        state = advanceUnit(words, at, recordsStart, state, 0xd7c0 + (lower >> 10));
        if (state < 0) state = reportAt(words, at, state, scan);
        lower = 0xdc00 | (lower & 0x3ff);
      }
      state = advanceUnit(words, at, recordsStart, state, lower);
      index = (index + utf8Size(byte)) | 0;
    }
    if (state < 0) {
      state = reportAt(words, at, state, scan);
      if (scan.count === keywordCount) break;
    }
    // At most this byte is the beginning of a keyword.
    if (index > until && state < shallowEnd && byte < 0x80) {
      scan.isMidway = false;
      scan.next = index - 1;
      return;
    }
  }
  scan.isMidway = true;
  scan.state = state;
  scan.next = index;
}

/** The state that a byte leads to; negative where keywords end. */
function advance(words: Words, at: number, recordsStart: number, from: number, byte: number): number {
  const packed = words[(at + HEADER.classes + (byte >> 2)) | 0] ?? 0;
  const byteClass = (packed >>> ((byte & 3) << 3)) & 0xff;
  const row = (at + byteClass) | 0;
  let state = from;
  while (state >= recordsStart) {
    const record = (at + state) | 0;
    const header = (words[(record + RECORD.header) | 0] ?? 0) | 0;
    const furtherWords = ((header >>> FURTHER_CHILDREN_SHIFT) & 0xff) << 1;
    const further = (record + RECORD.furtherChildren) | 0;
    if ((header & FIRST_CHILD_CLASS_MASK) === byteClass) {
      const child = (state + RECORD.furtherChildren + furtherWords) | 0;
      return header < 0 ? (child + 1) | HAS_OUTPUT : child;
    }
    for (let pair = 0; pair < furtherWords; pair += 2) {
      if (words[(further + pair) | 0] === byteClass) return (words[(further + pair + 1) | 0] ?? 0) | 0;
    }
    state = (words[(record + RECORD.fail) | 0] ?? 0) | 0;
  }
  return (words[(state + row) | 0] ?? 0) | 0;
}

/** The same for a code unit of one to three bytes. Keywords end with whole units only. */
function advanceUnit(words: Words, at: number, recordsStart: number, from: number, unit: number): number {
  if (unit < 0x80) return advance(words, at, recordsStart, from, unit);
  let state = from;
  if (unit < 0x800) {
    state = advance(words, at, recordsStart, state, 0xc0 | (unit >> 6));
  } else {
    state = advance(words, at, recordsStart, state, 0xe0 | (unit >> 12));
    state = advance(words, at, recordsStart, state, 0x80 | ((unit >> 6) & 0x3f));
  }
  return advance(words, at, recordsStart, state, 0x80 | (unit & 0x3f));
}

/** Notes the keywords that end at a state and returns the state to go on from. */
function reportAt(words: Words, at: number, state: number, scan: KeywordScan): number {
  const address = state & ~HAS_OUTPUT;
  const output = (words[at + address - 1] ?? 0) | 0;
  report(words, at, output & ~IS_LEAF, scan);
  return (output & IS_LEAF) === 0 ? address : (words[at + address] ?? 0) | 0;
}

/**
 * Notes a keyword and all that it ends with. One that is known already ends the walk, for then the rest is known too:
 * so all walks together take no longer than the prompt and the keywords.
 */
function report(words: Words, at: number, longest: number, scan: KeywordScan): void {
  const { found, hits } = scan;
  for (let keyword = longest; keyword !== NO_KEYWORD;) {
    const bit = 1 << (keyword & 31);
    const word = found[keyword >> 5] ?? 0;
    if ((word & bit) !== 0) break;
    found[keyword >> 5] = word | bit;
    hits[scan.count++] = keyword;
    keyword = (words[at + HEADER.links + keyword] ?? NO_KEYWORD) | 0;
  }
}
