// Room that connections share: whoever takes all that it can get leaves something for the next.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Share, SharedRoom } from '../../src/worker/shared-room.js';

function fill(share: Share): number {
  let taken = 0;
  for (; share.hasRoomFor(1); taken += 1) share.add(1);
  return taken;
}

describe('shared room', () => {
  it('gives one half of it, two a third each, when they take all that they can get', () => {
    const room = new SharedRoom(1200);
    assert.equal(fill(room.share()), 600);
    const two = new SharedRoom(1200);
    const [a, b] = [two.share(), two.share()];
    let hasTaken = true;
    while (hasTaken) {
      hasTaken = false;
      for (const share of [a, b]) {
        if (!share.hasRoomFor(1)) continue;
        share.add(1);
        hasTaken = true;
      }
    }
    assert.equal(two.free, 400);
  });

  it('leaves something for whoever comes next, however many there are', () => {
    const room = new SharedRoom(1200);
    for (let count = 0; count < 5; count += 1) assert.ok(fill(room.share()) > 0, `connection ${count}`);
  });

  it('is free again when it is given back', () => {
    const room = new SharedRoom(100);
    const share = room.share();
    share.set(80);
    assert.equal(room.free, 20);
    assert.ok(share.isTooLarge);
    share.set(0);
    assert.equal(room.free, 100);
    assert.equal(share.isTooLarge, false);
  });
});
