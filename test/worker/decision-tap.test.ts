// Decisions that somebody looks on at: the part that was asked for, of the orgs that were asked for, in bounded memory.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { FIRST_ROUTE, NO_MATCH } from '../../src/routing/table.js';
import { DecisionTap, GATHERED_MAX, type TappedSlot } from '../../src/worker/decision-tap.js';
import type { Tapped } from '../../src/worker/thread-messages.js';

let posted: { readonly tapped: readonly Tapped[]; readonly dropped: number }[];
let rolls: number;
let tap: DecisionTap;

const BLOCK = new SharedArrayBuffer(8);

function slotOf(orgId: string): TappedSlot {
  return { orgId, block: BLOCK, stale: true };
}

describe('the tap of a worker', () => {
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    posted = [];
    rolls = 0;
    // 0, 0.1, … 0.9, and again.
    tap = new DecisionTap(
      (tapped, dropped) => posted.push({ tapped, dropped }),
      () => (rolls++ % 10) / 10,
    );
  });

  afterEach(() => {
    mock.timers.reset();
  });

  it('is off until somebody looks on, and when nobody does any more', () => {
    assert.equal(tap.isOn, false);
    tap.set([{ orgId: undefined, sample: 1 }]);
    assert.equal(tap.isOn, true);
    tap.set([]);
    assert.equal(tap.isOn, false);
  });

  it('tells in one message what was decided for whom, and nothing of the request', () => {
    tap.set([{ orgId: undefined, sample: 1 }]);
    tap.note(slotOf('a'), FIRST_ROUTE, 5);
    tap.note(slotOf('b'), NO_MATCH, 6);
    assert.deepEqual(posted, []);
    mock.timers.tick(1000);
    const common = { sample: 1, block: BLOCK, stale: true };
    assert.deepEqual(posted, [
      {
        tapped: [
          { ...common, atMs: 5, orgId: 'a', outcome: FIRST_ROUTE },
          { ...common, atMs: 6, orgId: 'b', outcome: NO_MATCH },
        ],
        dropped: 0,
      },
    ]);
  });

  it('takes of each org what the most curious of those who look at it wants', () => {
    tap.set([
      { orgId: undefined, sample: 0.2 },
      { orgId: 'a', sample: 0.5 },
      { orgId: 'a', sample: 0.1 },
    ]);
    for (const orgId of ['a', 'b'])
      for (let time = 0; time < 100; time += 1) tap.note(slotOf(orgId), NO_MATCH, 0);
    mock.timers.tick(1000);
    const count = (orgId: string): number =>
      (posted[0]?.tapped ?? []).filter((each) => each.orgId === orgId).length;
    assert.deepEqual([count('a'), count('b')], [50, 20]);
    tap.set([{ orgId: 'a', sample: 1 }]);
    tap.note(slotOf('b'), NO_MATCH, 0);
    mock.timers.tick(1000);
    assert.equal(posted.length, 1, 'nothing of others is told');
  });

  it('drops and counts what is more than it may hold', () => {
    tap.set([{ orgId: undefined, sample: 1 }]);
    const slot = slotOf('a');
    for (let time = 0; time < GATHERED_MAX + 5; time += 1) tap.note(slot, NO_MATCH, 0);
    mock.timers.tick(1000);
    assert.deepEqual([posted[0]?.tapped.length, posted[0]?.dropped], [GATHERED_MAX, 5]);
    tap.note(slot, NO_MATCH, 0);
    mock.timers.tick(1000);
    assert.deepEqual([posted[1]?.tapped.length, posted[1]?.dropped], [1, 0]);
  });
});
