// Requests that have waited for their org's table and are answered together: what is counted of them, and that those with
// long prompts don't hold up everybody else. The clock and the socket are the test's.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LATENCY_AT, LATENCY_BOUNDS_MS } from '../../src/figures.js';
import { shareTable } from '../../src/protocol/shared-table.js';
import { compileTable } from '../../src/routing/compile.js';
import type { WaitingClient } from '../../src/worker/connection-host.js';
import { ParkingLot } from '../../src/worker/parking-lot.js';
import type { Slot } from '../../src/worker/table-slots.js';
import { ConnectionStage } from '../support/connection-stage.js';
import { org, route } from '../support/routes.js';
import { requestFrame } from '../support/wire-client.js';

const ORG = org(2);
const KEYWORDS = ['credit card', 'passport', 'iban', 'salary', 'diagnosis'];

interface Parked {
  readonly stage: ConnectionStage;
  /** The table has come. */
  readonly answer: () => void;
}

function park(count: number, prompt: string): Parked {
  let clock = (): number => 0;
  const parkingLot = new ParkingLot<WaitingClient>({
    clock: () => clock(),
    timeoutMs: 50,
    requestTable: () => undefined,
    onTimeout: () => undefined,
  });
  const stage = new ConnectionStage({ parkingLot });
  clock = () => stage.nowMs;
  const { socket } = stage.connect();
  for (let id = 0; id < count; id += 1) {
    socket.send(requestFrame(id, 'resolve', { org_id: ORG, model: 'm', prompt }));
  }
  return {
    stage,
    answer: () => {
      const slot = shipped(stage);
      const requests = parkingLot.leave(ORG);
      assert.equal(requests.length, count);
      requests[0]?.owner.answerParked(requests, slot);
    },
  };
}

function shipped(stage: ConnectionStage): Slot {
  const block = shareTable(compileTable([route('r', { when: { prompt_contains_any_of: KEYWORDS } })], 1));
  const times = { refreshAtMs: Infinity, untilMs: Infinity, lastGoodUntilMs: Infinity };
  const slot = stage.host.slots.take({
    ...{ type: 'table', orgId: ORG, block, revision: 1, stale: false, ...times },
    ...{ table: 2, readBeganAtMs: 0, settledMs: 0 },
  });
  assert.ok(slot !== undefined);
  return slot;
}

describe('requests that were parked', () => {
  it('are each measured once, for as long as they have waited, though their answers take several writes', () => {
    const { stage, answer } = park(1000, 'passport');
    stage.nowMs = 40;
    answer();
    const buckets = stage.figures.slice(LATENCY_AT, LATENCY_AT + LATENCY_BOUNDS_MS.length + 1);
    const bucket = LATENCY_BOUNDS_MS.findIndex((bound) => bound >= 40);
    assert.deepEqual(
      [...buckets.entries()].filter(([, count]) => count > 0),
      [[bucket, 1000]],
    );
  });

  it('have their prompts searched one after the other where they are more than short', () => {
    const { stage, answer } = park(100, 'x'.repeat(8000));
    answer();
    assert.equal(stage.host.longPrompts.size, 100);
  });

  it('are answered at once where their prompts are short', () => {
    const { stage, answer } = park(100, 'x'.repeat(1000));
    answer();
    assert.equal(stage.host.longPrompts.size, 0);
  });
});
