// The map of org ids against JavaScript's own, over random sets, replacements and deletions; ids are drawn from few, so
// that they meet in the same slots all the time.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OrgMap } from '../../src/worker/org-map.js';
import { seededRandom } from '../support/random.js';

const random = seededRandom();
const orgId = (n: number): Int32Array => Int32Array.of(n & 3, (n >> 2) & 3, -(n >> 4) | 0, n >> 6);

describe('a map of org ids', () => {
  it('holds what was set last, and nothing that was deleted', (test) => {
    test.diagnostic(`SIGNALBOX_TEST_SEED=${random.seed}`);
    for (let round = 0; round < 40; round += 1) {
      const ids = 1 + random.below(600);
      const map = new OrgMap<{ readonly at: number }>();
      const expected = new Map<number, { readonly at: number }>();
      for (let at = 0; at < 3000; at += 1) {
        const id = random.below(ids);
        if (random.chance(0.6)) {
          const value = { at };
          map.set(orgId(id), value);
          expected.set(id, value);
        } else {
          map.delete(orgId(id));
          expected.delete(id);
        }
        const asked = random.below(ids);
        assert.equal(map.get(orgId(asked)), expected.get(asked));
      }
      assert.equal(map.size, expected.size);
      for (let id = 0; id < ids; id += 1) assert.equal(map.get(orgId(id)), expected.get(id));
    }
  });

  it('holds them all however often it has grown', () => {
    const map = new OrgMap<number>(random.next);
    for (let id = 0; id < 10_000; id += 1) {
      map.set(Int32Array.of(id, 0, -id, 7), id);
      // Those that were there before it grew are there still, and once.
      if ((id & (id - 1)) === 0) assert.equal(map.get(Int32Array.of(id >> 1, 0, -(id >> 1), 7)), id >> 1);
    }
    assert.equal(map.size, 10_000);
    for (let id = 0; id < 10_000; id += 1) {
      assert.equal(map.get(Int32Array.of(id, 0, -id, 7)), id);
      map.delete(Int32Array.of(id, 0, -id, 7));
      assert.equal(map.get(Int32Array.of(id, 0, -id, 7)), undefined);
    }
    assert.equal(map.size, 0);
  });

  it('keeps no key that the caller changes afterwards', () => {
    const map = new OrgMap<string>();
    const id = orgId(5);
    map.set(id, 'five');
    id[0] = 99;
    assert.equal(map.get(orgId(5)), 'five');
    assert.equal(map.get(id), undefined);
  });
});
