// Orgs that changed while they are in use: what the workers are told, and when.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { OUTDATED_USE_MS, OutdatedOrgs } from '../../src/control/outdated-orgs.js';
import { OrgCache } from '../../src/control/cache/org-cache.js';
import { Publisher } from '../../src/control/publisher.js';
import { NO_QUARANTINE } from '../../src/control/quarantine.js';
import type { ToWorkers } from '../../src/worker/thread-messages.js';
import { org, route } from '../support/routes.js';
import { ScriptedStore } from '../support/scripted-store.js';
import { cacheOptions } from '../support/cache-options.js';

const ORG = org(1);

let store: ScriptedStore;
let cache: OrgCache;
let publisher: Publisher;
let outdated: OutdatedOrgs;
/** What the workers are told, in order. */
let told: string[];

beforeEach(() => {
  store = new ScriptedStore();
  told = [];
  cache = new OrgCache(
    (orgId) => store.listForOrg(orgId),
    cacheOptions({
      onEvict: (orgId) => {
        publisher.drop(orgId);
      },
      onInvalidate: (orgId) => {
        publisher.expire(orgId);
      },
      onOutdate: (orgId) => {
        publisher.outdate(orgId);
      },
    }),
  );
  publisher = new Publisher(cache, (message) => told.push(textOf(message)), NO_QUARANTINE);
  outdated = new OutdatedOrgs(cache, publisher);
});

function textOf(message: ToWorkers): string {
  if (message.type !== 'table') return message.type;
  return `table ${message.revision}${message.stale ? ' stale' : ''}`;
}

const changed = (...orgIds: string[]): Promise<void> => outdated.refresh(orgIds);

describe('orgs that have changed', () => {
  it('are published anew if they are in use, and nobody has to wait', async () => {
    store.setRoutes(ORG, [route('a')]);
    await publisher.need(ORG);
    store.setRoutes(ORG, [route('b')]);
    await changed(ORG);
    assert.deepEqual(told, ['table 1', 'table 2']);
  });

  it('are all that are in use, those that the store no longer has too, if everything may have changed', async () => {
    for (const number of [1, 2, 3]) store.setRoutes(org(number), [route('a')]);
    for (const number of [1, 2]) await publisher.need(org(number));
    await publisher.need(org(4));
    const release = store.hold();
    const first = publisher.need(org(5));
    release();
    await outdated.refresh('all');
    await first;
    const loads = [1, 2, 3, 4, 5].map((number) => store.loadsOf(org(number)));
    assert.deepEqual(loads, [2, 2, 0, 2, 2]);
  });

  it('are not read if nobody uses them', async () => {
    store.setRoutes(ORG, [route('a')]);
    await changed(ORG);
    assert.equal(store.loadsOf(ORG), 0);
    assert.deepEqual(told, []);
  });

  it('are out of date for the workers if it takes long to read them', async (t) => {
    store.setRoutes(ORG, [route('a')]);
    await publisher.need(ORG);
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const release = store.hold();
    store.setRoutes(ORG, [route('b')]);
    const refreshed = changed(ORG);
    t.mock.timers.tick(OUTDATED_USE_MS - 1);
    await setImmediate();
    assert.deepEqual(told, ['table 1']);
    t.mock.timers.tick(1);
    assert.deepEqual(told, ['table 1', 'expire']);
    release();
    await refreshed;
    assert.deepEqual(told, ['table 1', 'expire', 'table 2']);
  });

  it('are out of date for the workers at once if that is asked for', async () => {
    store.setRoutes(ORG, [route('a')]);
    await publisher.need(ORG);
    const release = store.hold();
    store.setRoutes(ORG, [route('b')]);
    const refreshed = changed(ORG);
    outdated.expire();
    assert.deepEqual(told, ['table 1', 'expire']);
    release();
    await refreshed;
    outdated.expire();
    assert.deepEqual(told, ['table 1', 'expire', 'table 2']);
  });

  it('are asked for by whoever begins to use them then, and nobody is given what was read before', async () => {
    store.setRoutes(ORG, [route('a')]);
    await publisher.need(ORG);
    const release = store.hold();
    cache.outdate(ORG);
    const needed = publisher.need(ORG);
    store.setRoutes(ORG, [route('b')]);
    const refreshed = changed(ORG);
    release();
    await Promise.all([needed, refreshed]);
    assert.deepEqual(new Set(told.slice(1)), new Set(['table 2']));
  });

  it('are read a few at a time where they are many', async (t) => {
    const orgIds = Array.from({ length: 100 }, (_, number) => org(1 + number));
    for (const orgId of orgIds) store.setRoutes(orgId, [route('a')]);
    for (const orgId of orgIds) await publisher.need(orgId);
    for (const orgId of orgIds) store.setRoutes(orgId, [route('b')]);
    store.loads.clear();
    const begun = (): number => orgIds.reduce((sum, orgId) => sum + store.loadsOf(orgId), 0);
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const passes = async (): Promise<void> => {
      t.mock.timers.tick(1);
      await setImmediate();
    };
    const release = store.hold();
    const refreshed = changed(...orgIds);
    await setImmediate();
    assert.equal(begun(), 4, 'those of the first round');
    for (let rounds = 0; rounds < 50; rounds += 1) await passes();
    assert.equal(begun(), 16, 'as many as may be under way');
    release();
    for (let rounds = 0; rounds < 50; rounds += 1) await passes();
    await refreshed;
    assert.equal(begun(), 100);
    assert.equal(told.filter((message) => message === 'table 2').length, 100);
  });

  it('serve as the last good ones if they cannot be read', async () => {
    store.setRoutes(ORG, [route('a')]);
    await publisher.need(ORG);
    store.failure = new Error('the store is down');
    await changed(ORG);
    assert.deepEqual(told, ['table 1', 'table 1 stale']);
  });

  it('are forgotten at once if the store knew nothing of them', async () => {
    await publisher.need(ORG);
    store.setRoutes(ORG, [route('a')]);
    await changed(ORG);
    assert.deepEqual(told, ['table 0', 'expire', 'drop', 'table 1']);
  });
});
