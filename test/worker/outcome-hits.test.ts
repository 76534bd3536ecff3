// Hits of routes: by id, so that they go on when a table is swapped, and none for what nothing reached.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { writeOrgIdWords } from '../../src/protocol/org-id.js';
import { shareTable } from '../../src/protocol/shared-table.js';
import { compileTable } from '../../src/routing/compile.js';
import { FIRST_ROUTE, NO_MATCH, NO_SUCH_ROUTE } from '../../src/routing/table.js';
import { NO_HITS, OutcomeHits } from '../../src/worker/outcome-hits.js';
import { TableSlots } from '../../src/worker/table-slots.js';
import { route } from '../support/routes.js';

const ORG = '0190a000-0000-7000-8000-00000000000a';
const WORDS = new Int32Array(4);
writeOrgIdWords(ORG, WORDS);

let made = 0;

function slotsWith(slots: TableSlots, ...names: string[]): TableSlots {
  const block = shareTable(
    compileTable(
      names.map((name) => route(name, { id: `id-of-${name}` })),
      1,
    ),
  );
  const times = {
    stale: false,
    refreshAtMs: 0,
    untilMs: Infinity,
    lastGoodUntilMs: Infinity,
    readBeganAtMs: 0,
    settledMs: 0,
  };
  slots.take({ type: 'table', orgId: ORG, block, table: (made += 1), revision: 1, ...times });
  return slots;
}

function hit(slots: TableSlots, outcomeIndex: number, atMs: number): void {
  const slot = slots.get(WORDS, 0);
  assert.ok(slot?.kind === 'table');
  slot.hits.note(outcomeIndex, atMs);
}

describe('hits', () => {
  it('are counted by route, and of no route by the reason', () => {
    const slots = slotsWith(new TableSlots(() => undefined), 'a', 'b');
    hit(slots, FIRST_ROUTE + 1, 10);
    hit(slots, FIRST_ROUTE + 1, 20);
    hit(slots, NO_MATCH, 30);
    hit(slots, NO_SUCH_ROUTE, 40);
    assert.deepEqual(Object.fromEntries(slots.hitsOf(ORG)), {
      'id-of-b': { count: 2, lastMs: 20 },
      no_match: { count: 1, lastMs: 30 },
      no_such_route: { count: 1, lastMs: 40 },
    });
    assert.equal(slots.hitsOf(ORG.replace(/a$/, 'b')).size, 0);
  });

  it('go on with a route in its next table, wherever it stands there, and through a failing store', () => {
    const slots = slotsWith(new TableSlots(() => undefined), 'a', 'b');
    hit(slots, FIRST_ROUTE, 10);
    slots.take({ type: 'unavailable', orgId: ORG, message: 'down', untilMs: 0 });
    slotsWith(slots, 'c', 'b', 'a');
    hit(slots, FIRST_ROUTE + 2, 20);
    assert.deepEqual(Object.fromEntries(slots.hitsOf(ORG)), { 'id-of-a': { count: 2, lastMs: 20 } });
  });

  it('are counted of any number of routes, whatever came first', () => {
    const names = Array.from({ length: 50 }, (_, index) => `r${index}`);
    const slots = slotsWith(new TableSlots(() => undefined), ...names);
    for (const round of [1, 2, 3]) {
      for (let index = 49; index >= 0; index -= round) hit(slots, FIRST_ROUTE + index, round * 100 + index);
    }
    const hits = slots.hitsOf(ORG);
    assert.equal(hits.size, 50);
    assert.deepEqual(hits.get('id-of-r49'), { count: 3, lastMs: 349 });
    assert.deepEqual(hits.get('id-of-r47'), { count: 2, lastMs: 247 });
    assert.deepEqual(hits.get('id-of-r48'), { count: 1, lastMs: 148 });
    assert.deepEqual(hits.get('id-of-r0'), { count: 1, lastMs: 100 });
  });

  it('go on with each route, however many there are and however they are put in another order', () => {
    const names = Array.from({ length: 3000 }, (_, index) => `r${index}`);
    const slots = slotsWith(new TableSlots(() => undefined), ...names);
    const hitAll = (atMs: number): void => {
      for (const index of names.keys()) hit(slots, FIRST_ROUTE + index, atMs);
    };
    hitAll(1);
    for (const order of [
      ['new', ...names],
      [...names.slice(0, 1500), ...names.slice(1501)],
      names.slice(1500),
      names.toReversed(),
      [...names.slice(100), ...names.slice(0, 100)],
      names,
    ]) {
      slotsWith(slots, ...order);
    }
    hit(slots, FIRST_ROUTE + 7, 5);
    const hits = slots.hitsOf(ORG);
    for (const [index, name] of names.entries()) {
      const found = hits.get(`id-of-${name}`);
      // Of those that were gone in between, the first half, only so many are remembered.
      if (index >= 1501) assert.deepEqual(found, { count: 1, lastMs: 1 }, name);
    }
    assert.deepEqual(hits.get('id-of-r7')?.lastMs, 5);
  });

  it('of a route that was switched off are there when it is switched on again', () => {
    const slots = slotsWith(new TableSlots(() => undefined), 'a', 'b', 'c');
    hit(slots, FIRST_ROUTE + 1, 10);
    slotsWith(slots, 'a', 'c');
    hit(slots, FIRST_ROUTE + 1, 20);
    slotsWith(slots, 'a', 'b', 'c');
    hit(slots, FIRST_ROUTE + 1, 30);
    assert.deepEqual(Object.fromEntries(slots.hitsOf(ORG)), {
      'id-of-b': { count: 2, lastMs: 30 },
      'id-of-c': { count: 1, lastMs: 20 },
    });
  });

  it('are of few routes, though others come and go for years', () => {
    const slots = slotsWith(new TableSlots(() => undefined), 'old', 'r0');
    hit(slots, FIRST_ROUTE, 1);
    for (let change = 1; change < 5000; change += 1) {
      hit(slots, FIRST_ROUTE + 1, change);
      if (change % 3 === 0) slots.take({ type: 'unavailable', orgId: ORG, message: 'down', untilMs: 0 });
      slotsWith(slots, 'old', `r${change}`);
    }
    const hits = slots.hitsOf(ORG);
    assert.ok(hits.size <= 1002, `of ${hits.size}`);
    assert.deepEqual(hits.get('id-of-old'), { count: 1, lastMs: 1 }, 'it is still there');
    assert.deepEqual(hits.get('id-of-r4998'), { count: 1, lastMs: 4999 });
  });

  it('say of which outcomes there were any', () => {
    const hits = new OutcomeHits(NO_HITS);
    for (let outcome = 0; outcome < 30; outcome += 3) {
      assert.equal(hits.has(outcome), false);
      hits.note(outcome, 0);
      for (let other = 0; other < 40; other += 1) {
        assert.equal(hits.has(other), other <= outcome && other % 3 === 0, `${other} after ${outcome}`);
      }
    }
  });

  it('end with the org', () => {
    const slots = slotsWith(new TableSlots(() => undefined), 'a');
    hit(slots, FIRST_ROUTE, 10);
    slots.take({ type: 'drop', orgId: ORG });
    assert.equal(slots.hitsOf(ORG).size, 0);
  });
});
