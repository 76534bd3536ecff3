// The conformance suite of route stores: what every implementation must do, whatever it keeps its routes in. One
// store serves the whole suite, and each test works on orgs of its own. Here are reading and creating; the rest is in
// route-store-writes.ts and route-store-changes.ts.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { type RouteDraft, UINT32_MAX } from '../../src/routing/route.js';
import type { RouteStore } from '../../src/store/route-store.js';
import { routeSamples } from './route-samples.js';
import { describeChanges } from './route-store-changes.js';
import { describeWrites } from './route-store-writes.js';
import { draft } from './routes.js';
import { StoreUnderTest } from './store-under-test.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export interface OpenRouteStore {
  readonly store: RouteStore;
  close(): Promise<void>;
}

/** To be called at the top of a test file; `open` is called once. */
export function describeRouteStore(name: string, open: () => Promise<OpenRouteStore>): void {
  describe(`the contract of a route store: ${name}`, () => {
    let opened: OpenRouteStore | undefined;
    const subject = new StoreUnderTest(() => {
      assert.ok(opened !== undefined, 'the store did not open');
      return opened.store;
    });
    before(async () => {
      opened = await open();
    });
    after(() => opened?.close());
    describeReads(subject);
    describeCreates(subject);
    describeWrites(subject);
    describeChanges(subject);
  });
}

function describeReads(subject: StoreUnderTest): void {
  describe('reads', () => {
    it('an org that it knows nothing of as an empty list of revision 0', async () => {
      const orgId = randomUUID();
      const nothing = { orgId, revision: 0, routes: [] };
      assert.deepEqual(await subject.store.listForOrg(orgId), nothing);
      assert.deepEqual(await subject.store.listAllForOrg(orgId), nothing);
      assert.equal(await subject.store.getRoute(orgId, randomUUID()), undefined);
    });

    it('routes by priority, the highest first, and equal ones in the order of their creation', async () => {
      const orgId = randomUUID();
      const priorities = [100, UINT32_MAX, 0, 100, 2_147_483_648, 2_147_483_647, 100, 0];
      await subject.create(orgId, ...priorities.map((priority, index) => draft(`${index}`, { priority })));
      assert.deepEqual(await subject.names(orgId, 'enabled'), ['1', '4', '5', '0', '3', '6', '2', '7']);
      assert.deepEqual(await subject.names(orgId, 'all'), ['1', '4', '5', '0', '3', '6', '2', '7']);
    });

    it('disabled routes only in the list of all, where they keep their place', async () => {
      const orgId = randomUUID();
      const off = { enabled: false };
      await subject.create(
        orgId,
        draft('a'),
        draft('b', off),
        draft('c'),
        draft('d', { ...off, priority: 101 }),
      );
      assert.deepEqual(await subject.names(orgId, 'enabled'), ['a', 'c']);
      assert.deepEqual(await subject.names(orgId, 'all'), ['d', 'a', 'b', 'c']);
    });

    it('one and the same route from everywhere', async () => {
      const orgId = randomUUID();
      const route = await subject.createOne(orgId, draft('a'));
      assert.deepEqual(
        structuredClone(await subject.store.getRoute(orgId, route.id)),
        structuredClone(route),
      );
      for (const list of [await subject.store.listForOrg(orgId), await subject.store.listAllForOrg(orgId)]) {
        assert.equal(list.orgId, orgId);
        assert.deepEqual(structuredClone(list.routes), [structuredClone(route)]);
      }
    });
  });
}

function describeCreates(subject: StoreUnderTest): void {
  describe('a created route', () => {
    it('gets a UUID of its own, is not paused and has the revision of its org', async () => {
      const orgId = randomUUID();
      const routes = await subject.create(orgId, draft('same name'), draft('same name'));
      for (const { id } of routes) assert.match(id, UUID);
      assert.equal(new Set(routes.map(({ id }) => id)).size, 2);
      assert.deepEqual(
        routes.map(({ paused }) => paused),
        [false, false],
      );
      assert.equal(routes[1]?.revision, await subject.revisionOf(orgId));
    });

    for (const expected of routeSamples) {
      it(`comes back exactly as it was given: ${JSON.stringify(expected.name.slice(0, 40))}`, async () => {
        const orgId = randomUUID();
        const { id, revision } = await subject.createOne(orgId, expected);
        const route = await subject.store.getRoute(orgId, id);
        // Copies, for a map without a prototype is as good as one with.
        assert.deepEqual(structuredClone(route), { ...expected, id, revision, paused: false });
      });
    }

    it('takes neither its id nor its state from a route that is given as a draft', async () => {
      const orgId = randomUUID();
      const first = await subject.createOne(orgId, draft('a'));
      const copy = await subject.createOne(orgId, { ...first, paused: true } as RouteDraft);
      assert.notEqual(copy.id, first.id);
      assert.equal(copy.paused, false);
      assert.ok(copy.revision > first.revision);
    });

    it('stays as it is when its writer goes on to change the draft', async () => {
      const orgId = randomUUID();
      const effects: Record<string, unknown> = { redact: true };
      const models = ['gpt-4o'];
      const route = await subject.createOne(
        orgId,
        draft('a', { when: { model_in: models }, then: { target_model: 'b', effects } }),
      );
      effects['redact'] = false;
      models.push('gpt-4.1');
      const kept = await subject.store.getRoute(orgId, route.id);
      assert.deepEqual([kept?.when.model_in, kept?.then.effects?.['redact']], [['gpt-4o'], true]);
    });

    it('is never lost among others that are created at the same time', async () => {
      const orgIds = [randomUUID(), randomUUID()];
      const each = Array.from({ length: 10 }, (_, index) => `route ${index}`);
      const created = await Promise.all(
        orgIds.flatMap((orgId) => each.map((name) => subject.store.createRoute(orgId, draft(name)))),
      );
      assert.equal(new Set(created.map(({ id }) => id)).size, 20);
      for (const orgId of orgIds) {
        assert.deepEqual((await subject.names(orgId, 'all')).sort(), each);
        const revisions = (await subject.store.listAllForOrg(orgId)).routes.map(({ revision }) => revision);
        assert.equal(Math.max(...revisions), await subject.revisionOf(orgId));
      }
    });
  });
}
