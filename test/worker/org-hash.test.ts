// That ids can't be chosen that fall together, whatever the keys are: counted over many keys, for sets of ids that a weaker
// way of mixing has all in few slots.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hashKeys, slotOf } from '../../src/worker/org-hash.js';
import { Random } from '../support/random.js';

const SLOT_BITS = 10;
const KEYS = 400;
/** The same each time: what is counted here is luck, if not much. */
const random = new Random(1);

/** All sums of some of these, each of four words. */
function combinations(...differences: readonly (readonly number[])[]): Int32Array[] {
  return Array.from({ length: 2 ** differences.length }, (_, chosen) => {
    const id = new Int32Array(4);
    for (const [bit, difference] of differences.entries()) {
      if ((chosen >> bit) & 1) for (const [at, word] of difference.entries()) id[at] = (id[at] ?? 0) ^ word;
    }
    return id;
  });
}

function multiples(count: number, of: readonly number[]): Int32Array[] {
  return Array.from({ length: count }, (_, index) => Int32Array.from(of, (word) => Math.imul(index, word)));
}

const CHOSEN: Readonly<Record<string, readonly Int32Array[]>> = {
  // Multiplication by an odd number leaves a difference in the highest bit where it is, and a shift by 15 adds bit 16.
  'cancel each other out where words are mixed one after the other': combinations(
    [0x8000_0000, 0x8001_0000],
    [0, 0x8000_0000, 0x8001_0000],
    [0, 0, 0x8000_0000, 0x8001_0000],
    [0, 0, 0, 0x8000_0000],
  ),
  'differ in the highest bits of each word': combinations(
    ...[0, 1, 2, 3].map((at) => [0, 1, 2, 3].map((each) => (each === at ? 0x8000_0000 : 0))),
    ...[0, 1].map((at) => [0, 1].map((each) => (each === at ? 0x4000_0000 : 0))),
  ),
  'are numbered in the first word': multiples(64, [1, 0, 0, 0]),
  'are numbered in the last word': multiples(64, [0, 0, 0, 1]),
  'are numbered in the upper half of a word': multiples(64, [0, 0x1_0000, 0, 0]),
  'are numbered in the highest bits of all words': multiples(64, Array<number>(4).fill(0x400_0000)),
};

describe('ids that', () => {
  for (const [choice, ids] of Object.entries(CHOSEN)) {
    it(`${choice} share slots no more often than by chance`, () => {
      let pairs = 0;
      let together = 0;
      for (let round = 0; round < KEYS; round += 1) {
        const keys = hashKeys(random.next);
        const slots = ids.map((id) => slotOf(keys, id, 0, 32 - SLOT_BITS));
        for (const [index, slot] of slots.entries()) {
          pairs += index;
          for (let other = 0; other < index; other += 1) if (slots[other] === slot) together += 1;
        }
      }
      const byChance = pairs / 2 ** SLOT_BITS;
      assert.ok(together < 2 * byChance, `${together} of ${pairs} pairs, and ${byChance} by chance`);
    });
  }
});
