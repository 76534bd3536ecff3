// Reads that clients force by naming a revision.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ForcedReads } from '../../../src/control/cache/forced-reads.js';

const ORG = 'org';

/** Reads that are counted, of a store whose read under way ends when it is told to. */
function forcedReads(): { reads: ForcedReads<number>; count: () => number; end: () => void } {
  let count = 0;
  let end = (): void => undefined;
  const underWay = new Promise<void>((resolve) => {
    end = resolve;
  });
  const reads = new ForcedReads<number>({
    clock: () => 0,
    patienceMs: 0,
    lastBeganAtMs: () => undefined,
    underWay: () => underWay,
    read: () => Promise.resolve((count += 1)),
  });
  return { reads, count: () => count, end };
}

describe('a forced read', () => {
  it('is shared by all who ask until it begins, and begins when the one under way is over', async () => {
    const { reads, count, end } = forcedReads();
    const asked = Array.from({ length: 100 }, () => reads.join(ORG));
    await new Promise(setImmediate);
    assert.equal(count(), 0);
    end();
    assert.deepEqual(new Set(await Promise.all(asked)), new Set([1]));
  });

  it('is another for who asks after it began, and for another org', async () => {
    const { reads, end } = forcedReads();
    end();
    assert.equal(await reads.join(ORG), 1);
    const [second, third] = await Promise.all([reads.join(ORG), reads.join('another')]);
    assert.deepEqual(new Set([second, third]), new Set([2, 3]));
  });
});
