// Tables of texts: that each text is found, and that a writer of routes can't choose texts that all fall together.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BlockWriter } from '../../../src/routing/index/block-writer.js';
import { TextPool } from '../../../src/routing/index/text-pool.js';
import { findText, writeTextTable } from '../../../src/routing/index/text-table.js';
import { seededRandom } from '../../support/random.js';

const OTHERWISE = -1;

/** A table of the texts, each with its place for a value. */
function tableOf(texts: readonly string[]): { words: Int32Array; at: number } {
  const block = new BlockWriter();
  block.reserve(1);
  const values = new Map(texts.map((text, place) => [text, place]));
  const at = writeTextTable(block, new TextPool(block), values, OTHERWISE);
  return { words: block.take(), at };
}

function find({ words, at }: ReturnType<typeof tableOf>, text: string): number {
  const bytes = Buffer.from(text);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return findText(words, at, view, 0, bytes.length);
}

/** The most entries that stand one behind the other, of which each must be passed over to get to the last. */
function longestRun({ words, at }: ReturnType<typeof tableOf>): number {
  const capacity = (words[at] ?? 0) + 1;
  let [longest, run] = [0, 0];
  // Twice around: a run may go over the end.
  for (let slot = 0; slot < 2 * capacity; slot += 1) {
    run = words[at + 4 + 3 * (slot % capacity) + 1] === 0 ? 0 : run + 1;
    longest = Math.max(longest, run);
  }
  return longest;
}

describe('a table of texts', () => {
  it('has the value of each of its texts, and of no other', () => {
    for (const count of [0, 1, 2, 3, 4, 5, 24, 25, 1000]) {
      const texts = Array.from(
        { length: count },
        (_, place) => `${'ab\u00df\u{1f600}'.repeat(place % 7)}${place}`,
      );
      const table = tableOf(texts);
      for (const [place, text] of texts.entries()) {
        assert.equal(find(table, text), place);
        assert.equal(find(table, `${text}x`), OTHERWISE);
      }
      assert.equal(find(table, ''), OTHERWISE);
    }
  });

  it('is not made slow by texts that fall together under seeds that everybody may know', () => {
    const known = [0x811c9dc5, 0x2f0b4c47, 0x1b873593, 0x4cf5ad43, 0x6a09e667, 0x3c6ef372];
    const texts = textsThatFallTogether(known);
    assert.equal(new Set(texts).size, 2048);
    const table = tableOf(texts);
    assert.equal(find(table, texts[2047] ?? ''), 2047);
    assert.ok(longestRun(table) < 1000, `${longestRun(table)} of them in a row`);
  });
});

/** The step of the hash that is taken for every four bytes. */
function mix(hash: number): number {
  const product = Math.imul(hash, 0x01000193);
  return product ^ (product >>> 15);
}

/**
 * 2,048 texts of one hash under each of the seeds. Eleven times over there are two ways to go on that lead to the same
 * state: a difference in one word that the next word takes back, whatever the seed.
 */
function textsThatFallTogether(seeds: readonly number[]): string[] {
  const random = seededRandom();
  const word = (): number =>
    Buffer.from(Array.from({ length: 4 }, () => 33 + random.below(90))).readInt32LE();
  const isAscii = (value: number): boolean => (value & 0x80808080) === 0;
  const LEVELS = 11;
  let states = seeds.map((seed) => seed ^ (LEVELS * 12));
  let texts = [''];
  for (let level = 0; level < LEVELS;) {
    const [before, one, next] = [word(), word(), word()];
    const other = one ^ 0x60000000;
    const within = states.map((state) => mix(state ^ before));
    const differences = new Set(within.map((state) => mix(state ^ one) ^ mix(state ^ other)));
    const [difference = 0] = differences;
    if (differences.size > 1 || !isAscii(other) || !isAscii(next ^ difference)) continue;
    const ways = [
      [before, one, next],
      [before, other, next ^ difference],
    ].map((words) => Buffer.from(Int32Array.from(words).buffer).toString('latin1'));
    texts = texts.flatMap((text) => ways.map((way) => text + way));
    states = within.map((state) => mix(mix(state ^ one) ^ next));
    level += 1;
  }
  return texts;
}
