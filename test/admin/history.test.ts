// The past of an org's routes over HTTP: who changed what and why, and the way back.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { RouteJson } from '../../src/admin/route-json.js';
import type { HistoryEntry } from '../../src/store/route-store.js';
import { draft, org } from '../support/routes.js';
import { type AdminUnderTest, type Answer, startAdmin } from './admin-under-test.js';
import { assertProblem } from './assert-problem.js';
import { RememberingStore } from '../support/remembering-store.js';

const ORG = org(1);
const BASE = `/v1/orgs/${ORG}`;

describe('the history of an org', () => {
  let admin: AdminUnderTest;

  beforeEach(async () => {
    admin = await startAdmin({ store: new RememberingStore() });
  });
  afterEach(() => admin[Symbol.asyncDispose]());

  const entries = async (query = ''): Promise<readonly HistoryEntry[]> => {
    const { status, json, text } = await admin.call('GET', `${BASE}/history${query}`);
    assert.equal(status, 200, text);
    return (json as { readonly entries: readonly HistoryEntry[] }).entries;
  };
  const create = async (name: string, headers: Record<string, string> = {}): Promise<RouteJson> =>
    (await admin.call('POST', `${BASE}/routes`, { json: draft(name), headers })).json as RouteJson;
  const rollBack = (revision: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    admin.call('POST', `${BASE}/rollback`, { json: { revision }, headers });

  it('says who did what, and why, the newest first', async () => {
    const { id, revision: _, ...rest } = await create('a', { 'x-actor': 'ada', 'x-reason': 'first' });
    await admin.call('DELETE', `${BASE}/routes/${id}`);
    assert.deepEqual(
      await entries(),
      [
        ['delete', 2, null, null],
        ['create', 1, 'ada', 'first'],
      ].map(([operation, revision, actor, reason]) => ({
        revision,
        operation,
        actor,
        reason,
        at: '2026-01-02T03:04:05.678Z',
        route: { id, ...rest },
      })),
    );
  });

  it('comes in pages', async () => {
    for (const name of ['a', 'b', 'c']) await create(name);
    const revisions = async (query: string): Promise<number[]> =>
      (await entries(query)).map(({ revision }) => revision);
    assert.deepEqual(await revisions('?limit=2'), [3, 2]);
    assert.deepEqual(await revisions('?limit=2&before=2'), [1]);
    for (const query of [
      'limit=0',
      'limit=1001',
      'limit=1.5',
      'limit=',
      'before=0',
      'before=x',
      'limit=1&limit=2',
    ]) {
      assertProblem(await admin.call('GET', `${BASE}/history?${query}`), 'bad_request');
    }
  });

  it('takes who and why from every kind of write', async () => {
    const headers = { 'x-actor': Buffer.from('Zoë Straße').toString('latin1'), 'x-reason': 'why' };
    const { id } = await create('a', headers);
    const path = `${BASE}/routes/${id}`;
    await admin.call('PUT', path, { json: draft('b'), headers });
    await admin.call('PATCH', path, { json: { name: 'c' }, headers });
    await admin.call('POST', `${path}/pause`, { json: { reason: 'of the pause' }, headers });
    await admin.call('POST', `${path}/resume`, { headers });
    await admin.call('PUT', `${BASE}/routes`, { json: { routes: [draft('d')] }, headers });
    await rollBack(1, headers);
    await admin.call('DELETE', path, { headers });
    const told = await entries();
    assert.deepEqual(new Set(told.map(({ actor }) => actor)), new Set(['Zoë Straße']));
    assert.deepEqual(told.map(({ operation, reason }) => `${operation} ${reason}`).reverse(), [
      'create why',
      'update why',
      'update why',
      'update of the pause',
      'update why',
      ...['create why', 'delete why'],
      ...['create why', 'delete why'],
      'delete why',
    ]);
  });

  it('refuses names and reasons that are too long or have control characters', async () => {
    for (const headers of [
      { 'x-actor': 'a'.repeat(201) },
      { 'x-reason': 'a'.repeat(1001) },
      { 'x-actor': Buffer.from('a\u0085b').toString('latin1') },
      { 'x-reason': 'a\tb' },
    ]) {
      assertProblem(
        await admin.call('POST', `${BASE}/routes`, { json: draft('a'), headers }),
        'bad_request',
        /X-(Actor|Reason)/,
      );
    }
    assert.deepEqual(await entries(), []);
    await create('a', { 'x-actor': 'a'.repeat(200), 'x-reason': 'a'.repeat(1000) });
    assert.equal((await entries()).length, 1);
  });

  it('is gone back in, ids and pauses included, which is a change like any other', async () => {
    const { id } = await create('a');
    await admin.call('POST', `${BASE}/routes/${id}/pause`);
    await admin.call('PUT', `${BASE}/routes`, { json: { routes: [draft('b')] } });
    const answer = await rollBack(2);
    assert.equal(answer.status, 200, answer.text);
    const { revision, routes } = answer.json as { revision: number; routes: readonly RouteJson[] };
    assert.deepEqual([revision, answer.headers['etag']], [4, '"4"']);
    assert.deepEqual(
      routes.map((each) => [each.id, each.name, each.paused]),
      [[id, 'a', true]],
    );
    assert.equal((await entries('?limit=1'))[0]?.reason, 'rollback to revision 2');
  });

  it('has no way to where it never was', async () => {
    await create('a');
    assertProblem(await rollBack(7), 'not_found', /revision 7/);
    for (const revision of [-1, 1.5, '1', null, undefined]) {
      assertProblem(await rollBack(revision), 'bad_request', /revision/);
    }
    assertProblem(
      await admin.call('POST', `${BASE}/rollback`, { json: { revision: 1, force: true } }),
      'bad_request',
    );
    assertProblem(await admin.call('POST', `${BASE}/rollback`), 'bad_request', /body/);
  });

  it('is gone back in only from where the caller saw the org', async () => {
    await create('a');
    await create('b');
    assertProblem(await rollBack(1, { 'if-match': '"1"' }), 'conflict');
    assert.equal((await rollBack(1, { 'if-match': '"2"' })).status, 200);
  });
});

describe('a store without history', () => {
  it('is said to be one', async () => {
    await using admin = await startAdmin();
    assertProblem(await admin.call('GET', `${BASE}/history`), 'not_supported', /mysql/);
    assertProblem(await admin.call('POST', `${BASE}/rollback`, { json: { revision: 1 } }), 'not_supported');
  });
});
