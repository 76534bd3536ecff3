// When a restart begins and ends for a client, in time that the test decides.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Restart } from '../../src/client/restart.js';

const LONGEST_MS = 5000;
const DEADLINE_MS = 25;

describe('a restart', () => {
  let nowMs = 0;
  const start = (longestMs = LONGEST_MS): Restart => {
    nowMs = 10_000;
    return new Restart(longestMs, DEADLINE_MS, () => nowMs);
  };
  /** Answers that took so long, one every ten milliseconds. */
  const answer = (restart: Restart, tookMs: number, forMs: number): void => {
    for (let passed = 0; passed < forMs; passed += 10) {
      nowMs += 10;
      restart.noteAnswer(nowMs - tookMs);
    }
  };

  it('is not there before the daemon has said goaway, and is waited for no longer than was said', () => {
    const restart = start();
    answer(restart, 1000, 100);
    assert.equal(restart.leftMs, 0);
    restart.begin();
    assert.equal(restart.leftMs, LONGEST_MS);
    nowMs += 4000;
    assert.equal(restart.leftMs, 1000);
    nowMs += 2000;
    assert.equal(restart.leftMs, 0);
  });

  it('is over when every answer has come in time for a second', () => {
    const restart = start();
    restart.begin();
    answer(restart, 2, 1000);
    assert.equal(restart.leftMs, LONGEST_MS - 1000);
    answer(restart, 2, 10);
    assert.equal(restart.leftMs, 0);
  });

  it('goes on while answers come late, the first after many in time too', () => {
    const restart = start();
    restart.begin();
    answer(restart, 500, 1000);
    answer(restart, 2, 900);
    answer(restart, DEADLINE_MS + 1, 10);
    answer(restart, 2, 1000);
    assert.equal(restart.leftMs, LONGEST_MS - 2910);
    answer(restart, 2, 10);
    assert.equal(restart.leftMs, 0);
  });

  it('begins anew with the next goaway', () => {
    const restart = start();
    restart.begin();
    answer(restart, 2, 990);
    restart.begin();
    answer(restart, 2, 990);
    assert.equal(restart.leftMs, LONGEST_MS - 990);
  });

  it('is not waited for by who is told not to', () => {
    const restart = start(0);
    restart.begin();
    assert.equal(restart.leftMs, 0);
  });
});
