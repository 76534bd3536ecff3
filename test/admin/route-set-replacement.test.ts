// All the routes of an org at once, over HTTP: replaced, or told apart by a dry run.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { PROBLEMS_MAX } from '../../src/admin/route-input.js';
import type { RouteSetDiff } from '../../src/admin/route-set.js';
import { MemoryStore } from '../../src/store/memory-store.js';
import { draft, org, route } from '../support/routes.js';
import { type AdminUnderTest, type Answer, startAdmin } from './admin-under-test.js';
import { assertProblem, problemsOf } from './assert-problem.js';
import { namesOf, setOf } from './route-set-json.js';

const ORG = org(1);
const ROUTES = `/v1/orgs/${ORG}/routes`;

const diffOf = ({ json }: Answer): RouteSetDiff => (json as { readonly diff: RouteSetDiff }).diff;

describe('the routes of an org', () => {
  let store: MemoryStore;
  let admin: AdminUnderTest;

  beforeEach(async () => {
    store = new MemoryStore();
    admin = await startAdmin({ store });
  });
  afterEach(() => admin[Symbol.asyncDispose]());

  const list = (): Promise<Answer> => admin.call('GET', `${ROUTES}?all=true`);
  const replace = (routes: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    admin.call('PUT', ROUTES, { json: { routes }, headers });
  const dryRun = (routes: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    admin.call('PUT', `${ROUTES}?dry_run=true`, { json: { routes }, headers });

  describe('replaced', () => {
    it('are exactly the given ones, in the given order', async () => {
      store.setRoutes(ORG, [route('a'), route('b')]);
      const answer = await replace([draft('c'), draft('b', { priority: 7 })]);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers['etag'], '"2"');
      assert.equal(namesOf(answer), 'c b');
      assert.deepEqual((await list()).json, answer.json);
    });

    it('keep their ids and pauses when the same set is applied again', async () => {
      const set = [draft('a'), draft('b')];
      const first = setOf(await replace(set));
      await store.pauseRoute(ORG, first.routes[0]?.id ?? '', true);
      const again = setOf(await replace(set));
      assert.deepEqual(
        again.routes.map(({ id, paused }) => [id, paused]),
        first.routes.map(({ id }, index) => [id, index === 0]),
      );
      assert.equal(again.revision, 2, 'nothing but the pause was a change');
      const resumed = setOf(await replace([{ ...set[0], paused: false }, set[1]]));
      assert.deepEqual(
        resumed.routes.map(({ paused }) => paused),
        [false, false],
      );
    });

    it('are not guessed by a name that repeats, nor taken from a route that is named by its id', async () => {
      const [a, b] = [route('twice'), route('twice')];
      store.setRoutes(ORG, [a, b]);
      const ids = setOf(await replace([draft('twice')])).routes.map(({ id }) => id);
      assert.ok(!ids.includes(a.id) && !ids.includes(b.id));
      const c = route('c');
      store.setRoutes(ORG, [c]);
      const renamed = setOf(await replace([{ ...draft('d'), id: c.id.toUpperCase() }, draft('c')])).routes;
      assert.deepEqual(
        renamed.map(({ id, name }) => [id === c.id, name]),
        [
          [true, 'd'],
          [false, 'c'],
        ],
      );
    });

    it('are refused with all problems of all routes at once', async () => {
      const id = randomUUID();
      const answer = await replace([
        { ...draft('a'), id },
        { ...draft('b'), id: id.toUpperCase(), when: { content_type: 'poem' } },
        null,
        { ...draft('c'), id: 'seven', paused: 'yes', revision: 3 },
      ]);
      assert.deepEqual(problemsOf(answer), [
        'routes[1].when.content_type unsupported',
        'routes[1].id duplicate',
        'routes[2] invalid_field',
        'routes[3].id invalid_field',
        'routes[3].paused invalid_field',
        'routes[3].revision unknown_field',
      ]);
      assert.equal((await store.listAllForOrg(ORG)).revision, 0);
    });

    it('must be a list in a map', async () => {
      for (const [json, problem] of [
        [[], ' invalid_field'],
        [{}, 'routes invalid_field'],
        [{ routes: {} }, 'routes invalid_field'],
        [{ routes: [], more: 1 }, 'more unknown_field'],
      ] as const) {
        assert.deepEqual(problemsOf(await admin.call('PUT', ROUTES, { json })), [problem]);
      }
    });

    it('are told of a bounded number of problems', async () => {
      const answer = await replace(Array.from({ length: 100_000 }, () => 0));
      assert.equal(problemsOf(answer).length, PROBLEMS_MAX);
      assertProblem(answer, 'invalid_route', /more than 1000/);
    });

    it('stay as they are when If-Match says another revision', async () => {
      store.setRoutes(ORG, [route('a')]);
      for (const tag of ['"0"', '"2"', 'W/"1"', '"seven"']) {
        assertProblem(await replace([], { 'if-match': tag }), 'conflict', /revision 1/);
      }
      assert.equal(namesOf(await list()), 'a');
      assert.equal((await replace([], { 'if-match': '"9", "1"' })).status, 200);
      assert.equal((await replace([draft('b')], { 'if-match': '*' })).status, 200);
    });

    it('are the set of exactly one of two writers who saw the same revision', async () => {
      const [one, other] = await Promise.all(
        ['a', 'b'].map((name) => replace([draft(name)], { 'if-match': '"0"' })),
      );
      assert.deepEqual([one?.status, other?.status].sort(), [200, 412]);
      const winner = one?.status === 200 ? 'a' : 'b';
      assert.equal(namesOf(await list()), winner);
    });
  });

  describe('of a dry run', () => {
    it('are told apart and left alone', async () => {
      const [a, b, c] = [route('a'), route('b'), route('c')];
      store.setRoutes(ORG, [a, b, c]);
      const id = randomUUID();
      const answer = await dryRun([
        draft('a'),
        draft('b', { priority: 7 }),
        draft('d'),
        { ...draft('e'), id },
      ]);
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.json, {
        org_id: ORG,
        revision: 1,
        diff: {
          create: [
            { ...draft('d'), id: null, paused: false },
            { ...draft('e'), id, paused: false },
          ],
          update: [{ before: { ...b, revision: 1 }, after: { ...b, priority: 7 } }],
          delete: [{ ...c, revision: 1 }],
          unchanged: 1,
          reordered: false,
        },
      });
      assert.equal((await store.listAllForOrg(ORG)).revision, 1);
    });

    it('say when only the order would change', async () => {
      store.setRoutes(ORG, [route('a'), route('b'), route('first', { priority: 200 })]);
      const first = draft('first', { priority: 200 });
      const diff = diffOf(await dryRun([draft('b'), draft('a'), first]));
      assert.deepEqual([diff.unchanged, diff.reordered], [3, true]);
      assert.equal(diffOf(await dryRun([first, draft('a'), draft('b')])).reordered, false);
    });

    it('are refused as the real thing is', async () => {
      assertProblem(await dryRun([], { 'if-match': '"7"' }), 'conflict');
      assert.deepEqual(problemsOf(await dryRun([{}])), [
        'routes[0].name invalid_field',
        'routes[0].then no_effect',
      ]);
      assertProblem(
        await admin.call('PUT', `${ROUTES}?dryrun=true`, { json: { routes: [] } }),
        'bad_request',
        /dryrun/,
      );
      assertProblem(
        await admin.call('PUT', `${ROUTES}?dry_run=1`, { json: { routes: [] } }),
        'bad_request',
        /dry_run/,
      );
    });
  });
});
