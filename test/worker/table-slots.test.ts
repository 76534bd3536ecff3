// The tables of a worker: until when they may be used, and when a newer one is asked for.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { Unpackr } from 'msgpackr/unpack';
import type { Decision } from '../../src/routing/decision.js';
import { compileTable } from '../../src/routing/compile.js';
import { select } from '../../src/routing/resolve.js';
import { type Slot, TableSlots } from '../../src/worker/table-slots.js';
import type { TableMessage } from '../../src/worker/thread-messages.js';
import { route } from '../support/routes.js';

let asked: string[];
let slots: TableSlots;

function message(revision: number, changes: Partial<TableMessage> = {}): TableMessage {
  const table = compileTable([route(`r${revision}`)], revision);
  return {
    type: 'table',
    orgId: 'a',
    table,
    stale: false,
    refreshAtMs: 80,
    untilMs: 100,
    lastGoodUntilMs: Infinity,
    readBeganAtMs: 0,
    settledMs: 0,
    ...changes,
  };
}

function decision(slot: Slot | undefined): Decision {
  assert.ok(slot?.kind === 'table');
  const bytes = slot.answer(select(slot.table, { model: 'm' }));
  return new Unpackr({ useRecords: false, mapsAsObjects: true }).unpack(bytes) as Decision;
}

describe('the table slots of a worker', () => {
  beforeEach(() => {
    asked = [];
    slots = new TableSlots((orgId) => asked.push(orgId));
  });

  it('have nothing of an org that was never shipped', () => {
    assert.equal(slots.get('a', 0), undefined);
  });

  it('give a table strictly before it must no longer be used', () => {
    slots.take(message(1));
    assert.equal(decision(slots.get('a', 99.999)).revision, 1);
    assert.equal(slots.get('a', 100), undefined);
  });

  it('have a table as the last good one, stale, until it is too old for that', () => {
    slots.take(message(1, { lastGoodUntilMs: 500 }));
    assert.equal(decision(slots.get('a', 99)).stale, false);
    const { revision, stale } = decision(slots.lastGood('a', 499));
    assert.deepEqual([revision, stale], [1, true]);
    assert.equal(slots.lastGood('a', 500), undefined);
    slots.take({ type: 'expire', orgId: 'a' });
    assert.equal(decision(slots.lastGood('a', 0)).stale, true);
    slots.take({ type: 'unavailable', orgId: 'a', message: 'too old', untilMs: 1000 });
    assert.equal(slots.lastGood('a', 0), undefined);
    assert.equal(slots.lastGood('b', 0), undefined);
  });

  it('ask for a newer table once, from the last fifth on, and go on with the one there is', () => {
    slots.take(message(1));
    slots.get('a', 79);
    assert.deepEqual(asked, []);
    assert.equal(decision(slots.get('a', 80)).revision, 1);
    slots.get('a', 90);
    assert.deepEqual(asked, ['a']);
    slots.take(message(2, { refreshAtMs: 180, untilMs: 200 }));
    assert.equal(decision(slots.get('a', 181)).revision, 2);
    assert.deepEqual(asked, ['a', 'a']);
  });

  it('decide by the table that came last', () => {
    slots.take(message(1));
    slots.take(message(2));
    assert.equal(decision(slots.get('a', 0)).route, 'r2');
  });

  it('mark decisions of a stale table, and only those', () => {
    slots.take(message(1, { stale: true }));
    assert.equal(decision(slots.get('a', 0)).stale, true);
    slots.take(message(1));
    assert.equal(decision(slots.get('a', 0)).stale, false);
  });

  it('use no table that has expired, until it is shipped again', () => {
    slots.take(message(1));
    slots.take({ type: 'expire', orgId: 'a' });
    assert.equal(slots.get('a', 0), undefined);
    slots.take(message(2));
    assert.equal(decision(slots.get('a', 0)).revision, 2);
  });

  it('forget an org that is dropped', () => {
    slots.take(message(1));
    slots.take({ type: 'drop', orgId: 'a' });
    assert.equal(slots.get('a', 0), undefined);
  });

  it('know that there is no table, and for how long nobody need ask', () => {
    slots.take({ type: 'unavailable', orgId: 'a', message: 'gone', untilMs: 10 });
    const slot = slots.get('a', 9);
    assert.ok(slot?.kind === 'unavailable' && slot.message === 'gone');
    assert.equal(slots.get('a', 10), undefined);
    assert.deepEqual(asked, []);
  });

  it('encode a decision once and give the same bytes again', () => {
    slots.take(message(1));
    const slot = slots.get('a', 0);
    assert.ok(slot?.kind === 'table');
    assert.equal(slot.answer(2), slot.answer(2));
  });
});
