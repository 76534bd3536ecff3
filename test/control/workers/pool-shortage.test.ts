// When a pool with missing workers is replaced, with a clock that stands still unless told.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PoolShortage } from '../../../src/control/workers/pool-shortage.js';

const SECOND_MS = 1000;

describe('a pool that is too small', () => {
  it('is given a second to come back to its size by itself', () => {
    const shortage = new PoolShortage();
    assert.equal(shortage.isReplacementDue(0), false);
    assert.equal(shortage.isReplacementDue(SECOND_MS - 1), false);
    shortage.end(SECOND_MS);
    assert.equal(shortage.isReplacementDue(2 * SECOND_MS), false, 'this is another shortage');
    assert.equal(shortage.isReplacementDue(3 * SECOND_MS), true);
  });

  it('is replaced again and again, with longer pauses up to a bound, for as long as that is no use', () => {
    const shortage = new PoolShortage();
    const replacedMs: number[] = [];
    for (let now = 0; now < 120 * SECOND_MS; now += 50)
      if (shortage.isReplacementDue(now)) replacedMs.push(now);
    const pauses = replacedMs.slice(1).map((ms, index) => ms - (replacedMs[index] ?? 0));
    assert.ok(pauses.length > 10 && Math.max(...pauses) <= 6 * SECOND_MS, pauses.join());
    assert.ok((pauses.at(-1) ?? 0) > (pauses[0] ?? Infinity), pauses.join());
  });

  it('is replaced without delay again once it was whole for a minute', () => {
    const shortage = new PoolShortage();
    let now = 0;
    for (; now < 60 * SECOND_MS; now += 50) shortage.isReplacementDue(now);
    for (; now < 200 * SECOND_MS; now += SECOND_MS) shortage.end(now);
    assert.equal(shortage.isReplacementDue(now), false);
    assert.equal(shortage.isReplacementDue(now + SECOND_MS), true);
  });
});
