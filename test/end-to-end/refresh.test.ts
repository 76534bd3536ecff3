// From the store to the decision, through real threads and a real socket: what is read when, what waits, what a change
// does, and what becomes of decisions when the store fails.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LocalDaemon, startLocalDaemon } from '../support/local-daemon.js';
import { org, route } from '../support/routes.js';
import { ScriptedStore } from '../support/scripted-store.js';
import { WireClient, requestFrame } from '../support/wire-client.js';
import { waitFor } from '../support/wait-for.js';

const ORG = org(1);

interface Answered {
  readonly route: string | null;
  readonly stale: boolean;
  readonly revision: number;
}

function storeWith(...names: string[]): ScriptedStore {
  const store = new ScriptedStore();
  store.setRoutes(
    ORG,
    names.map((name) => route(name)),
  );
  return store;
}

async function decide(client: WireClient, orgId = ORG): Promise<Answered> {
  const { error, result } = await client.call('resolve', { org_id: orgId, model: 'gpt-4o' });
  assert.equal(error, null);
  return result as Answered;
}

/** Enough connections that each of two workers has one, for they are given out in turn. */
function connectTwo({ socketPath }: LocalDaemon): Promise<[WireClient, WireClient]> {
  return Promise.all([WireClient.connect(socketPath), WireClient.connect(socketPath)]);
}

describe('a daemon', { timeout: 60_000 }, () => {
  it('decides by what a reload has found once it is over, though that takes its time to be read', async () => {
    const store = storeWith('a');
    await using local = await startLocalDaemon(store, { feedIntervalMs: 60_000 });
    const client = await WireClient.connect(local.socketPath);
    assert.equal((await decide(client)).route, 'a');
    store.setRoutes(ORG, [route('b')]);
    const release = store.hold();
    await local.daemon.admin.reload();
    const resolve = requestFrame(1, 'resolve', { org_id: ORG, model: 'gpt-4o' });
    client.send(Buffer.concat([resolve, requestFrame(2, 'hello', {})]));
    const hello = await client.nextMessage();
    assert.equal(hello?.[1], 2, 'the first request waits');
    release();
    const decided = await client.nextMessage();
    assert.equal((decided?.[3] as Answered).route, 'b');
    client.destroy();
  });

  it('reads an org that is not loaded once for a thousand concurrent requests on many connections', async () => {
    const store = storeWith('a');
    await using local = await startLocalDaemon(store);
    const release = store.hold();
    const clients = await Promise.all(Array.from({ length: 10 }, () => WireClient.connect(local.socketPath)));
    for (const client of clients) {
      const requests = Array.from({ length: 100 }, (_, id) =>
        requestFrame(id, 'resolve', { org_id: ORG, model: 'gpt-4o' }),
      );
      client.send(Buffer.concat(requests));
    }
    await waitFor(() => store.loadsOf(ORG) === 1, 'the read to begin');
    // While that org waits, the same connections answer for others.
    release();
    for (const client of clients) {
      for (let id = 0; id < 100; id += 1) {
        const message = await client.nextMessage();
        assert.ok(message?.[0] === 1);
        assert.deepEqual([message[1], message[2], (message[3] as Answered).route], [id, null, 'a']);
      }
      client.destroy();
    }
    assert.equal(store.loadsOf(ORG), 1);
  });

  it('holds up no other org on a connection while one waits for the store', async () => {
    const store = storeWith('a');
    store.setRoutes(org(2), [route('other')]);
    await using local = await startLocalDaemon(store);
    const client = await WireClient.connect(local.socketPath);
    assert.equal((await decide(client, org(2))).route, 'other');
    const release = store.hold();
    client.send(requestFrame(1001, 'resolve', { org_id: ORG, model: 'm' }));
    client.send(requestFrame(1002, 'resolve', { org_id: org(2), model: 'm' }));
    const first = await client.nextMessage();
    assert.equal(first?.[1], 1002);
    release();
    const second = await client.nextMessage();
    assert.equal(second?.[1], 1001);
    client.destroy();
  });

  it('decides by a change on every worker without being asked for it', async () => {
    const store = storeWith('a');
    await using local = await startLocalDaemon(store);
    const clients = await connectTwo(local);
    for (const client of clients) assert.equal((await decide(client)).route, 'a');
    store.setRoutes(ORG, [route('b')]);
    for (const client of clients) {
      await waitFor(async () => (await decide(client)).route === 'b', 'the change to reach the worker');
    }
    const loads = store.loadsOf(ORG);
    assert.equal(loads, 2, 'one read at first and one for the change, whatever the number of workers');
    for (const client of clients) client.destroy();
  });

  it('refreshes a busy org ahead of the expiry, and lets no request wait for it', async () => {
    const store = storeWith('a');
    await using local = await startLocalDaemon(store, { ttlMs: 400 });
    const client = await WireClient.connect(local.socketPath);
    await decide(client);
    await waitFor(async () => {
      const { route: name, stale } = await decide(client);
      assert.deepEqual([name, stale], ['a', false]);
      return store.loadsOf(ORG) >= 4;
    }, 'three refreshes');
    client.destroy();
  });

  it('answers unavailable at once when the store fails and nothing was ever read', async () => {
    const store = storeWith('a');
    store.failure = new Error('the database is gone');
    await using local = await startLocalDaemon(store);
    const client = await WireClient.connect(local.socketPath);
    const { error } = await client.call('resolve', { org_id: ORG, model: 'm' });
    assert.equal(error?.code, 'unavailable');
    assert.match(error.message, /the database is gone/);
    store.failure = undefined;
    await waitFor(async () => {
      const { error: later } = await client.call('resolve', { org_id: ORG, model: 'm' });
      return later === null;
    }, 'recovery');
    assert.equal((await decide(client)).route, 'a');
    client.destroy();
  });

  it('answers unavailable after the resolve timeout when the store hangs, in order of arrival', async () => {
    const store = storeWith('a');
    store.hold();
    await using local = await startLocalDaemon(store, { resolveTimeoutMs: 30 });
    const client = await WireClient.connect(local.socketPath);
    for (let id = 0; id < 50; id += 1) client.send(requestFrame(id, 'resolve', { org_id: ORG, model: 'm' }));
    for (let id = 0; id < 50; id += 1) {
      const message = await client.nextMessage();
      assert.ok(message?.[0] === 1);
      assert.deepEqual([message[1], message[2]?.code], [id, 'unavailable']);
    }
    client.destroy();
  });

  it('decides by the last good routes while the main thread is too busy to say anything', async () => {
    const store = storeWith('a');
    await using local = await startLocalDaemon(store, { ttlMs: 1, resolveTimeoutMs: 30 });
    const client = await WireClient.connect(local.socketPath);
    await decide(client);
    await waitFor(async () => {
      client.send(requestFrame(7, 'resolve', { org_id: ORG, model: 'm' }));
      // Nothing runs on this thread until the worker has long given it up.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
      const message = await client.nextMessage();
      assert.ok(message?.[0] === 1 && message[2] === null);
      const { route: name, stale } = message[3] as Answered;
      assert.equal(name, 'a');
      return stale;
    }, 'a stale decision');
    client.destroy();
  });

  it('goes on with the last good routes, marked stale, while the store fails, and comes back by itself', async () => {
    const store = storeWith('a');
    await using local = await startLocalDaemon(store, { ttlMs: 100 });
    const clients = await connectTwo(local);
    for (const client of clients) assert.deepEqual((await decide(client)).stale, false);
    store.failure = new Error('the database is gone');
    for (const client of clients) {
      await waitFor(async () => {
        const { route: name, stale } = await decide(client);
        assert.equal(name, 'a');
        return stale;
      }, 'decisions to be marked stale');
    }
    await local.logged('store.failing');
    store.failure = undefined;
    for (const client of clients) {
      await waitFor(async () => {
        const { route: name, stale } = await decide(client);
        assert.equal(name, 'a');
        return !stale;
      }, 'decisions to be fresh again');
    }
    await waitFor(async () => {
      // Well again is a store of which no read has failed for a while.
      for (const client of clients) await decide(client);
      return local.lines.some(({ event }) => event === 'store.recovered');
    }, 'the store to be called well');
    for (const client of clients) client.destroy();
  });

  it('serves every request from a store that is read each time, with a time to live of 0', async () => {
    const store = storeWith('a');
    await using local = await startLocalDaemon(store, { ttlMs: 0 });
    const client = await WireClient.connect(local.socketPath);
    for (let turn = 1; turn <= 5; turn += 1) {
      assert.deepEqual((await decide(client)).route, 'a');
      assert.ok(store.loadsOf(ORG) >= turn);
    }
    client.destroy();
  });

  it('decides by what a client has just written, if it says the revision', async () => {
    const store = storeWith('0');
    await using local = await startLocalDaemon(store);
    const clients = await connectTwo(local);
    for (let turn = 1; turn <= 50; turn += 1) {
      const { revision } = store.setRoutes(ORG, [route(String(turn))]);
      for (const client of clients) {
        const { result } = await client.call('resolve', { org_id: ORG, model: 'm', min_revision: revision });
        const decision = result as Answered;
        assert.equal(decision.route, String(turn));
        assert.ok(decision.revision >= revision);
      }
    }
    for (const client of clients) client.destroy();
  });

  it('says which revision it went by when the store has none as high, after one look', async () => {
    const store = storeWith('a');
    await using local = await startLocalDaemon(store);
    const client = await WireClient.connect(local.socketPath);
    await decide(client);
    const { result } = await client.call('resolve', { org_id: ORG, model: 'm', min_revision: 1000 });
    assert.deepEqual([(result as Answered).route, (result as Answered).revision], ['a', 1]);
    assert.equal(store.loadsOf(ORG), 2);
    client.destroy();
  });

  it('is not asked more often than it reads for revisions that the store does not have', async () => {
    const workers = 4;
    await using local = await startLocalDaemon(storeWith('a'), { workers });
    const clients = await Promise.all(
      Array.from({ length: 3 * workers }, () => WireClient.connect(local.socketPath)),
    );
    const calls: Promise<{ readonly error: unknown }>[] = [];
    // Each read is enough for who asked before it began, and there is always somebody who asked since.
    const asking = setInterval(() => {
      for (const client of clients)
        calls.push(client.call('resolve', { org_id: ORG, model: 'm', min_revision: 1000 }));
    }, 5);
    await waitFor(() => local.daemon.admin.status().cache.loads >= 40, 'the store to be read often');
    clearInterval(asking);
    for (const { error } of await Promise.all(calls)) assert.equal(error, null);
    const { answers, loads } = local.daemon.admin.status().cache;
    const asked = Object.values(answers).reduce((sum, count) => sum + count, 0);
    assert.ok(asked <= workers * (loads + 1), `${asked} answers for ${loads} reads`);
    for (const client of clients) client.destroy();
  });
});
