// Loads that are under way: who shares one, when a second may begin, and who need wait for which.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Flights, type Landing } from '../../../src/control/cache/flights.js';
import type { OrgRoutes } from '../../../src/store/route-store.js';

const ORG = 'an org';

interface Load {
  readonly end: (revision: number) => void;
  readonly fail: (message: string) => void;
}

let loads: Load[];
let landings: string[];
let flights: Flights;

function textOf(landing: Landing): string {
  return 'routes' in landing ? String(landing.routes.revision) : landing.failure;
}

beforeEach(() => {
  loads = [];
  landings = [];
  const load = (orgId: string): Promise<OrgRoutes> =>
    new Promise((resolve, reject) =>
      loads.push({
        end: (revision) => {
          resolve({ orgId, revision, routes: [] });
        },
        fail: (message) => {
          reject(new Error(message));
        },
      }),
    );
  flights = new Flights(load, {
    clock: () => 0,
    loadTimeoutMs: 60_000,
    onLanded: (flight, landing) => {
      landings.push(`${flight.number}${flight.isOvertaken ? ' overtaken' : ''}: ${textOf(landing)}`);
      return 'routes' in landing;
    },
  });
});

afterEach(() => {
  for (const { end } of loads) end(0);
});

describe('loads under way', () => {
  it('are shared by all who ask, and one that has ended by nobody', async () => {
    const flight = flights.join(ORG);
    assert.equal(flights.join(ORG), flight);
    loads[0]?.end(1);
    assert.equal(await flight.landed, flight);
    assert.ok(!flights.has(ORG));
    assert.notEqual(flights.join(ORG), flight);
    assert.deepEqual(landings, ['1: 1']);
  });

  it('are two at most, however often what they read is changed', () => {
    const first = flights.join(ORG);
    flights.overtake(ORG);
    const second = flights.join(ORG);
    assert.notEqual(second, first);
    for (let change = 0; change < 5; change += 1) {
      flights.overtake(ORG);
      assert.equal(flights.join(ORG), second);
    }
    assert.equal(loads.length, 2);
  });

  it('let nobody wait for an older one once a newer has brought routes', async () => {
    const older = flights.join(ORG);
    flights.overtake(ORG);
    const newer = flights.join(ORG);
    loads[1]?.end(2);
    assert.equal(await older.landed, newer);
    assert.deepEqual(landings, ['2: 2']);
    loads[0]?.end(1);
    await setImmediate();
    assert.deepEqual(landings, ['2: 2', '1 overtaken: 1']);
  });

  it('let an older one be waited for where the newer has failed', async () => {
    const older = flights.join(ORG);
    flights.overtake(ORG);
    const newer = flights.join(ORG);
    loads[1]?.fail('down');
    assert.equal((await newer.landed).hasFailed, true);
    loads[0]?.end(1);
    assert.equal(await older.landed, older);
    assert.deepEqual(landings, ['2: down', '1 overtaken: 1']);
  });

  it('are over for who wants the newest as soon as they are overtaken', async () => {
    const flight = flights.join(ORG);
    assert.equal(flights.current(ORG), flight);
    flights.overtake(ORG);
    await flight.over;
    assert.equal(flights.current(ORG), undefined);
    assert.deepEqual(landings, []);
  });
});
