// Who looks on: each gets their part, the workers hear of all together, and what is lost is counted.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { DecisionJson } from '../../src/admin/backend.js';
import { DecisionTaps, type Tap } from '../../src/control/decision-taps.js';
import { SignalboxError } from '../../src/errors.js';
import { shareTable } from '../../src/protocol/shared-table.js';
import { compileTable } from '../../src/routing/compile.js';
import { FIRST_ROUTE } from '../../src/routing/table.js';
import type { Tapped, ToWorkers } from '../../src/worker/thread-messages.js';
import { route } from '../support/routes.js';

let said: ToWorkers[];
let rolls: number;
let taps: DecisionTaps;

const BLOCK = shareTable(
  compileTable([route('a', { id: 'id', then: { target_model: 'm' }, paused: false })], 3),
);

function tapped(orgId: string, sample = 1): Tapped {
  return { atMs: 900, sample, orgId, block: BLOCK, outcome: FIRST_ROUTE, stale: false };
}

function tapInto(got: DecisionJson[], changes: Partial<Tap> = {}): Tap {
  return {
    kind: 'tap',
    sample: 1,
    take: (decisions) => {
      got.push(...decisions);
      return 0;
    },
    ...changes,
  };
}

describe('those who look on at decisions', () => {
  beforeEach(() => {
    said = [];
    rolls = 0;
    taps = new DecisionTaps(
      (message) => said.push(message),
      () => 1000,
      () => (rolls++ % 10) / 10,
    );
  });

  it('are told to the workers when they come and go, and to workers that start', () => {
    taps.welcome();
    assert.equal(said.length, 0);
    const close = taps.open(tapInto([], { orgId: 'a', sample: 0.5 }));
    taps.open(tapInto([]));
    taps.welcome();
    close();
    close();
    assert.deepEqual(
      said.map((message) => (message.type === 'tap' ? message.tappings : message)),
      [
        [{ orgId: 'a', sample: 0.5 }],
        [
          { orgId: 'a', sample: 0.5 },
          { orgId: undefined, sample: 1 },
        ],
        [
          { orgId: 'a', sample: 0.5 },
          { orgId: undefined, sample: 1 },
        ],
        [{ orgId: undefined, sample: 1 }],
      ],
    );
  });

  it('get decisions of their org, and the part of them that they asked for', () => {
    const [all, some, ofA]: [DecisionJson[], DecisionJson[], DecisionJson[]] = [[], [], []];
    taps.open(tapInto(all));
    taps.open(tapInto(some, { sample: 0.2 }));
    taps.open(tapInto(ofA, { orgId: 'a' }));
    const batch = Array.from({ length: 100 }, (_, index) => tapped(index % 2 === 0 ? 'a' : 'b'));
    taps.receive(batch, 0);
    assert.deepEqual([all.length, some.length, ofA.length], [100, 20, 50]);
    assert.ok(ofA.every((decision) => decision.org_id === 'a'));
    const [first] = all;
    assert.ok(first !== undefined);
    const { at, ...rest } = first;
    assert.deepEqual(rest, {
      org_id: 'a',
      reason: 'matched',
      route_id: 'id',
      route: 'a',
      target_model: 'm',
      paused: false,
      stale: false,
      revision: 3,
    });
    assert.ok(Math.abs(Date.parse(at) - (Date.now() - 100)) < 60_000);
  });

  it('are counted what the workers dropped, and what they could not take themselves', () => {
    taps.open(tapInto([], { take: () => 2 }));
    taps.open(tapInto([], { kind: 'decision_log', take: () => 0 }));
    taps.receive([tapped('a')], 5);
    assert.deepEqual(taps.dropped, { tap: 7, decision_log: 5 });
  });

  it('are bounded in number', () => {
    const closes = Array.from({ length: 16 }, () => taps.open(tapInto([])));
    assert.throws(
      () => taps.open(tapInto([])),
      (error) => error instanceof SignalboxError && error.code === 'overloaded',
    );
    closes[0]?.();
    taps.open(tapInto([]));
  });
});
