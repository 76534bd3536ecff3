// Workers that fail in every way that a thread can: who notices, what becomes of their connections, and what a new
// worker knows. The faults are caused in real workers of a real daemon, by the entry in support/faulty-worker.cts.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { SignalboxError } from '../../src/errors.js';
import { WorkerPool } from '../../src/control/workers/worker-pool.js';
import { monotonicClock } from '../../src/clock.js';
import { type Fault, causeFault, faultyWorker } from '../support/faults.js';
import { type LocalDaemon, startLocalDaemon } from '../support/local-daemon.js';
import { org, route } from '../support/routes.js';
import { ScriptedStore } from '../support/scripted-store.js';
import { waitFor } from '../support/wait-for.js';
import { WireClient } from '../support/wire-client.js';
import { WORKER_SETTINGS } from '../support/worker-settings.js';

const ORG = org(1);

async function decide(client: WireClient): Promise<unknown> {
  const { error, result } = await client.call('resolve', { org_id: ORG, model: 'm' });
  assert.equal(error, null);
  return (result as { route: unknown }).route;
}

async function startFaulty(workers: number): Promise<{ local: LocalDaemon; store: ScriptedStore }> {
  const store = new ScriptedStore();
  store.setRoutes(ORG, [route('before')]);
  return { local: await startLocalDaemon(store, { workers, workerEntry: faultyWorker }), store };
}

async function endOf(local: LocalDaemon): Promise<unknown> {
  return (await local.logged('worker.ended')).fields?.['end'];
}

const faults: readonly (readonly [fault: Fault, end: string])[] = [
  ['throw', 'crashed'],
  ['reject', 'crashed'],
  ['exit', 'crashed'],
  ['spin', 'stuck'],
  ['wait-for-ever', 'stuck'],
];

describe('a worker that fails', { timeout: 120_000 }, () => {
  for (const [fault, end] of faults) {
    it(`(${fault}) is replaced by one with current tables, and the other worker's clients notice nothing`, async () => {
      const { local, store } = await startFaulty(2);
      await using _ = local;
      const clients = await Promise.all([1, 2].map(() => WireClient.connect(local.socketPath)));
      for (const client of clients) assert.equal(await decide(client), 'before');
      const [victim] = local.daemon.workers;
      assert.ok(victim !== undefined);
      causeFault(fault, [victim.threadId]);
      assert.equal(await endOf(local), end);
      // Only the new routes can be decided by from now on.
      store.setRoutes(ORG, [route('after')]);
      await waitFor(() => clients.some(({ ended }) => ended), 'the connection of that worker to end');
      const [survivor] = clients.filter(({ ended }) => !ended);
      assert.ok(survivor !== undefined);
      await waitFor(async () => (await decide(survivor)) === 'after', 'the change');
      await waitFor(() => local.daemon.workers.length === 2, 'the pool to be whole');
      const fresh = await Promise.all([1, 2].map(() => WireClient.connect(local.socketPath)));
      for (const client of fresh) assert.equal(await decide(client), 'after');
      assert.equal(survivor.ended, false);
      for (const client of [...clients, ...fresh]) client.destroy();
    });
  }

  it('that hangs serves, as another worker, the connections that it was given meanwhile', async () => {
    const { local } = await startFaulty(1);
    await using _ = local;
    causeFault('spin');
    await waitFor(() => local.daemon.vitals.some(({ silentMs }) => silentMs > 300), 'the silence');
    const client = await WireClient.connect(local.socketPath);
    assert.equal(await decide(client), 'before');
    assert.equal(await endOf(local), 'stuck');
    client.destroy();
  });

  it('between taking a descriptor and opening it leaks none, and the connection goes to another worker', async () => {
    const { local } = await startFaulty(2);
    await using _ = local;
    const settled = await WireClient.connect(local.socketPath);
    assert.equal(await decide(settled), 'before');
    const [victim] = local.daemon.workers;
    causeFault('exit-having-claimed', [victim?.threadId ?? -1]);
    settled.destroy();
    await waitFor(() => local.daemon.connections === 0, 'the connection to be gone');
    const before = (await readdir('/proc/self/fd')).length;
    const clients = await Promise.all(Array.from({ length: 8 }, () => WireClient.connect(local.socketPath)));
    for (const client of clients) assert.equal(await decide(client), 'before');
    assert.equal(await endOf(local), 'crashed');
    for (const client of clients) client.destroy();
    await waitFor(() => local.daemon.connections === 0, 'the connections to be gone');
    await waitFor(
      async () => (await readdir('/proc/self/fd')).length <= before,
      'every descriptor to be closed',
    );
  });
});

describe('a worker pool', { timeout: 120_000 }, () => {
  const pools: WorkerPool[] = [];
  after(() => Promise.all(pools.map((pool) => pool.destroy())));

  function startPool(options: { workers: number; heapMb?: number; entry?: URL }): {
    pool: WorkerPool;
    ends: unknown[];
    hopeless: SignalboxError[];
    isServing: () => boolean;
  } {
    const ends: unknown[] = [];
    const hopeless: SignalboxError[] = [];
    const pool = new WorkerPool({
      settings: WORKER_SETTINGS,
      clock: monotonicClock,
      log: (_level, event, _message, fields) => {
        if (event === 'worker.ended') ends.push(fields?.['end']);
      },
      onMessage: () => undefined,
      onStopped: () => undefined,
      onHopeless: (error) => hopeless.push(error),
      entry: faultyWorker,
      ...options,
    });
    pools.push(pool);
    const isServing = (): boolean =>
      pool.vitals.length === options.workers && pool.vitals.every(({ isReady }) => isReady);
    return { pool, ends, hopeless, isServing };
  }

  it('replaces a worker that needs more memory than it may have', async () => {
    const { pool, ends, isServing } = startPool({ workers: 1, heapMb: 32 });
    await waitFor(isServing, 'the worker to start');
    causeFault('run-out-of-memory');
    await waitFor(() => ends.length === 1, 'its end');
    await waitFor(isServing, 'another');
    assert.deepEqual(ends, ['out_of_memory']);
    assert.equal(pool.ends.out_of_memory, 1);
  });

  it('that is replaced by another has no crashed workers but those that did', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
    const path = join(directory, 'entry.cjs');
    const good = `module.exports = require(${JSON.stringify(fileURLToPath(faultyWorker))});`;
    await writeFile(path, good);
    const { pool, ends, isServing } = startPool({ workers: 2, entry: pathToFileURL(path) });
    await waitFor(isServing, 'the workers to start');
    const [victim = -1, idle = -1] = pool.threadIds;
    // A worker that can't be started is the last that the pool tries to start.
    await writeFile(path, 'throw new Error("a fault of the test");');
    causeFault('exit', [victim]);
    await waitFor(() => pool.ends.not_started > 0, 'the worker that takes its place to fail');
    await writeFile(path, good);
    await waitFor(() => isServing() && !pool.threadIds.includes(idle), 'another pool');
    await pool.whenGone(idle);
    assert.equal(pool.ends.crashed, 1);
    assert.deepEqual(ends, ['crashed', ...Array<string>(pool.ends.not_started).fill('not_started')]);
    await rm(directory, { recursive: true });
  });

  it('gives up when workers that were ready end again and again', async () => {
    const { ends, hopeless, isServing } = startPool({ workers: 1 });
    await waitFor(() => {
      if (isServing()) causeFault('exit');
      return hopeless.length > 0;
    }, 'the pool to give up');
    assert.equal(hopeless[0]?.code, 'internal');
    assert.ok(ends.length >= 10, `after ${ends.length} ends`);
  });

  it('gives up when a worker can’t be ended, for it is in a system call', async () => {
    const { hopeless, isServing } = startPool({ workers: 1 });
    await waitFor(isServing, 'the worker to start');
    const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
    const path = join(directory, 'fifo');
    spawnSync('mkfifo', [path]);
    // Whoever reads is blocked for as long as there is a writer. Opening both ways waits for nobody.
    const writer = await open(path, 'r+');
    const reader = await open(path, 'r');
    causeFault('block-in-a-system-call', undefined, reader.fd);
    await waitFor(() => hopeless.length > 0, 'the pool to give up', 60_000);
    assert.match(hopeless[0]?.message ?? '', /can't be ended/);
    // The end of the input ends every read, however many workers are in one: this process could not end otherwise.
    await writer.close();
    await reader.close();
    await rm(directory, { recursive: true });
  });

  it('shows of each worker whether it serves, how long it is silent and how late its loop is', async () => {
    const { pool, isServing } = startPool({ workers: 2 });
    await waitFor(isServing, 'the workers to start');
    assert.equal(pool.stuckWorkers, 0);
    const [victim] = pool.threadIds;
    causeFault('spin', [victim ?? -1]);
    await waitFor(() => pool.vitals.some(({ silentMs }) => silentMs > 400), 'the silence to be seen');
    const [silent, quiet] = [...pool.vitals].sort((a, b) => b.silentMs - a.silentMs);
    assert.equal(silent?.threadId, victim);
    assert.ok((quiet?.silentMs ?? Infinity) < 1500);
    await waitFor(() => pool.ends.stuck === 1, 'it to be ended');
    await waitFor(isServing, 'another');
  });
});
