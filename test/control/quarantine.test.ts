// Orgs that stop workers: when they get no more decisions, and when they do again.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { CacheAnswer } from '../../src/control/cache/cache-answer.js';
import { KeptRoutes } from '../../src/control/cache/kept-routes.js';
import { Publisher } from '../../src/control/publisher.js';
import { QUARANTINE_MS, Quarantine, type RoutesVersion, STOPPED_MAX } from '../../src/control/quarantine.js';

const routes = (revision: number): RoutesVersion => ({ revision });

describe('a quarantine', () => {
  let nowMs = 0;
  let events: string[] = [];
  let quarantine: Quarantine;

  beforeEach(() => {
    nowMs = 0;
    events = [];
    quarantine = new Quarantine(
      () => nowMs,
      (_level, event) => events.push(event),
    );
  });

  function stopWorkers(count: number, revision = 1): void {
    for (let worker = 0; worker < count; worker += 1) quarantine.note('a', routes(revision));
  }

  it('holds an org that stops several workers, and no other', () => {
    stopWorkers(STOPPED_MAX - 1);
    assert.equal(quarantine.holds('a', routes(1)), undefined);
    stopWorkers(1);
    assert.ok(quarantine.holds('a', routes(1)));
    assert.ok(quarantine.has('a'));
    assert.equal(quarantine.holds('b', routes(1)), undefined);
    assert.equal(quarantine.size, 1);
    assert.deepEqual(events, ['org.quarantined']);
  });

  it('ends with a change of the org’s routes, and all is forgotten', () => {
    stopWorkers(STOPPED_MAX);
    assert.equal(quarantine.holds('a', routes(2)), undefined);
    assert.equal(quarantine.has('a'), false);
    assert.deepEqual(events, ['org.quarantined', 'org.released']);
    stopWorkers(STOPPED_MAX - 1, 2);
    assert.equal(quarantine.holds('a', routes(2)), undefined);
  });

  it('ends after a while, and begins again with one more worker', () => {
    stopWorkers(STOPPED_MAX);
    nowMs = QUARANTINE_MS - 1;
    assert.ok(quarantine.holds('a', routes(1)));
    nowMs += 1;
    assert.equal(quarantine.has('a'), false);
    assert.equal(quarantine.holds('a', routes(1)), undefined);
    assert.equal(quarantine.note('a', routes(1)), true);
    assert.ok(quarantine.holds('a', routes(1)));
  });

  it('forgets accidents that lie far apart', () => {
    for (let hour = 0; hour < 5; hour += 1) {
      stopWorkers(STOPPED_MAX - 1);
      nowMs += 3600_000;
    }
    assert.equal(quarantine.holds('a', routes(1)), undefined);
  });

  it('counts anew when the routes are others', () => {
    stopWorkers(STOPPED_MAX - 1, 1);
    stopWorkers(STOPPED_MAX - 1, 2);
    assert.equal(quarantine.holds('a', routes(2)), undefined);
  });

  it('holds an org whose routes can’t be compiled, until they change, and nobody else hears of it', async () => {
    let isBroken = true;
    class Uncompilable extends KeptRoutes {
      override table(): SharedArrayBuffer {
        if (isBroken) throw new RangeError('Array buffer allocation failed');
        return super.table();
      }
    }
    const answer = (orgId: string): Promise<CacheAnswer> => {
      const kept = orgId === 'a' ? Uncompilable : KeptRoutes;
      const times = { refreshAtMs: 1, untilMs: 1, lastGoodUntilMs: 1, readBeganAtMs: 0, settledMs: 0 };
      return Promise.resolve({
        status: 'miss',
        routes: new kept({ orgId, revision: 3, routes: [] }),
        ...times,
      });
    };
    const told: string[] = [];
    const publisher = new Publisher(
      { read: answer, readAtLeast: answer, refresh: answer },
      (message) => told.push(message.type),
      quarantine,
    );
    for (const orgId of ['a', 'b', 'a']) await publisher.need(orgId);
    assert.deepEqual(told, ['unavailable', 'table', 'unavailable']);
    assert.deepEqual(events, ['org.quarantined']);
    nowMs += QUARANTINE_MS;
    isBroken = false;
    await publisher.need('a');
    assert.equal(told.at(-1), 'table');
  });
});
