// Sets of rows, against those of JavaScript: whatever is added and removed, the summary and the counts are right.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RowSet } from '../../../src/routing/index/row-set.js';
import { seededRandom } from '../../support/random.js';

/** What a row set has, by looking at every bit; and that it knows which of its words are filled. */
function rowsOf(set: RowSet): number[] {
  const rows: number[] = [];
  let filled = 0;
  for (const [at, word] of set.words.entries()) {
    if (word !== 0) filled += 1;
    assert.equal((((set.summary[at >>> 5] ?? 0) >>> (at & 31)) & 1) === 1, word !== 0, `word ${at}`);
    for (let bit = 0; bit < 32; bit += 1) if (((word >>> bit) & 1) === 1) rows.push(32 * at + bit);
  }
  assert.equal(set.filledWords, filled);
  return rows;
}

describe('a set of rows', () => {
  const random = seededRandom();

  for (const size of [1, 32, 33, 1024, 1025, 5000]) {
    it(`has what was added and not removed, of ${size} rows`, (test) => {
      test.diagnostic(`SIGNALBOX_TEST_SEED=${random.seed}`);
      const set = new RowSet(size);
      const other = new RowSet(size);
      const expected = new Set<number>();
      for (let step = 0; step < 2000; step += 1) {
        const row = random.below(size);
        if (random.chance(0.5)) {
          set.add(row);
          expected.add(row);
        } else {
          set.remove(row);
          expected.delete(row);
        }
        if (random.chance(0.3)) other.add(random.below(size));
        if (random.chance(0.01)) {
          set.clear();
          expected.clear();
        }
        if (step % 100 > 0) continue;
        const rows = [...expected].sort((a, b) => a - b);
        assert.deepEqual(rowsOf(set), rows);
        assert.equal(set.size, rows.length);
        assert.equal(set.has(row), expected.has(row));
        assert.deepEqual(
          rowsOf(set.intersection(other)),
          rows.filter((one) => other.has(one)),
        );
        assert.equal(rowsOf(set.complement(size)).length, size - rows.length);
        const copy = new RowSet(size);
        copy.become(set);
        assert.deepEqual(rowsOf(copy), rows);
        assert.ok(copy.isEqual(set));
        if (copy.has(row)) copy.remove(row);
        else copy.add(row);
        assert.ok(!copy.isEqual(set));
      }
    });
  }
});
