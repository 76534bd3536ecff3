// One route, over HTTP: read, replace, patch, delete, pause, resume, and who wins when two write.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { RouteJson } from '../../src/admin/route-json.js';
import type { Route, RouteDraft } from '../../src/routing/route.js';
import { MemoryStore } from '../../src/store/memory-store.js';
import type { Updated } from '../../src/store/route-store.js';
import { draft, org, route } from '../support/routes.js';
import { type AdminUnderTest, type Answer, startAdmin } from './admin-under-test.js';
import { assertProblem, problemsOf } from './assert-problem.js';

const ORG = org(1);

/** Somebody else changes the org just before an update arrives, as often as it is told to. */
class RacedStore extends MemoryStore {
  races = 0;

  override async updateRoute(
    orgId: string,
    routeId: string,
    changed: RouteDraft,
    revision: number,
  ): Promise<Updated | undefined> {
    if (this.races > 0) {
      this.races -= 1;
      const current = await this.getRoute(orgId, routeId);
      if (current !== undefined) {
        await super.updateRoute(
          orgId,
          routeId,
          { ...current, priority: current.priority + 1 },
          current.revision,
        );
      }
    }
    return super.updateRoute(orgId, routeId, changed, revision);
  }
}

describe('a route', () => {
  let store: RacedStore;
  let admin: AdminUnderTest;
  let a: Route;
  let path: string;

  beforeEach(async () => {
    store = new RacedStore();
    admin = await startAdmin({ store });
    a = route('a');
    store.setRoutes(ORG, [a]);
    path = `/v1/orgs/${ORG}/routes/${a.id}`;
  });
  afterEach(() => admin[Symbol.asyncDispose]());

  const current = (): Promise<Route | undefined> => store.getRoute(ORG, a.id);
  const put = (json: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    admin.call('PUT', path, { json, headers });
  const patch = (json: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    admin.call('PATCH', path, {
      json,
      headers: { 'content-type': 'application/merge-patch+json', ...headers },
    });

  it('is read with its tag, and only if it is another than the reader has', async () => {
    const answer = await admin.call('GET', path);
    assert.deepEqual(
      [answer.status, answer.headers['etag'], answer.json],
      [200, '"1"', { ...a, revision: 1 }],
    );
    const again = await admin.call('GET', path, { headers: { 'if-none-match': '"1"' } });
    assert.deepEqual([again.status, again.text, again.headers['etag']], [304, '', '"1"']);
  });

  it('has a head', async () => {
    const answer = await admin.call('HEAD', path);
    assert.deepEqual([answer.status, answer.text, answer.headers['etag']], [200, '', '"1"']);
  });

  it('is not found where it is not: in another org, or under another id', async () => {
    for (const other of [`/v1/orgs/${org(2)}/routes/${a.id}`, `/v1/orgs/${ORG}/routes/${randomUUID()}`]) {
      for (const method of ['GET', 'DELETE']) assertProblem(await admin.call(method, other), 'not_found');
      assertProblem(await admin.call('PUT', other, { json: draft('b') }), 'not_found');
      assertProblem(await admin.call('PATCH', other, { json: {} }), 'not_found');
      assertProblem(await admin.call('POST', `${other}/pause`), 'not_found');
      assertProblem(await admin.call('POST', `${other}/resume`), 'not_found');
    }
    assert.deepEqual(await current(), { ...a, revision: 1 });
  });

  it('becomes what a full draft says, defaults included', async () => {
    const answer = await put({ name: 'b', then: { disable_cache: true } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['etag'], '"2"');
    const after = { ...a, name: 'b', priority: 100, when: {}, then: { disable_cache: true }, revision: 2 };
    assert.deepEqual(answer.json, after);
    assert.deepEqual(await current(), after);
  });

  it('keeps its revision when nothing changes', async () => {
    assert.equal((await put(draft('a'))).headers['etag'], '"1"');
  });

  it('changes only where a patch says so', async () => {
    await put({
      ...draft('a'),
      when: { tag_equals: 't', model_in: ['m'] },
      then: { effects: { x: { y: 1, z: 2 } } },
    });
    const answer = await patch({
      enabled: false,
      when: { tag_equals: null, has_images: false },
      then: { effects: { x: { y: null } }, target_model: 'new' },
    });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.json, {
      ...a,
      enabled: false,
      when: { model_in: ['m'], has_images: false },
      then: { effects: { x: { z: 2 } }, target_model: 'new' },
      revision: 3,
    });
  });

  it('is checked after a patch as any draft is', async () => {
    const answer = await patch({ name: null, priority: '7', id: randomUUID(), then: { target_model: null } });
    assert.deepEqual(problemsOf(answer), [
      'priority invalid_field',
      'then no_effect',
      'id unknown_field',
      'name invalid_field',
    ]);
    assert.deepEqual(problemsOf(await patch([1])), [' invalid_field']);
    assert.deepEqual(await current(), { ...a, revision: 1 });
  });

  it('is deleted', async () => {
    const answer = await admin.call('DELETE', path);
    assert.deepEqual([answer.status, answer.text], [204, '']);
    assert.equal(await current(), undefined);
    assertProblem(await admin.call('DELETE', path), 'not_found');
  });

  it('stays as it is when If-Match says another revision', async () => {
    const headers = { 'if-match': '"7"' };
    assertProblem(await put(draft('b'), headers), 'conflict', /revision 1.*"7"/);
    assertProblem(await patch({ name: 'b' }, headers), 'conflict');
    assertProblem(await admin.call('DELETE', path, { headers }), 'conflict');
    assert.deepEqual(await current(), { ...a, revision: 1 });
    assert.equal((await put(draft('b'), { 'if-match': '"1"' })).status, 200);
    assert.equal((await admin.call('DELETE', path, { headers: { 'if-match': '"2"' } })).status, 204);
  });

  it('is written by exactly one of two who saw the same revision', async () => {
    const answers = await Promise.all(['b', 'c'].map((name) => put(draft(name), { 'if-match': '"1"' })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412]);
    const winner = answers.find(({ status }) => status === 200)?.json as RouteJson;
    assert.deepEqual(await current(), winner);
  });

  it('tells a writer with If-Match who lost after it was read', async () => {
    store.races = 1;
    assertProblem(await put(draft('b'), { 'if-match': '"1"' }), 'conflict');
    assert.equal((await current())?.priority, 101);
  });

  it('takes a second attempt for a writer without If-Match, and no third', async () => {
    store.races = 1;
    const answer = await patch({ name: 'b' });
    assert.equal(answer.status, 200);
    assert.equal((answer.json as RouteJson).priority, 101, "the other's change is there too");
    store.races = 2;
    assertProblem(await patch({ name: 'c' }), 'conflict');
  });

  it('is paused and goes on, whatever its revision is', async () => {
    const paused = await admin.call('POST', `${path}/pause`, { json: { reason: 'provider down' } });
    assert.deepEqual([paused.status, paused.headers['etag']], [200, '"2"']);
    assert.deepEqual(paused.json, { ...a, paused: true, revision: 2 });
    const again = await admin.call('POST', `${path}/pause`);
    assert.equal((again.json as RouteJson).paused, true);
    const resumed = await admin.call('POST', `${path}/resume`);
    assert.equal((resumed.json as RouteJson).paused, false);
  });

  it('is not paused by a body that says anything else', async () => {
    for (const json of [{ reason: 7 }, { reason: null }, { why: 'x' }, [], 'x', { reason: 'a\nb' }]) {
      assertProblem(await admin.call('POST', `${path}/pause`, { json }), 'bad_request');
    }
    assertProblem(
      await admin.call('POST', `${path}/pause`, { headers: { 'if-match': '"1"' } }),
      'bad_request',
    );
    assert.equal((await current())?.paused, false);
  });
});
