// What the admin API says of the daemon: alive, ready, its status, its tables, its metrics.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SignalboxError } from '../../src/errors.js';
import { MemoryStore } from '../../src/store/memory-store.js';
import { org, route } from '../support/routes.js';
import { STATUS, TABLE, startAdmin } from './admin-under-test.js';
import { assertProblem } from './assert-problem.js';

const ORG = org(1);

describe('the daemon', () => {
  it('lives, and is ready only when it can decide', async () => {
    let isReady = false;
    await using admin = await startAdmin({ backend: { isReady: () => isReady } });
    const health = await admin.call('GET', '/healthz');
    assert.deepEqual([health.status, health.json], [200, { status: 'ok' }]);
    const before = await admin.call('GET', '/readyz');
    assert.deepEqual([before.status, before.json], [503, { status: 'not_ready' }]);
    isReady = true;
    const after = await admin.call('GET', '/readyz');
    assert.deepEqual([after.status, after.json], [200, { status: 'ready' }]);
  });

  it('tells its status', async () => {
    await using admin = await startAdmin();
    assert.deepEqual((await admin.call('GET', '/v1/status')).json, STATUS);
  });

  it('tells what the workers serve of an org', async () => {
    const asked: string[] = [];
    await using admin = await startAdmin({
      backend: {
        table: (orgId) => {
          asked.push(orgId);
          return TABLE;
        },
      },
    });
    const { json } = await admin.call('GET', `/v1/orgs/${ORG.toUpperCase()}/table`);
    assert.deepEqual(json, { org_id: ORG, ...TABLE });
    assert.deepEqual(asked, [ORG]);
  });

  it('reloads an org, and says by what its workers decide then', async () => {
    const store = new MemoryStore();
    await using admin = await startAdmin({ store });
    store.setRoutes(ORG, [route('a')]);
    const { status, json } = await admin.call('POST', `/v1/orgs/${ORG}/invalidate`);
    assert.deepEqual([status, json], [200, { org_id: ORG, revision: 1, workers: 2 }]);
  });

  it('says that the store is unavailable, and when to ask again', async () => {
    const failure = new SignalboxError('store_unavailable', 'no server answers');
    const store = new MemoryStore();
    store.listAllForOrg = () => Promise.reject(failure);
    await using admin = await startAdmin({ store, backend: { refresh: () => Promise.reject(failure) } });
    for (const [method, path] of [
      ['GET', 'routes'],
      ['POST', 'invalidate'],
    ] as const) {
      const answer = await admin.call(method, `/v1/orgs/${ORG}/${path}`);
      assertProblem(answer, 'store_unavailable', /no server answers/);
      assert.equal(answer.headers['retry-after'], '5');
    }
  });

  it('keeps its defects to itself and its log', async () => {
    await using admin = await startAdmin({
      backend: {
        table: () => {
          throw new Error('a secret of the inside');
        },
      },
    });
    const answer = await admin.call('GET', `/v1/orgs/${ORG}/table`);
    assertProblem(answer, 'internal');
    assert.ok(!answer.text.includes('secret') && !answer.text.includes('.js'), answer.text);
    const [entry] = admin.logs;
    assert.deepEqual([entry?.level, entry?.event], ['error', 'admin.defect']);
    assert.match(String(entry?.['stack']), /a secret of the inside\n +at /);
  });

  it('answers what it was asked before it closed, and is closed once', async () => {
    let hear: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (hear = resolve));
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await using admin = await startAdmin({
      backend: {
        refresh: async () => {
          hear();
          await held;
          return { revision: 1, workers: 1 };
        },
      },
    });
    const answer = admin.call('POST', `/v1/orgs/${ORG}/invalidate`);
    await asked;
    const closing = admin.server.close();
    assert.equal(admin.server.close(), closing);
    release();
    const { status, headers } = await answer;
    assert.deepEqual([status, headers['connection']], [200, 'close']);
    await closing;
  });

  it('does not wait for ever for a request when it closes', async () => {
    let hear: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (hear = resolve));
    await using admin = await startAdmin({
      backend: {
        refresh: () => {
          hear();
          return new Promise(() => undefined);
        },
      },
      limits: { closeTimeoutMs: 50 },
    });
    const cut = assert.rejects(admin.call('POST', `/v1/orgs/${ORG}/invalidate`), { name: 'SocketError' });
    await asked;
    await admin.server.close();
    await cut;
  });
});
