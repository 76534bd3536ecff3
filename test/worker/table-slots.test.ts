// The tables of a worker: until when they may be used, and when a newer one is asked for.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { Unpackr } from 'msgpackr/unpack';
import { FRAME_HEADER_BYTES } from '../../src/protocol/messages.js';
import { orgIdFromWords, writeOrgIdWords } from '../../src/protocol/org-id.js';
import { shareTable } from '../../src/protocol/shared-table.js';
import type { Decision } from '../../src/routing/decision.js';
import { compileTable } from '../../src/routing/compile.js';
import { signalsOf } from '../../src/routing/signals.js';
import { FIRST_ROUTE } from '../../src/routing/table.js';
import { type Slot, TableSlots } from '../../src/worker/table-slots.js';
import type { TableMessage } from '../../src/worker/thread-messages.js';
import { route } from '../support/routes.js';

const ORG = '0190a000-0000-7000-8000-00000000000a';
const WORDS = new Int32Array(4);
writeOrgIdWords(ORG, WORDS);
const OTHER_ORG = ORG.replace(/a$/, 'b');
const OTHER_WORDS = new Int32Array(4);
writeOrgIdWords(OTHER_ORG, OTHER_WORDS);

let asked: string[];
let slots: TableSlots;

function message(revision: number, changes: Partial<TableMessage> = {}): TableMessage {
  const block = shareTable(compileTable([route(`r${revision}`)], revision));
  return {
    type: 'table',
    orgId: ORG,
    block,
    table: revision,
    revision,
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
  const frame = slot.answer(slot.select(signalsOf({ model: 'm' })));
  const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true });
  const [, , , decided] = unpackr.unpack(frame.subarray(FRAME_HEADER_BYTES)) as unknown[];
  return decided as Decision;
}

describe('the table slots of a worker', () => {
  beforeEach(() => {
    asked = [];
    slots = new TableSlots((orgId) => asked.push(orgIdFromWords(orgId)));
  });

  it('have nothing of an org that was never shipped', () => {
    assert.equal(slots.get(WORDS, 0), undefined);
  });

  it('give a table strictly before it must no longer be used', () => {
    slots.take(message(1));
    assert.equal(decision(slots.get(WORDS, 99.999)).revision, 1);
    assert.equal(slots.get(WORDS, 100), undefined);
  });

  it('have a table as the last good one, stale, until it is too old for that', () => {
    slots.take(message(1, { lastGoodUntilMs: 500 }));
    assert.equal(decision(slots.get(WORDS, 99)).stale, false);
    const { revision, stale } = decision(slots.lastGood(ORG, 499));
    assert.deepEqual([revision, stale], [1, true]);
    assert.equal(slots.lastGood(ORG, 500), undefined);
    slots.take({ type: 'expire', orgId: ORG });
    assert.equal(decision(slots.lastGood(ORG, 0)).stale, true);
    slots.take({ type: 'unavailable', orgId: ORG, message: 'too old', untilMs: 1000 });
    assert.equal(slots.lastGood(ORG, 0), undefined);
    assert.equal(slots.lastGood(OTHER_ORG, 0), undefined);
  });

  it('ask for a newer table once, from the last fifth on, and go on with the one there is', () => {
    slots.take(message(1));
    slots.get(WORDS, 79);
    assert.deepEqual(asked, []);
    assert.equal(decision(slots.get(WORDS, 80)).revision, 1);
    slots.get(WORDS, 90);
    assert.deepEqual(asked, [ORG]);
    slots.take(message(2, { refreshAtMs: 180, untilMs: 200 }));
    assert.equal(decision(slots.get(WORDS, 181)).revision, 2);
    assert.deepEqual(asked, [ORG, ORG]);
  });

  it('decide by the table that came last', () => {
    slots.take(message(1));
    slots.take(message(2));
    assert.equal(decision(slots.get(WORDS, 0)).route, 'r2');
  });

  it('mark decisions of a stale table, and only those', () => {
    slots.take(message(1, { stale: true }));
    assert.equal(decision(slots.get(WORDS, 0)).stale, true);
    slots.take(message(1));
    assert.equal(decision(slots.get(WORDS, 0)).stale, false);
  });

  it('go on with a table that is shipped again, for as long as it says then', () => {
    const first = message(1, { untilMs: 100 });
    const slot = slots.take(first);
    assert.ok(slot?.kind === 'table');
    slot.hits.note(0, 79);
    slot.answer(0);
    const answer = slot.answer(0);
    slots.get(WORDS, 80);
    const again = slots.take({ ...first, refreshAtMs: 180, untilMs: 200, lastGoodUntilMs: 300 });
    assert.equal(again, slot);
    assert.equal(slots.get(WORDS, 150), slot);
    assert.equal(slots.get(WORDS, 200), undefined);
    assert.equal(slot.answer(0), answer, 'nothing was copied again');
    assert.equal(slots.hitsOf(ORG).get('no_match')?.count, 1);
    assert.equal(slot.lastGood(299)?.stale, true);
    assert.equal(slot.lastGood(300), undefined);
  });

  it('ask anew for each time that a table is shipped', () => {
    const first = message(1);
    slots.take(first);
    slots.get(WORDS, 80);
    slots.take({ ...first, refreshAtMs: 180, untilMs: 200 });
    slots.get(WORDS, 150);
    assert.deepEqual(asked, [ORG]);
    slots.get(WORDS, 180);
    assert.deepEqual(asked, [ORG, ORG]);
  });

  it('mark decisions of a table that is shipped again as stale, and go on counting', () => {
    const first = message(1);
    for (const stale of [false, true, false, true]) {
      slots.take({ ...first, stale, untilMs: stale ? 200 : 100 });
      const slot = slots.get(WORDS, 99);
      assert.ok(slot?.kind === 'table');
      // Before and after the answer is copied.
      for (let times = 0; times < 3; times += 1) {
        assert.equal(decision(slot).stale, stale);
        slot.hits.note(FIRST_ROUTE, times);
      }
      assert.equal(slots.get(WORDS, 150) === undefined, !stale);
    }
    assert.deepEqual([...slots.hitsOf(ORG).values()], [{ count: 12, lastMs: 2 }]);
  });

  it('use no table that has expired, until it is shipped again', () => {
    slots.take(message(1));
    slots.take({ type: 'expire', orgId: ORG });
    assert.equal(slots.get(WORDS, 0), undefined);
    slots.take(message(2));
    assert.equal(decision(slots.get(WORDS, 0)).revision, 2);
  });

  it('forget an org that is dropped', () => {
    slots.take(message(1));
    slots.take({ type: 'drop', orgId: ORG });
    assert.equal(slots.get(WORDS, 0), undefined);
  });

  it('know an org that has routes for as long as it is not dropped, and no org without', () => {
    assert.equal(slots.isKnown(WORDS), false);
    slots.take(message(1, { untilMs: 0 }));
    slots.take({ type: 'expire', orgId: ORG });
    assert.equal(slots.isKnown(WORDS), true);
    slots.take({ type: 'drop', orgId: ORG });
    assert.equal(slots.isKnown(WORDS), false);
    slots.take(message(0));
    assert.equal(slots.isKnown(WORDS), false);
  });

  it('know that there is no table, and for how long nobody need ask', () => {
    slots.take({ type: 'unavailable', orgId: ORG, message: 'gone', untilMs: 10 });
    const slot = slots.get(WORDS, 9);
    assert.ok(slot?.kind === 'unavailable' && slot.frame.includes('gone'));
    assert.equal(slots.get(WORDS, 10), undefined);
    assert.deepEqual(asked, []);
  });

  it('copy an answer when it is given for the second time, and then give the copy', () => {
    slots.take(message(1));
    const slot = slots.get(WORDS, 0);
    assert.ok(slot?.kind === 'table');
    const first = Buffer.from(slot.answer(2));
    assert.notEqual(slot.answer(2), slot.answer(2), 'it may have been the only time');
    slot.hits.note(2, 0);
    assert.deepEqual(slot.answer(2), first);
    assert.equal(slot.answer(2), slot.answer(2));
  });

  it('keep the copies of one table after the other in the same memory', () => {
    const offsets = new Set<number>();
    for (let revision = 1; revision <= 50; revision += 1) {
      // Some of them stale for a moment.
      slots.take(message(revision, { stale: revision % 3 === 0 }));
      slots.take(message(revision, { stale: false }));
      const slot = slots.get(WORDS, 0);
      assert.ok(slot?.kind === 'table');
      slot.hits.note(FIRST_ROUTE, 0);
      assert.equal(decision(slot).route, `r${revision}`);
      offsets.add(slot.answer(FIRST_ROUTE).byteOffset);
    }
    // One for answers that are a little longer.
    assert.ok(offsets.size <= 2, `${offsets.size}`);
  });

  it('give each answer of each table its own bytes, however often they are given', () => {
    slots.take(message(1));
    slots.take({ ...message(2), orgId: OTHER_ORG });
    const [one, other] = [slots.get(WORDS, 0), slots.get(OTHER_WORDS, 0)];
    assert.ok(one?.kind === 'table' && other?.kind === 'table');
    for (let times = 0; times < 3; times += 1) {
      assert.deepEqual([decision(one).route, decision(other).route], ['r1', 'r2']);
      assert.equal(decision(one.lastGood(0)).stale, true);
      assert.equal(decision(one).stale, false);
      for (const slot of [one, other]) slot.hits.note(FIRST_ROUTE, times);
    }
  });
});
