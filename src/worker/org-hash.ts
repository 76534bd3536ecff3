// Org ids as a request has them → slots of a map. Whoever may ask for any org chooses the ids: without the keys nothing must
// tell which of them fall together. Two ids that differ do for one in as many keys as there are slots, or in half as many,
// up to 65,536 slots, whichever two they are: Multilinear-HM of Lemire & Kaser, "Strongly universal string hashing is fast",
// 2014. That proof is for the upper bits, to which all bits of an id have been carried; a difference in the upper bits of
// an id alone never gets to the lower ones of a product. On the hot path; run the bench case
// `cache/hits-cost-less-than-decisions` before changing it.
import { ORG_ID_WORDS } from '../protocol/org-id.js';

/** One for each half of a word. */
const KEYS = 2 * ORG_ID_WORDS;

/** What nobody outside knows. @param random from 0 up to 1. */
export function hashKeys(random: () => number): Int32Array {
  return Int32Array.from({ length: KEYS }, () => Math.floor(random() * 2 ** 32));
}

/**
 * The slot of the id at `words[at…]`.
 *
 * @param keys of `hashKeys`.
 * @param shift 32 less the bits of a slot's number.
 */
export function slotOf(keys: Int32Array, words: Int32Array, at: number, shift: number): number {
  const a = words[at] ?? 0;
  const b = words[at + 1] ?? 0;
  const c = words[at + 2] ?? 0;
  const d = words[at + 3] ?? 0;
  const first = Math.imul(((keys[0] ?? 0) + (a & 0xffff)) | 0, ((keys[1] ?? 0) + (a >>> 16)) | 0);
  const second = Math.imul(((keys[2] ?? 0) + (b & 0xffff)) | 0, ((keys[3] ?? 0) + (b >>> 16)) | 0);
  const third = Math.imul(((keys[4] ?? 0) + (c & 0xffff)) | 0, ((keys[5] ?? 0) + (c >>> 16)) | 0);
  const fourth = Math.imul(((keys[6] ?? 0) + (d & 0xffff)) | 0, ((keys[7] ?? 0) + (d >>> 16)) | 0);
  return (((first + second) | 0) + ((third + fourth) | 0)) >>> shift;
}
