// A number at once, and a rate from then on.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TokenBucket } from '../src/token-bucket.js';

describe('a token bucket', () => {
  it('gives its capacity at once, and then its rate', () => {
    let now = 1000;
    const bucket = new TokenBucket(() => now, 3, 2);
    const takeAll = (): number => {
      let taken = 0;
      for (; !bucket.isEmpty; taken += 1) bucket.take();
      return taken;
    };
    assert.equal(takeAll(), 3);
    assert.equal(takeAll(), 0);
    now += 499;
    assert.equal(takeAll(), 0);
    now += 1;
    assert.equal(takeAll(), 1);
    now += 3600_000;
    assert.equal(takeAll(), 3, 'no more than it holds');
  });

  it('is paid back what was taken beyond it', () => {
    let now = 0;
    const bucket = new TokenBucket(() => now, 1, 1);
    for (let taken = 0; taken < 3; taken += 1) bucket.take();
    now += 2999;
    assert.equal(bucket.isEmpty, true);
    now += 1;
    assert.equal(bucket.isEmpty, false);
  });
});
