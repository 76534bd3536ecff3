// Which keywords does a prompt contain? One pass over the prompt's bytes, in place, through the automaton that
// compile-keywords.ts wrote (see layout.ts), but for the stretches where the filter sees that no keyword begins. The
// hot path of an org with keywords, on a worker: nothing is allocated or decoded, and its time is bounded by the
// prompt's length, whatever prompt and keywords are. Few keywords are better looked for otherwise: few-keywords.ts.
import { codePointAt, startOfCodePoint, utf8Size } from './code-units.js';
import { fewKeywords, findFew } from './few-keywords.js';
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
  isFinalSigma,
  lowerDelta,
  SMALL_I,
} from './lower-case.js';
import { WINDOW_BYTES, windowWithKeyword } from './prefix-filter.js';

/** One bit for each keyword that was found. All are 0 between scans. */
let found = new Uint32Array(32);
let hitCount = 0;

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
  hits: Int32Array,
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
  hits: Int32Array,
): number {
  const keywordCount = words[at + HEADER.keywordCount] ?? 0;
  if (found.length << 5 < keywordCount) found = new Uint32Array((keywordCount >> 4) + 1);
  hitCount = 0;
  const empty = words[at + HEADER.emptyKeyword] ?? 0;
  if (empty !== 0) report(words, at, empty - 1, hits);

  const strideBytes = (words[at + HEADER.strideBytes] ?? 0) | 0;
  if (strideBytes === 0) {
    runAutomaton(words, at, bytes, start, end, hits, start, end);
  } else {
    let unfilteredBytes = 0;
    let index = start;
    while (index < end && hitCount < keywordCount) {
      const window = windowWithKeyword(words, at, bytes, index, end);
      unfilteredBytes =
        window - index >= FILTERED_BYTES_MIN
          ? 0
          : Math.min(2 * unfilteredBytes + UNFILTERED_BYTES_MIN, UNFILTERED_BYTES_MAX);
      const from = startOfCodePoint(bytes, index, window - strideBytes + 1);
      index = runAutomaton(words, at, bytes, start, end, hits, from, window + WINDOW_BYTES + unfilteredBytes);
    }
  }

  for (let hit = 0; hit < hitCount; hit += 1) found[(hits[hit] ?? 0) >> 5] = 0;
  return hitCount;
}

/**
 * Reports the keywords that begin at `from` and behind, until all that begin before the place returned are reported.
 * That is `end`, or one behind `until` where no keyword is half read.
 */
function runAutomaton(
  words: Words,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  hits: Int32Array,
  from: number,
  until: number,
): number {
  const keywordCount = words[at + HEADER.keywordCount] ?? 0;
  const recordsStart = (words[at + HEADER.recordsStart] ?? 0) | 0;
  const shallowEnd = (words[at + HEADER.shallowEnd] ?? 0) | 0;
  let state = (words[at + HEADER.root] ?? 0) | 0;
  let index = from;
  while (index < end) {
    const byte = bytes[index] ?? 0;
    if (byte < 0x80) {
      index = (index + 1) | 0;
      state = advance(words, at, recordsStart, state, byte);
    } else {
      const codePoint = codePointAt(bytes, index);
      let lower = codePoint + lowerDelta(codePoint);
      if (lower !== codePoint) {
        if (codePoint === CAPITAL_SIGMA && isFinalSigma(bytes, start, end, index)) {
          lower = FINAL_SIGMA;
        } else if (codePoint === CAPITAL_I_WITH_DOT) {
          state = advance(words, at, recordsStart, state, SMALL_I);
          if (state < 0) state = reportAt(words, at, state, hits);
          lower = DOT_ABOVE;
        }
      }
      if (lower > 0xffff) {
        state = advanceUnit(words, at, recordsStart, state, 0xd7c0 + (lower >> 10));
        if (state < 0) state = reportAt(words, at, state, hits);
        lower = 0xdc00 | (lower & 0x3ff);
      }
      state = advanceUnit(words, at, recordsStart, state, lower);
      index = (index + utf8Size(byte)) | 0;
    }
    if (state < 0) {
      state = reportAt(words, at, state, hits);
      if (hitCount === keywordCount) return end;
    }
    // At most this byte is the beginning of a keyword.
    if (index > until && state < shallowEnd && byte < 0x80) return index - 1;
  }
  return end;
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
function reportAt(words: Words, at: number, state: number, hits: Int32Array): number {
  const address = state & ~HAS_OUTPUT;
  const output = (words[at + address - 1] ?? 0) | 0;
  report(words, at, output & ~IS_LEAF, hits);
  return (output & IS_LEAF) === 0 ? address : (words[at + address] ?? 0) | 0;
}

/**
 * Notes a keyword and all that it ends with. One that is known already ends the walk, for then the rest is known too:
 * so all walks together take no longer than the prompt and the keywords.
 */
function report(words: Words, at: number, longest: number, hits: Int32Array): void {
  for (let keyword = longest; keyword !== NO_KEYWORD;) {
    const bit = 1 << (keyword & 31);
    const word = found[keyword >> 5] ?? 0;
    if ((word & bit) !== 0) break;
    found[keyword >> 5] = word | bit;
    hits[hitCount++] = keyword;
    keyword = (words[at + HEADER.links + keyword] ?? NO_KEYWORD) | 0;
  }
}
