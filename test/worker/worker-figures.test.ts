// What a worker counts: every answer under its kind, with its latency, in memory that others can read.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import {
  ANSWERS,
  type AnswerKind,
  LATENCY_AT,
  LATENCY_BOUNDS_MS,
  LATENCY_BUCKETS,
  LATENCY_SUM_AT,
  PARKED_AT,
  STALE_AT,
  newFigures,
} from '../../src/figures.js';
import { shareTable } from '../../src/protocol/shared-table.js';
import { compileTable } from '../../src/routing/compile.js';
import { signalsOf } from '../../src/routing/signals.js';
import { DecisionTap } from '../../src/worker/decision-tap.js';
import { NO_HITS, OutcomeHits } from '../../src/worker/outcome-hits.js';
import { TableSlot } from '../../src/worker/table-slots.js';
import { WorkerFigures } from '../../src/worker/worker-figures.js';
import { draft } from '../support/routes.js';

let now: number;
let shared: Float64Array;
let figures: WorkerFigures;

function count(kind: AnswerKind): number {
  return shared[ANSWERS.indexOf(kind)] ?? NaN;
}

function latencies(): number[] {
  return [...shared.subarray(LATENCY_AT, LATENCY_AT + LATENCY_BUCKETS)];
}

/** As [bucket, requests], of those that aren't empty. */
function filled(): [number, number][] {
  return latencies().flatMap((requests, bucket) => (requests === 0 ? [] : [[bucket, requests]]));
}

function slot(stale = false): TableSlot {
  const route = { ...draft('a'), id: 'r1', paused: false, when: { model_in: ['m'] } };
  const block = shareTable(compileTable([route], 1));
  const message = {
    type: 'table',
    orgId: 'a',
    block,
    table: 1,
    revision: 1,
    stale,
    refreshAtMs: 0,
    untilMs: 0,
    lastGoodUntilMs: 0,
    readBeganAtMs: 0,
    settledMs: 0,
  } as const;
  return new TableSlot(message, stale, new OutcomeHits(NO_HITS));
}

describe('the figures of a worker', () => {
  beforeEach(() => {
    now = 100;
    shared = newFigures();
    figures = new WorkerFigures(shared, () => now, new DecisionTap(() => undefined, Math.random));
  });

  it('count each answer under its kind, and stale ones', () => {
    const [fresh, stale] = [slot(), slot(true)];
    figures.decided(fresh, fresh.select(signalsOf({ model: 'm' })), now);
    figures.decided(stale, stale.select(signalsOf({ model: 'm' })), now);
    figures.decided(fresh, fresh.select(signalsOf({ model: 'other' })), now);
    figures.decided(fresh, fresh.select(signalsOf({ model: 'm', force_route: 'none' })), now);
    for (const code of ['bad_request', 'unavailable', 'overloaded', 'draining', 'internal'] as const) {
      figures.refused(code);
      assert.equal(count(code), 1, code);
    }
    assert.deepEqual([count('matched'), count('no_match'), count('no_such_route')], [2, 1, 1]);
    assert.equal(shared[STALE_AT], 1);
  });

  it('give all answers of a batch the time from its read to its write', () => {
    const table = slot();
    for (let requests = 0; requests < 3; requests += 1) figures.decided(table, 0, now);
    now += 0.03;
    figures.batchWritten(figures.takeUnmeasured(), 100);
    assert.deepEqual(filled(), [[3, 3]]);
    assert.ok(Math.abs((shared[LATENCY_SUM_AT] ?? 0) - 0.09) < 1e-9);
    figures.batchWritten(figures.takeUnmeasured(), 100);
    assert.deepEqual(filled(), [[3, 3]], 'a read without requests counts nothing');
  });

  it('put a latency into the bucket whose bound it does not exceed, and the slowest into the last', () => {
    for (const [bucket, bound] of LATENCY_BOUNDS_MS.entries()) {
      now = bound;
      figures.refused('bad_request');
      figures.batchWritten(figures.takeUnmeasured(), 0);
      assert.equal(latencies()[bucket], 1, `${bound}`);
    }
    now = 1e6;
    figures.refused('bad_request');
    figures.batchWritten(figures.takeUnmeasured(), 0);
    assert.equal(latencies().at(-1), 1);
  });

  it('measure parked requests one by one, and not with the next batch', () => {
    const table = slot();
    now = 130;
    for (let requests = 0; requests < 2; requests += 1) figures.decided(table, 0, now);
    figures.takeUnmeasured();
    figures.parkedWritten([{ parkedAtMs: 129.5 }, { parkedAtMs: 100 }]);
    assert.deepEqual(filled(), [
      [LATENCY_BOUNDS_MS.indexOf(0.5), 1],
      [LATENCY_BOUNDS_MS.indexOf(50), 1],
    ]);
    assert.equal(shared[PARKED_AT], 2);
    figures.batchWritten(figures.takeUnmeasured(), 130);
    assert.equal(
      latencies().reduce((sum, requests) => sum + requests),
      2,
    );
  });
});
