// What the daemon tells of itself, from requests of real clients: every answer counted once, and nothing forgotten
// when a worker is replaced.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DaemonStatus } from '../../src/admin/backend.js';
import { type LocalDaemon, startLocalDaemon } from '../support/local-daemon.js';
import { org, route } from '../support/routes.js';
import { ScriptedStore } from '../support/scripted-store.js';
import { waitFor } from '../support/wait-for.js';
import { WireClient, frame, requestFrame } from '../support/wire-client.js';

const ORG = org(1);
const MATCHING = { org_id: ORG, model: 'm' };

function answersOf({ daemon }: LocalDaemon): DaemonStatus['requests']['answers'] {
  return daemon.admin.status().requests.answers;
}

function measured({ daemon }: LocalDaemon): number {
  return daemon.admin.status().requests.latency.counts.reduce((sum, count) => sum + count, 0);
}

async function resolve(client: WireClient, params: object, times = 1): Promise<void> {
  for (let time = 0; time < times; time += 1) await client.call('resolve', params);
}

describe('the figures of a daemon', { timeout: 60_000 }, () => {
  it('count every request by its answer, each with one latency', async () => {
    const store = new ScriptedStore();
    store.setRoutes(ORG, [route('a', { when: { model_in: ['m'] } })]);
    await using local = await startLocalDaemon(store);
    const client = await WireClient.connect(local.socketPath);
    await resolve(client, MATCHING, 10);
    await resolve(client, { org_id: ORG, model: 'other' }, 3);
    await resolve(client, { ...MATCHING, force_route: 'none' }, 2);
    await resolve(client, { org_id: 'acme', model: 'm' }, 4);
    await client.call('hello', {});
    // Pipelined: one read, many latencies.
    client.send(Buffer.concat(Array.from({ length: 50 }, (_, id) => requestFrame(id, 'resolve', MATCHING))));
    for (let answers = 0; answers < 50; answers += 1) await client.nextMessage();
    client.send(frame(Buffer.from([0xc1])));
    await client.nextMessage();
    await waitFor(() => measured(local) === 70, 'the last latency');
    const { requests, connections, cache } = local.daemon.admin.status();
    assert.deepEqual(requests.answers, {
      ...requests.answers,
      matched: 60,
      no_match: 3,
      no_such_route: 2,
      bad_request: 5,
      unavailable: 0,
    });
    assert.equal(requests.waited, 1, 'the first waited for its routes');
    assert.ok(requests.latency.sum_ms > 0);
    assert.deepEqual([connections.open, connections.accepted, connections.refused.connections], [1, 1, 0]);
    assert.equal(cache.answers.miss, 1);
    assert.equal(
      cache.load_time.counts.reduce((sum, count) => sum + count),
      cache.loads,
    );
    client.destroy();
  });

  it('say that decisions are stale, which orgs are, and what is refused for want of routes', async () => {
    const store = new ScriptedStore();
    store.setRoutes(ORG, [route('a')]);
    await using local = await startLocalDaemon(store, { ttlMs: 1, resolveTimeoutMs: 50 });
    const client = await WireClient.connect(local.socketPath);
    await resolve(client, MATCHING);
    store.failure = new Error('the database is gone');
    await waitFor(async () => {
      await resolve(client, MATCHING);
      return local.daemon.admin.status().requests.stale > 0;
    }, 'a stale decision');
    await resolve(client, { org_id: org(2), model: 'm' });
    const { cache, requests, store: told } = local.daemon.admin.status();
    assert.equal(cache.stale_orgs, 1);
    assert.ok(cache.oldest_stale_ms >= 0 && cache.answers.stale > 0 && cache.failed_loads > 0);
    assert.equal(requests.answers.unavailable, 1);
    assert.equal(told.up, false);
    client.destroy();
  });

  it('never go back, though a worker is replaced', async () => {
    const store = new ScriptedStore();
    store.setRoutes(ORG, [route('a')]);
    await using local = await startLocalDaemon(store, { workers: 1 });
    const first = await WireClient.connect(local.socketPath);
    await resolve(first, MATCHING, 20);
    await local.daemon.workers[0]?.terminate();
    await waitFor(() => first.ended, 'the end of the worker to be noticed');
    first.destroy();
    const second = await WireClient.connect(local.socketPath);
    await resolve(second, MATCHING, 5);
    assert.equal(answersOf(local).matched, 25);
    const { started, ended, loop_lag_ms: lags } = local.daemon.admin.status().workers;
    assert.deepEqual([started, ended.crashed, lags.length], [2, 1, 1]);
    second.destroy();
  });

  it('tell the hits of each route over all workers, those that nothing reaches too', async () => {
    const store = new ScriptedStore();
    const hit = route('hit', { when: { model_in: ['m'] } });
    const dead = route('dead', { when: { input_tokens_lt: 0 } });
    store.setRoutes(ORG, [hit, dead]);
    await using local = await startLocalDaemon(store);
    const clients = await Promise.all([1, 2].map(() => WireClient.connect(local.socketPath)));
    for (const client of clients) await resolve(client, MATCHING, 3);
    const [one] = clients;
    assert.ok(one !== undefined);
    const began = Date.now();
    await resolve(one, { org_id: ORG, model: 'other' });
    store.setRoutes(ORG, [dead, hit, route('new', { enabled: false })]);
    await local.daemon.admin.refresh(ORG);
    for (const client of clients) await resolve(client, MATCHING, 2);
    const {
      workers,
      no_match: noMatch,
      no_such_route: noSuchRoute,
      routes,
    } = await local.daemon.admin.hits(ORG);
    assert.equal(workers, 2);
    assert.deepEqual(
      routes.map(({ route_id: id, name, hits }) => [id, name, hits]),
      [
        [dead.id, 'dead', 0],
        [hit.id, 'hit', 10],
      ],
    );
    assert.equal(routes[0]?.last_hit, null);
    assert.ok(Date.parse(routes[1]?.last_hit ?? '') >= began - 1);
    assert.equal(noMatch.hits, 1);
    assert.deepEqual(noSuchRoute, { hits: 0, last_hit: null });
    assert.deepEqual((await local.daemon.admin.hits(org(9))).routes, []);
    for (const client of clients) client.destroy();
  });
});
