// How often a user may connect, and that users are no worse for each other.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NEWCOMERS_BURST, NEWCOMERS_PER_SECOND, Newcomers } from '../../../src/control/access/newcomers.js';

describe('newcomers', () => {
  it('come in at once up to a number, and then so many a second, each user for itself', () => {
    let nowMs = 0;
    const newcomers = new Newcomers(() => nowMs);
    const admitted = (uid: number | undefined): number => {
      let count = 0;
      while (newcomers.admit(uid)) count += 1;
      return count;
    };
    assert.equal(admitted(1), NEWCOMERS_BURST);
    assert.equal(admitted(2), NEWCOMERS_BURST, 'another user has as many');
    assert.equal(
      admitted(undefined),
      NEWCOMERS_BURST,
      'and so have those of whom nothing is known, together',
    );
    nowMs += 1000;
    assert.equal(admitted(1), NEWCOMERS_PER_SECOND);
    assert.equal(admitted(1), 0);
  });
});
