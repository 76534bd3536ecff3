// Requests that wait for a table: in which order they leave, how many may wait, and that none is forgotten.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import fc from 'fast-check';
import {
  ALL_ASKED_ORGS_BURST,
  ALL_ASKED_ORGS_PER_SECOND,
  ASKED_ORGS_BURST,
  ASKED_ORGS_PER_SECOND,
  AWAITED_ORGS_MAX,
  PARKED_MAX,
  PARKED_BYTES_MAX,
  ParkingLot,
  type ParkedRequest,
} from '../../src/worker/parking-lot.js';

const TIMEOUT_MS = 50;

/** A connection, as far as a parking lot knows. */
type Owner = object;
const connection: Owner = {};

let asked: string[];
let expired: number[];
let lot: ParkingLot<Owner>;

function parked(
  id: number,
  orgId = 'a',
  payload = Buffer.from('m'),
  owner = connection,
): ParkedRequest<Owner> {
  return { owner, id, orgId, minRevision: 0, payload };
}

function ids(requests: readonly ParkedRequest<Owner>[]): number[] {
  return requests.map(({ id }) => id);
}

describe('a parking lot', () => {
  let nowMs = 0;

  function advance(ms: number): void {
    nowMs += ms;
    mock.timers.tick(ms);
  }

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    nowMs = 0;
    asked = [];
    expired = [];
    lot = new ParkingLot({
      clock: () => nowMs,
      timeoutMs: TIMEOUT_MS,
      requestTable: (orgId, minRevision) =>
        asked.push(minRevision === undefined ? orgId : `${orgId} of ${minRevision}`),
      onTimeout: (requests) => expired.push(...ids(requests)),
    });
  });

  afterEach(() => {
    mock.timers.reset();
  });

  it('asks for a table once, however many wait for it', () => {
    for (let id = 0; id < 5; id += 1) lot.park(parked(id));
    lot.park(parked(5, 'b'));
    assert.deepEqual(asked, ['a', 'b']);
  });

  it('lets the requests of one org leave in order of arrival, and no others', () => {
    lot.park(parked(1));
    lot.park(parked(2, 'b'));
    lot.park(parked(3));
    assert.deepEqual(ids(lot.leave('a')), [1, 3]);
    assert.deepEqual(ids(lot.leave('a')), []);
    assert.equal(lot.size, 1);
  });

  it('asks again for an org that somebody waits for anew', () => {
    lot.park(parked(1));
    lot.leave('a');
    lot.park(parked(2));
    assert.deepEqual(asked, ['a', 'a']);
  });

  it('asks one thing at a time, and then for those who want a higher revision than there is', () => {
    const wanting = (id: number, minRevision: number): ParkedRequest<Owner> => ({
      ...parked(id),
      minRevision,
    });
    lot.park(parked(1));
    lot.park(wanting(2, 7));
    lot.park(wanting(3, 6));
    lot.park(wanting(4, 8));
    assert.deepEqual(asked, ['a']);
    assert.deepEqual(ids(lot.leave('a', { revision: 6, settledMs: -1 })), [1, 3]);
    assert.deepEqual(asked, ['a', 'a of 8']);
    assert.deepEqual(ids(lot.leave('a', { revision: 7, settledMs: -1 })), [2]);
    assert.deepEqual(ids(lot.leave('a', { revision: 7, settledMs: nowMs })), [4], 'the store was read since');
    assert.equal(lot.size, 0);
  });

  it('asks again where what came was read before the last of them asked', () => {
    const wanting = { ...parked(1), minRevision: 5 };
    lot.park(wanting);
    const readBeganMs = nowMs;
    advance(10);
    lot.park({ ...wanting, id: 2 });
    assert.deepEqual(asked, ['a of 5'], 'one question is enough for both');
    assert.deepEqual(ids(lot.leave('a', { revision: 4, settledMs: readBeganMs })), [1]);
    assert.deepEqual(asked, ['a of 5', 'a of 5'], 'but that read was not');
  });

  it('lets nobody wait longer than the timeout', () => {
    lot.park(parked(1));
    advance(20);
    lot.park(parked(2, 'b'));
    advance(20);
    lot.park(parked(3));
    advance(9);
    assert.deepEqual(expired, []);
    advance(1);
    assert.deepEqual(expired, [1]);
    advance(20);
    assert.deepEqual(expired, [1, 2]);
    advance(20);
    assert.deepEqual(expired, [1, 2, 3]);
    assert.equal(lot.size, 0);
  });

  it('does not let those time out who have left', () => {
    lot.park(parked(1));
    lot.park(parked(2, 'b'));
    lot.leave('a');
    advance(TIMEOUT_MS);
    assert.deepEqual(expired, [2]);
  });

  it('takes no more of one connection than of all others together, and again when there is room', () => {
    let taken = 0;
    while (lot.park(parked(taken, `org-${taken % 7}`))) taken += 1;
    assert.equal(taken, PARKED_MAX / 2);
    const other: Owner = {};
    for (let id = 0; id < PARKED_MAX / 4; id += 1) assert.ok(lot.park(parked(id, 'org-8', undefined, other)));
    assert.equal(lot.park(parked(-1, 'org-8', undefined, other)), false, 'as much as is left for the next');
    lot.leave('org-3');
    assert.ok(lot.park(parked(-1, 'org-8', undefined, other)));
  });

  it('takes no more requests than there is room for their bytes', () => {
    const quarter = Buffer.alloc(PARKED_BYTES_MAX / 4);
    const byte = Buffer.alloc(1);
    assert.ok(lot.park(parked(1, 'a', quarter)));
    assert.ok(lot.park(parked(2, 'b', quarter)));
    assert.equal(lot.park(parked(3, 'c', byte)), false);
    assert.ok(lot.park(parked(3, 'c', byte, {})), 'another connection’s');
    lot.leave('a');
    assert.ok(lot.park(parked(3, 'c', byte)));
  });

  it('asks for no more orgs for one connection than for all others together', () => {
    let taken = 0;
    while (lot.park(parked(taken, `org-${taken}`))) taken += 1;
    assert.equal(taken, AWAITED_ORGS_MAX / 2);
    assert.ok(lot.park(parked(-1, 'org-7')), 'what is asked for already costs nothing');
    assert.ok(lot.park(parked(-2, 'another', undefined, {})));
    lot.leave('org-7');
    assert.ok(lot.park(parked(-3, 'one more')));
  });

  it('asks for so many orgs for one connection at once, and so many a second', () => {
    const ask = (count: number): number => {
      let taken = 0;
      for (let id = 0; id < count; id += 1) {
        if (lot.park(parked(id))) taken += 1;
        lot.leave('a');
      }
      return taken;
    };
    assert.equal(ask(2 * ASKED_ORGS_BURST), ASKED_ORGS_BURST);
    assert.equal(lot.park(parked(-1)), false);
    advance(500);
    assert.equal(ask(2 * ASKED_ORGS_PER_SECOND), ASKED_ORGS_PER_SECOND / 2);
  });

  it('asks for no more orgs for all connections together than the main thread has time for', () => {
    const ask = (): number => {
      let taken = 0;
      for (let id = 0; id < 2 * ALL_ASKED_ORGS_BURST; id += 1) {
        if (lot.park(parked(id, 'a', undefined, {}))) taken += 1;
        lot.leave('a');
      }
      return taken;
    };
    assert.equal(ask(), ALL_ASKED_ORGS_BURST);
    advance(1000);
    assert.equal(ask(), ALL_ASKED_ORGS_PER_SECOND);
  });

  it('asks for an org that has routes, however many others were asked for', () => {
    let taken = 0;
    while (lot.park(parked(taken, `org-${taken}`))) taken += 1;
    assert.equal(lot.hasRoomFor(connection, 'known', 1), false);
    assert.ok(lot.hasRoomFor(connection, 'known', 1, true));
    assert.ok(lot.park(parked(-1, 'known'), true));
    assert.equal(asked.at(-1), 'known');
    assert.deepEqual(ids(lot.leave('known')), [-1]);
  });

  it('loses and repeats none, whatever the interleaving of arrivals, departures and time', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('park' as const), org: fc.integer({ min: 0, max: 3 }) }),
      fc.record({ kind: fc.constant('leave' as const), org: fc.integer({ min: 0, max: 3 }) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 70 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        expired = [];
        const left: number[] = [];
        const arrivedAtMs: number[] = [];
        for (const each of steps) {
          if (each.kind === 'park') {
            lot.park(parked(arrivedAtMs.length, `org-${each.org}`));
            arrivedAtMs.push(nowMs);
          } else if (each.kind === 'leave') {
            left.push(...ids(lot.leave(`org-${each.org}`)));
          } else {
            advance(each.ms);
            const overdue = arrivedAtMs
              .map((_, id) => id)
              .filter((id) => (arrivedAtMs[id] ?? 0) + TIMEOUT_MS <= nowMs)
              .filter((id) => !left.includes(id) && !expired.includes(id));
            assert.deepEqual(overdue, []);
          }
        }
        advance(2 * TIMEOUT_MS);
        assert.deepEqual(
          [...left, ...expired].sort((a, b) => a - b),
          arrivedAtMs.map((_, id) => id),
        );
        assert.equal(lot.size, 0);
      }),
      { numRuns: 500 },
    );
  });
});
