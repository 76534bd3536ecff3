// The store in memory, which tests and benches stand on, and the log of changes that it answers from.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ChangeLog } from '../../src/store/change-log.js';
import { MemoryStore } from '../../src/store/memory-store.js';
import { describeRouteStore } from '../support/route-store-suite.js';
import { org, route } from '../support/routes.js';

describeRouteStore('memory', async () => {
  const store = new MemoryStore();
  return { store, close: () => store.close() };
});

describe('replacing all routes of an org in memory', () => {
  it('keeps the revision of a route that stays as it is, and raises that of the org', async () => {
    const store = new MemoryStore();
    const [a, b] = [route('a'), route('b')];
    store.setRoutes(org(1), [a]);
    store.setRoutes(org(1), [a, b]);
    const { revision, routes } = await store.listForOrg(org(1));
    assert.equal(revision, 2);
    assert.deepEqual(
      routes.map((each) => [each.name, each.revision]),
      [
        ['a', 1],
        ['b', 2],
      ],
    );
  });

  it('with the same routes in another order is a change, in the same order is none', async () => {
    const store = new MemoryStore();
    const [a, b] = [route('a'), route('b')];
    store.setRoutes(org(1), [a, b]);
    store.setRoutes(org(1), [a, b]);
    assert.equal((await store.listForOrg(org(1))).revision, 1);
    store.setRoutes(org(1), [b, a]);
    assert.equal((await store.listForOrg(org(1))).revision, 2);
  });

  it('with none makes an org known', async () => {
    const store = new MemoryStore();
    store.setRoutes(org(1), []);
    assert.equal((await store.listForOrg(org(1))).revision, 1);
  });
});

describe('the log of changes', () => {
  const orgs = [org(1), org(2), org(3)];

  it('tells a reader who is too far behind, once, that every org has changed', () => {
    const log = new ChangeLog();
    const { cursor: first } = log.since(undefined);
    log.add(org(1));
    assert.deepEqual(log.since(first).orgIds, [org(1)]);
    // Far more than it keeps.
    for (let change = 0; change < 300_000; change++) log.add(org(2));
    assert.equal(log.since(first).orgIds, 'all');
  });

  it('goes on telling a reader who keeps up exactly what changed while it forgets what is old', () => {
    const log = new ChangeLog();
    let { cursor } = log.since(undefined);
    for (let change = 0; change < 450_000; change++) {
      const changed = orgs[change % orgs.length] ?? '';
      log.add(changed);
      const changes = log.since(cursor);
      // Compared by hand: that often, deepEqual would take its time.
      assert.ok(changes.orgIds.length === 1 && changes.orgIds[0] === changed, `change ${change}`);
      cursor = changes.cursor;
    }
    assert.deepEqual(log.since(cursor), { orgIds: [], cursor });
  });
});
