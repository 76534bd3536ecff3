// The routes of an org over HTTP: listed, and one created.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { RouteJson } from '../../src/admin/route-json.js';
import { MemoryStore } from '../../src/store/memory-store.js';
import type { OrgRoutes } from '../../src/store/route-store.js';
import { routeSamples } from '../support/route-samples.js';
import { draft, org, route } from '../support/routes.js';
import { type AdminUnderTest, type Answer, startAdmin } from './admin-under-test.js';
import { assertProblem, problemsOf } from './assert-problem.js';
import { namesOf, setOf } from './route-set-json.js';

const ORG = org(1);
const ROUTES = `/v1/orgs/${ORG}/routes`;

describe('the routes of an org', () => {
  let store: MemoryStore;
  let admin: AdminUnderTest;

  beforeEach(async () => {
    store = new MemoryStore();
    admin = await startAdmin({ store });
  });
  afterEach(() => admin[Symbol.asyncDispose]());

  const list = (): Promise<Answer> => admin.call('GET', `${ROUTES}?all=true`);

  describe('listed', () => {
    it('are none of an unknown org', async () => {
      const answer = await list();
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.json, { org_id: ORG, revision: 0, routes: [] });
      assert.equal(answer.headers['etag'], '"0"');
    });

    it('come in table order, with all their fields, disabled ones only when asked for', async () => {
      const [a, b] = [route('a'), route('b', { priority: 200, paused: true })];
      store.setRoutes(ORG, [a, b, route('off', { enabled: false })]);
      assert.deepEqual(setOf(await admin.call('GET', ROUTES)).routes, [
        { ...b, revision: 1 },
        { ...a, revision: 1 },
      ]);
      assert.equal(namesOf(await list()), 'b a off');
      assert.equal(namesOf(await admin.call('GET', `${ROUTES}?all=false`)), 'b a');
    });

    it('are found under an id in any notation', async () => {
      store.setRoutes(ORG, [route('a')]);
      assert.equal(namesOf(await admin.call('GET', `/v1/orgs/${ORG.toUpperCase()}/routes`)), 'a');
      assert.equal(namesOf(await admin.call('GET', `/v1/orgs/${ORG.replaceAll('-', '%2D')}/routes`)), 'a');
    });

    it('are not sent again to whoever has them', async () => {
      store.setRoutes(ORG, [route('a')]);
      for (const tag of ['"1"', 'W/"1"', '"0", "1"', '*']) {
        const answer = await admin.call('GET', ROUTES, { headers: { 'if-none-match': tag } });
        assert.deepEqual([answer.status, answer.text, answer.headers['etag']], [304, '', '"1"'], tag);
      }
      assert.equal((await admin.call('GET', ROUTES, { headers: { 'if-none-match': '"0"' } })).status, 200);
    });

    it('come with what the store has that is no route', async () => {
      const refused = [{ routeId: randomUUID(), message: 'it has no name' }];
      store.listAllForOrg = async (orgId): Promise<OrgRoutes> => ({
        orgId,
        revision: 3,
        routes: [],
        refused,
      });
      const { json } = await list();
      const [row] = refused;
      assert.deepEqual((json as { refused: unknown }).refused, [
        { route_id: row?.routeId, message: row?.message },
      ]);
    });
  });

  describe('created', () => {
    it('are answered with the route, its place and its tag', async () => {
      const answer = await admin.call('POST', ROUTES, {
        json: { name: 'a', then: { target_model: 'x' } },
      });
      assert.equal(answer.status, 201);
      const created = answer.json as RouteJson;
      assert.deepEqual(created, {
        id: created.id,
        name: 'a',
        priority: 100,
        enabled: true,
        paused: false,
        when: {},
        then: { target_model: 'x' },
        revision: 1,
      });
      assert.equal(answer.headers['etag'], '"1"');
      assert.equal(answer.headers['location'], `${ROUTES}/${created.id}`);
      const got = await admin.call('GET', `${ROUTES}/${created.id}`);
      assert.deepEqual(got.json, created);
    });

    it('keep whatever a route can say', async () => {
      for (const sample of routeSamples) {
        const answer = await admin.call('POST', ROUTES, { json: sample });
        assert.equal(answer.status, 201, answer.text);
        const { id, name, priority, enabled, when, then } = answer.json as RouteJson;
        assert.deepEqual({ name, priority, enabled, when, then }, sample);
        assert.deepEqual((await store.getRoute(ORG, id))?.then, sample.then);
      }
    });

    it('are refused with every problem at once', async () => {
      const answer = await admin.call('POST', ROUTES, {
        json: {
          name: ' ',
          priority: -1,
          paused: true,
          when: { model_in: ['a', 'a', ''], has_images: 'yes' },
          then: { fallbacks: [1] },
        },
      });
      assert.deepEqual(problemsOf(answer), [
        'name blank',
        'priority invalid_field',
        'paused unknown_field',
        'when.model_in[1] duplicate',
        'when.model_in[2] blank',
        'when.has_images invalid_field',
        'then.fallbacks[0] invalid_field',
      ]);
      assert.equal((await store.listAllForOrg(ORG)).revision, 0);
    });

    it('are refused where they say half of a surrogate pair, which no store could keep', async () => {
      const half = {
        name: 'cut \ud83d',
        when: { model_in: ['\ude00', '\ud83d\ude00'] },
        then: { effects: { '\ud83d': { note: ['\ud83d'] } } },
      };
      const created = await admin.call('POST', ROUTES, { json: half });
      const at = ['name', 'when.model_in[0]', 'then.effects.\ud83d', 'then.effects.\ud83d.note[0]'];
      assert.deepEqual(
        problemsOf(created),
        at.map((path) => `${path} invalid_field`),
      );
      const replaced = await admin.call('PUT', ROUTES, { json: { routes: [half] } });
      assert.deepEqual(
        problemsOf(replaced),
        at.map((path) => `routes[0].${path} invalid_field`),
      );
      assert.equal((await store.listAllForOrg(ORG)).revision, 0);
    });

    it('refuse a precondition, which nothing here could keep', async () => {
      const answer = await admin.call('POST', ROUTES, { json: draft('a'), headers: { 'if-match': '"0"' } });
      assertProblem(answer, 'bad_request', /If-Match/);
    });
  });
});
