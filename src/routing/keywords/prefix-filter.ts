// A quick look at a prompt that says where a keyword may begin; elsewhere the automaton need not go. It looks at four
// bytes in every few, and asks a bit map whether a keyword has them near its beginning (as Wu & Manber do, TR 94-17,
// University of Arizona). It may say yes too often, never too seldom. compile-keywords.ts has it written,
// scan-keywords.ts asks it: the hot path.
//
// Of a byte the lower five bits count, which are the same for both cases of an ASCII letter. Windows are as far apart
// as the shortest keyword allows, but leave no byte out, for each that is not ASCII is a yes. Where a keyword is so
// short that every byte would begin a window, this costs as much as the automaton, and there is no filter.
import { HEADER, type Words } from './layout.js';

export const WINDOW_BYTES = 4;
const STRIDE_BYTES_MIN = 2;
const BITS_PER_BYTE = 5;
const BYTE_MASK = (1 << BITS_PER_BYTE) - 1;
/** Of a thousand windows without a keyword about sixty are taken for one. */
const BITS_PER_WINDOW = 16;
const BITS_LOG2_MIN = 5;
const BITS_LOG2_MAX = WINDOW_BYTES * BITS_PER_BYTE;
/** Spreads what the bytes differ in over the upper bits (Knuth, TAOCP 6.4). */
const GOLDEN_RATIO = 0x9e37_79b1;

export interface PrefixFilter {
  /** From the start of one window to that of the next; 0: there is no filter. */
  readonly strideBytes: number;
  /** How far a hash is shifted down to be the number of a bit. */
  readonly hashShift: number;
  readonly bits: Uint32Array;
}

/** @param bytes the keywords, one behind the other, each up to its place in `ends`. */
export function buildPrefixFilter(bytes: Uint8Array, ends: Int32Array): PrefixFilter {
  const strideBytes = Math.min(shortestOf(ends) - WINDOW_BYTES + 1, WINDOW_BYTES);
  if (strideBytes < STRIDE_BYTES_MIN) return { strideBytes: 0, hashShift: 0, bits: new Uint32Array(0) };

  const wanted = Math.ceil(Math.log2(BITS_PER_WINDOW * strideBytes * Math.max(1, ends.length)));
  const bitsLog2 = Math.min(Math.max(wanted, BITS_LOG2_MIN), BITS_LOG2_MAX);
  const hashShift = 32 - bitsLog2;
  const bits = new Uint32Array(1 << (bitsLog2 - 5));
  for (const [keyword, end] of ends.entries()) {
    const start = ends[keyword - 1] ?? 0;
    for (let at = start; at < start + strideBytes && at + WINDOW_BYTES <= end; at += 1) {
      const window = bytes.subarray(at, at + WINDOW_BYTES);
      // The others say yes as they are.
      if (window.some((byte) => byte >= 0x80)) continue;
      const bit = hash(window[0] ?? 0, window[1] ?? 0, window[2] ?? 0, window[3] ?? 0) >>> hashShift;
      bits[bit >>> 5] = (bits[bit >>> 5] ?? 0) | (1 << (bit & 31));
    }
  }
  return { strideBytes, hashShift, bits };
}

/** The length of the shortest keyword that isn't empty, in bytes. */
function shortestOf(ends: Int32Array): number {
  let shortest = Infinity;
  for (const [keyword, end] of ends.entries()) {
    const length = end - (ends[keyword - 1] ?? 0);
    if (length > 0) shortest = Math.min(shortest, length);
  }
  return shortest;
}

/**
 * Goes from window to window until one says yes, or until less than a window is left.
 * @returns the start of that window. No keyword begins between `from` and there less a stride.
 */
export function windowWithKeyword(
  words: Words,
  at: number,
  bytes: Uint8Array,
  from: number,
  end: number,
): number {
  const strideBytes = (words[at + HEADER.strideBytes] ?? 0) | 0;
  const hashShift = (words[at + HEADER.hashShift] ?? 0) | 0;
  const filter = (at + (words[at + HEADER.filter] ?? 0)) | 0;
  const last = (end - WINDOW_BYTES) | 0;
  let start = from | 0;
  while (start <= last) {
    const first = bytes[start] ?? 0;
    const second = bytes[(start + 1) | 0] ?? 0;
    const third = bytes[(start + 2) | 0] ?? 0;
    const fourth = bytes[(start + 3) | 0] ?? 0;
    if ((first | second | third | fourth) >= 0x80) break;
    const bit = hash(first, second, third, fourth) >>> hashShift;
    if ((((words[(filter + (bit >>> 5)) | 0] ?? 0) >>> (bit & 31)) & 1) !== 0) break;
    start = (start + strideBytes) | 0;
  }
  return start;
}

function hash(first: number, second: number, third: number, fourth: number): number {
  const upper = ((first & BYTE_MASK) << BITS_PER_BYTE) | (second & BYTE_MASK);
  const lower = ((third & BYTE_MASK) << BITS_PER_BYTE) | (fourth & BYTE_MASK);
  return Math.imul((upper << (2 * BITS_PER_BYTE)) | lower, GOLDEN_RATIO);
}
