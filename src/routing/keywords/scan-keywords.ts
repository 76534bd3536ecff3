// Which keywords does a prompt contain? One pass over the prompt's bytes, in place, through the automaton that
// compile-keywords.ts wrote (see layout.ts). The hot path of an org with keywords, on a worker: nothing is allocated
// or decoded, and its time is bounded by the prompt's length, whatever prompt and keywords are.
import { codePointAt, utf8Size } from './code-units.js';
import {
  FIRST_CHILD_CLASS_MASK,
  FURTHER_CHILDREN_SHIFT,
  HAS_OUTPUT,
  HEADER,
  IS_LEAF,
  NO_KEYWORD,
  RECORD,
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

/** One bit for each keyword that was found. All are 0 between scans. */
let found = new Uint32Array(32);

/**
 * Finds each keyword that `prompt.toLowerCase()` contains, in the sense of `includes`.
 *
 * @param words holds the words of `compileKeywords` from `at` on.
 * @param bytes `bytes[start…end)` is the prompt in UTF-8, which must be valid.
 * @param hits takes the ids of the keywords found, each once, in any order; as long as there are keywords.
 * @returns how many were found.
 */
export function scanKeywords(
  words: Uint32Array,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  hits: Int32Array,
): number {
  const keywordCount = words[at + HEADER.keywordCount] ?? 0;
  const recordsStart = at + (words[at + HEADER.recordsStart] ?? 0);
  if (found.length << 5 < keywordCount) found = new Uint32Array((keywordCount >> 4) + 1);
  let count = 0;
  const empty = words[at + HEADER.emptyKeyword] ?? 0;
  if (empty !== 0) count = report(words, at, empty - 1, hits, count);

  let state = (words[at + HEADER.root] ?? 0) | 0;
  let index = start;
  while (index < end) {
    const byte = bytes[index] ?? 0;
    if (byte < 0x80) {
      index += 1;
      state = advance(words, at, recordsStart, state, byte);
    } else {
      const codePoint = codePointAt(bytes, index);
      let lower = codePoint + lowerDelta(codePoint);
      if (lower !== codePoint) {
        if (codePoint === CAPITAL_SIGMA && isFinalSigma(bytes, start, end, index)) {
          lower = FINAL_SIGMA;
        } else if (codePoint === CAPITAL_I_WITH_DOT) {
          state = advance(words, at, recordsStart, state, SMALL_I);
          if (state < 0) {
            count = report(words, at, outputOf(words, at, state), hits, count);
            state = stateBehind(words, at, state);
          }
          lower = DOT_ABOVE;
        }
      }
      if (lower > 0xffff) {
        state = advanceUnit(words, at, recordsStart, state, 0xd7c0 + (lower >> 10));
        if (state < 0) {
          count = report(words, at, outputOf(words, at, state), hits, count);
          state = stateBehind(words, at, state);
        }
        lower = 0xdc00 | (lower & 0x3ff);
      }
      state = advanceUnit(words, at, recordsStart, state, lower);
      index += utf8Size(byte);
    }
    if (state < 0) {
      count = report(words, at, outputOf(words, at, state), hits, count);
      if (count === keywordCount) break;
      state = stateBehind(words, at, state);
    }
  }

  for (let hit = 0; hit < count; hit += 1) found[(hits[hit] ?? 0) >> 5] = 0;
  return count;
}

/** The state that a byte leads to; negative where keywords end. */
function advance(words: Uint32Array, at: number, recordsStart: number, from: number, byte: number): number {
  const byteClass = ((words[at + HEADER.classes + (byte >> 2)] ?? 0) >>> ((byte & 3) << 3)) & 0xff;
  let state = from;
  while (at + state >= recordsStart) {
    const header = (words[at + state + RECORD.header] ?? 0) | 0;
    const furtherEnd = state + RECORD.furtherChildren + (((header >>> FURTHER_CHILDREN_SHIFT) & 0xff) << 1);
    if ((header & FIRST_CHILD_CLASS_MASK) === byteClass) {
      return header < 0 ? (furtherEnd + 1) | HAS_OUTPUT : furtherEnd;
    }
    for (let child = state + RECORD.furtherChildren; child < furtherEnd; child += 2) {
      if (words[at + child] === byteClass) return (words[at + child + 1] ?? 0) | 0;
    }
    state = (words[at + state + RECORD.fail] ?? 0) | 0;
  }
  return (words[at + state + byteClass] ?? 0) | 0;
}

/** The same for a code unit of one to three bytes. Keywords end with whole units only. */
function advanceUnit(
  words: Uint32Array,
  at: number,
  recordsStart: number,
  from: number,
  unit: number,
): number {
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

function outputOf(words: Uint32Array, at: number, state: number): number {
  return (words[at + (state & ~HAS_OUTPUT) - 1] ?? 0) & ~IS_LEAF;
}

/** The state to go on from when what ends at `state` has been reported. */
function stateBehind(words: Uint32Array, at: number, state: number): number {
  const address = state & ~HAS_OUTPUT;
  const isLeaf = ((words[at + address - 1] ?? 0) & IS_LEAF) !== 0;
  return isLeaf ? (words[at + address] ?? 0) | 0 : address;
}

/**
 * Notes a keyword and all that it ends with. One that is known already ends the walk, for then the rest is known too:
 * so all walks together take no longer than the prompt and the keywords.
 */
function report(words: Uint32Array, at: number, longest: number, hits: Int32Array, before: number): number {
  let count = before;
  for (let keyword = longest; keyword !== NO_KEYWORD;) {
    const bit = 1 << (keyword & 31);
    const word = found[keyword >> 5] ?? 0;
    if ((word & bit) !== 0) break;
    found[keyword >> 5] = word | bit;
    hits[count++] = keyword;
    keyword = (words[at + HEADER.links + keyword] ?? NO_KEYWORD) | 0;
  }
  return count;
}
