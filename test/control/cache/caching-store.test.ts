// The store with a cache in front: the contract of every store, and what is read and forgotten when.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, it } from 'node:test';
import { CachingStore } from '../../../src/control/cache/caching-store.js';
import type { CacheOptions } from '../../../src/control/cache/cache-options.js';
import { MemoryStore } from '../../../src/store/memory-store.js';
import type { RouteStore } from '../../../src/store/route-store.js';
import { describeRouteStore } from '../../support/route-store-suite.js';
import { draft, org, route } from '../../support/routes.js';
import { ScriptedStore } from '../../support/scripted-store.js';
import { assertConflict } from '../../support/store-under-test.js';
import { cacheOptions } from '../../support/cache-options.js';

const ORG = org(1);

/** A cache in which nothing ever expires: what it reads again, it reads because something was written. */
function caching(
  inner: RouteStore,
  onInvalidate: CacheOptions['onInvalidate'] = () => undefined,
): CachingStore {
  return new CachingStore(inner, cacheOptions({ clock: () => 0, onInvalidate }));
}

describeRouteStore('a cache in front of memory', async () => {
  const store = caching(new MemoryStore());
  return { store, close: () => store.close() };
});

describe('a store with a cache in front', () => {
  let inner: ScriptedStore;
  let store: CachingStore;
  /** The orgs that were forgotten, in order. */
  let invalidated: string[];

  const names = async (): Promise<string> =>
    (await store.listForOrg(ORG)).routes.map(({ name }) => name).join(' ');

  beforeEach(() => {
    inner = new ScriptedStore();
    invalidated = [];
    store = caching(inner, (orgId) => invalidated.push(orgId));
  });

  it('reads the enabled routes once, those of an org without any too', async () => {
    inner.setRoutes(ORG, [route('a')]);
    assert.equal(await names(), 'a');
    assert.equal(await names(), 'a');
    await store.listForOrg(org(2));
    await store.listForOrg(org(2));
    assert.deepEqual([inner.loadsOf(ORG), inner.loadsOf(org(2))], [1, 1]);
  });

  it('passes through what only management reads', async () => {
    const a = route('a');
    inner.setRoutes(ORG, [a]);
    await names();
    inner.setRoutes(ORG, [a, route('b')]);
    assert.equal(await names(), 'a', 'nobody has said so yet');
    assert.equal((await store.listAllForOrg(ORG)).routes.length, 2);
    inner.setRoutes(ORG, []);
    assert.equal(await store.getRoute(ORG, a.id), undefined);
    assert.deepEqual((await store.changedSince('0')).orgIds, [ORG]);
  });

  it('shows every write that changed something at once', async () => {
    assert.equal(await names(), '');
    const a = await store.createRoute(ORG, draft('a'));
    assert.equal(await names(), 'a');
    const updated = await store.updateRoute(ORG, a.id, draft('b'), a.revision);
    assert.equal(await names(), 'b');
    await store.deleteRoute(ORG, a.id, updated?.route.revision ?? 0);
    assert.equal(await names(), '');
    assert.deepEqual(invalidated, [ORG, ORG, ORG]);
  });

  it('forgets the org that was written to, and no other', async () => {
    await names();
    await store.listForOrg(org(2));
    await store.createRoute(ORG, draft('a'));
    await names();
    await store.listForOrg(org(2));
    assert.deepEqual([inner.loadsOf(ORG), inner.loadsOf(org(2))], [2, 1]);
  });

  it('forgets nothing for a write that changed nothing', async () => {
    const a = await inner.createRoute(ORG, draft('a'));
    await names();
    const updated = await store.updateRoute(ORG, a.id, draft('a'), a.revision);
    assert.equal(updated?.changed, false);
    assert.equal(await store.updateRoute(ORG, randomUUID(), draft('b'), 1), undefined);
    assert.equal(await store.deleteRoute(ORG, randomUUID(), 1), false);
    await assertConflict(store.updateRoute(ORG, a.id, draft('b'), a.revision + 1));
    await assertConflict(store.deleteRoute(ORG, a.id, a.revision + 1));
    await names();
    assert.equal(inner.loadsOf(ORG), 1);
    assert.deepEqual(invalidated, []);
  });

  it('forgets only after the store behind has written, and not if it could not', async () => {
    const events: string[] = [];
    class SlowStore extends MemoryStore {
      failure: Error | undefined;
      override async createRoute(...args: Parameters<MemoryStore['createRoute']>) {
        if (this.failure !== undefined) throw this.failure;
        const created = await super.createRoute(...args);
        await new Promise(setImmediate);
        events.push('written');
        return created;
      }
    }
    const slow = new SlowStore();
    const cached = caching(slow, () => events.push('forgotten'));
    await cached.createRoute(ORG, draft('a'));
    assert.deepEqual(events, ['written', 'forgotten']);
    slow.failure = new Error('no');
    await assert.rejects(cached.createRoute(ORG, draft('b')), slow.failure);
    assert.deepEqual(events, ['written', 'forgotten']);
  });

  it('does not put back what was being read before a write', async () => {
    const release = inner.hold();
    const before = store.listForOrg(ORG);
    assert.equal(inner.loadsOf(ORG), 1);
    await store.createRoute(ORG, draft('a'));
    release();
    assert.equal(await names(), 'a');
    assert.deepEqual(
      (await before).routes.map(({ name }) => name),
      ['a'],
      'who waited since before the write has it too',
    );
  });

  it('answers from the last good routes while the store behind fails, and fails where there are none', async () => {
    const a = await store.createRoute(ORG, draft('a'));
    await names();
    inner.failure = new Error('the store is down');
    await store.deleteRoute(ORG, a.id, a.revision);
    assert.equal(await names(), 'a');
    await assert.rejects(store.listForOrg(org(2)), {
      name: 'SignalboxError',
      code: 'store_unavailable',
      message: /the store is down/,
    });
  });

  it('closes the store behind', async () => {
    let closed = 0;
    class ClosableStore extends MemoryStore {
      override async close(): Promise<void> {
        closed += 1;
      }
    }
    await caching(new ClosableStore()).close();
    assert.equal(closed, 1);
  });
});
