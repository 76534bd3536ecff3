// When a client connects again.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Reconnect } from '../../src/client/reconnect.js';

/** Without jitter each wait is the longest that there may be. */
const LONGEST = (): number => 1;

describe('a client connects again', () => {
  it('at once after a connection that served', () => {
    assert.equal(new Reconnect(LONGEST).delayMs(false), 0);
  });

  it('later after each failure, up to a second, and at once when it was served', () => {
    const reconnect = new Reconnect(LONGEST);
    const delays = Array.from({ length: 10 }, () => {
      reconnect.noteFailed();
      return reconnect.delayMs(false);
    });
    assert.deepEqual(delays, [5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
    reconnect.noteServed();
    assert.equal(reconnect.delayMs(false), 0);
  });

  it('soon while the daemon is being restarted, however often it failed', () => {
    const reconnect = new Reconnect(LONGEST);
    for (let failures = 0; failures < 100; failures += 1) reconnect.noteFailed();
    assert.equal(reconnect.delayMs(true), 25);
  });

  it('after half of the wait at least', () => {
    const reconnect = new Reconnect(() => 0);
    reconnect.noteFailed();
    assert.equal(reconnect.delayMs(false), 2.5);
  });

  it('without anybody waiting for it, once three attempts in a row have failed', () => {
    const reconnect = new Reconnect(LONGEST);
    const isDown = Array.from({ length: 3 }, () => {
      reconnect.noteFailed();
      return reconnect.isDown;
    });
    assert.deepEqual(isDown, [false, false, true]);
    reconnect.noteServed();
    assert.equal(reconnect.isDown, false);
  });
});
