// What a worker's end costs: its own connections, and nothing else.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { monotonicClock } from '../../src/clock.js';
import { WorkerPool } from '../../src/control/workers/worker-pool.js';
import { type LocalDaemon, startLocalDaemon } from '../support/local-daemon.js';
import { repositoryPath } from '../support/paths.js';
import { org, route } from '../support/routes.js';
import { ScriptedStore } from '../support/scripted-store.js';
import { waitFor } from '../support/wait-for.js';
import { WireClient } from '../support/wire-client.js';
import { WORKER_SETTINGS } from '../support/worker-settings.js';

const ORG = org(1);

/** Sends one request after the other until the connection ends; counts the answers, each of which must be right. */
class Traffic {
  answers = 0;
  readonly ended: Promise<void>;
  #stopped = false;

  constructor(
    readonly client: WireClient,
    readonly expected: () => readonly string[],
  ) {
    this.ended = this.#run();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #run(): Promise<void> {
    while (!this.#stopped && !this.client.ended) {
      const answer = await this.client.call('resolve', { org_id: ORG, model: 'm' }).catch(() => undefined);
      // The connection ended, with its worker.
      if (answer === undefined) return;
      assert.equal(answer.error, null);
      const { route: name } = answer.result as { route: string };
      assert.ok(this.expected().includes(name), `${name} was decided`);
      this.answers += 1;
    }
  }
}

function connectOne({ socketPath }: LocalDaemon): Promise<WireClient> {
  return WireClient.connect(socketPath);
}

async function connectMany({ socketPath }: LocalDaemon, count: number): Promise<WireClient[]> {
  return Promise.all(Array.from({ length: count }, () => WireClient.connect(socketPath)));
}

describe('a daemon of which one of two workers dies in the middle of traffic', { timeout: 60_000 }, () => {
  it('loses the connections of that worker only, is whole again, and decides by current tables', async () => {
    const store = new ScriptedStore();
    store.setRoutes(ORG, [route('before')]);
    await using local = await startLocalDaemon(store);
    const { daemon } = local;
    let expected = ['before'];
    const traffic = (await connectMany(local, 6)).map((client) => new Traffic(client, () => expected));
    await waitFor(() => traffic.every(({ answers }) => answers > 100), 'traffic on every connection');
    // The routes change, so that a worker that starts anew could be told from one that was there.
    expected = ['before', 'after'];
    store.setRoutes(ORG, [route('after')]);
    await waitFor(async () => {
      const probe = await connectOne(local);
      const { result } = await probe.call('resolve', { org_id: ORG, model: 'm' });
      probe.destroy();
      return (result as { route: string }).route === 'after';
    }, 'the change');

    const [victim, survivor] = daemon.workers;
    assert.ok(victim !== undefined && survivor !== undefined);
    await victim.terminate();

    const isAlive = ({ client }: Traffic): boolean => !client.ended;
    await waitFor(() => traffic.filter(isAlive).length <= 3, 'the dead worker’s connections to end');
    const alive = traffic.filter(isAlive);
    assert.equal(alive.length, 3, 'half of the connections were the other worker’s');
    const before = alive.map(({ answers }) => answers);
    await waitFor(
      () => alive.every(({ answers }, index) => answers > (before[index] ?? 0) + 100),
      'traffic to go on',
    );
    await waitFor(() => daemon.workers.length === 2, 'the pool to be whole');
    assert.ok(daemon.workers.includes(survivor));

    expected = ['after'];
    const fresh = (await connectMany(local, 6)).map((client) => new Traffic(client, () => expected));
    await waitFor(() => fresh.every(({ answers }) => answers > 10), 'decisions on new connections');
    assert.ok(alive.every(({ client }) => !client.ended));
    for (const each of [...alive, ...fresh]) each.stop();
    await Promise.all([...traffic, ...fresh].map(({ ended }) => ended));
    for (const { client } of [...alive, ...fresh]) client.destroy();
  });

  it('serves current tables from the new worker’s first request, even while the store fails', async () => {
    const store = new ScriptedStore();
    store.setRoutes(ORG, [route('a')]);
    await using local = await startLocalDaemon(store, { workers: 1 });
    const first = await connectOne(local);
    assert.equal((await first.call('resolve', { org_id: ORG, model: 'm' })).error, null);
    store.failure = new Error('the database is gone');
    await local.daemon.workers[0]?.terminate();
    await waitFor(() => first.ended, 'the dead worker to be noticed');
    const second = await connectOne(local);
    const { error, result } = await second.call('resolve', { org_id: ORG, model: 'm' });
    assert.equal(error, null);
    assert.equal((result as { route: string }).route, 'a');
    assert.equal(store.loadsOf(ORG), 1, 'the main thread had the table');
    second.destroy();
  });
});

describe('a worker pool whose workers cannot start', { timeout: 60_000 }, () => {
  it('is made anew until they can, and then serves what waited', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
    const permission = join(directory, 'may-start');
    const entry = join(directory, 'entry.cjs');
    await writeFile(
      entry,
      `if (!require('node:fs').existsSync(${JSON.stringify(permission)})) process.exit(3);
       module.exports = async () => undefined;`,
    );
    const events: string[] = [];
    const pool = new WorkerPool({
      workers: 2,
      settings: WORKER_SETTINGS,
      clock: monotonicClock,
      log: (_level, event) => events.push(event),
      onStopped: () => undefined,
      onMessage: () => undefined,
      onHopeless: assert.ifError,
      entry: pathToFileURL(entry),
    });
    try {
      await waitFor(() => pool.threads.length < 2, 'workers to fail');
      await waitFor(() => events.includes('pool.replaced'), 'the pool to be made anew');
      await writeFile(permission, '');
      await waitFor(() => pool.threads.length === 2, 'the pool to be whole');
      const claim = new Int32Array(new SharedArrayBuffer(4));
      await waitFor(
        () =>
          pool.serve({ fd: -1, claim }).then(
            () => true,
            () => false,
          ),
        'a task to be served',
      );
    } finally {
      await pool.destroy();
      await rm(directory, { recursive: true, force: true });
    }
  });
});

describe('a worker', { timeout: 60_000 }, () => {
  it('has none of the environment of the process', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
    const entry = join(directory, 'entry.cjs');
    await writeFile(
      entry,
      `const { parentPort } = require('node:worker_threads');
       parentPort.postMessage({ type: 'defect', message: JSON.stringify(process.env), stack: '' });
       module.exports = async () => undefined;`,
    );
    const messages: string[] = [];
    const pool = new WorkerPool({
      workers: 1,
      settings: WORKER_SETTINGS,
      clock: monotonicClock,
      log: () => undefined,
      onStopped: () => undefined,
      onMessage: (message) => messages.push(message.type === 'defect' ? message.message : ''),
      onHopeless: assert.ifError,
      entry: pathToFileURL(entry),
    });
    try {
      await waitFor(() => messages.length > 0, 'the worker to speak');
      assert.deepEqual(messages, ['{}']);
    } finally {
      await pool.destroy();
      await rm(directory, { recursive: true, force: true });
    }
  });

  it('is loaded without compiling code from text', async () => {
    const { spawnSync } = await import('node:child_process');
    const { status, stdout } = spawnSync(
      process.execPath,
      [
        '--disable-proto=delete',
        '--disallow-code-generation-from-strings',
        '--input-type=module',
        '-e',
        `import { MemoryStore } from ${JSON.stringify(pathToFileURL(repositoryPath('dist/src/store/memory-store.js')).href)};
         import { Daemon } from ${JSON.stringify(pathToFileURL(repositoryPath('dist/src/control/daemon.js')).href)};
         const daemon = await Daemon.start({ store: new MemoryStore(), socketPath: process.argv[1], workers: 1, ttlMs: 1000,
           maxStaleMs: 1000, resolveTimeoutMs: 50, maxFrameBytes: 1024, drainTimeoutMs: 100, feedIntervalMs: 100, version: '0',
           clock: () => performance.now(), log: () => undefined });
         console.log(daemon.state);
         await daemon.close();`,
        join(tmpdir(), `signalbox-test-${process.pid}.sock`),
      ],
      { encoding: 'utf8' },
    );
    assert.deepEqual([status, stdout], [0, 'ready\n']);
    await rm(join(tmpdir(), `signalbox-test-${process.pid}.sock.lock`), { force: true });
  });
});
