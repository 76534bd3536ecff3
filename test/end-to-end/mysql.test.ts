// The daemon on a real database: changes by plain SQL reach every worker, and whatever becomes of the database, orgs
// that were read once get decisions.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { uuidBytes } from '../../src/store/mysql/route-rows.js';
import { type DaemonProcess, startDaemonProcess } from '../support/daemon-process.js';
import { type Mariadb, startMariadb } from '../support/mariadb.js';
import { org } from '../support/routes.js';
import { waitFor } from '../support/wait-for.js';
import { WireClient } from '../support/wire-client.js';

const ORG = org(1);

interface Answered {
  readonly route: string | null;
  readonly revision: number;
  readonly stale: boolean;
}

/** Short, so that the tests see tables expire. */
const TTL = '300ms';

let server: Mariadb;
let url: string;
let database: string;

async function startDaemon(...args: string[]): Promise<DaemonProcess> {
  return startDaemonProcess({ args: ['--store', url, '--ttl', TTL, '--resolve-timeout', '5s', ...args] });
}

/** Writes as a person would, beside the daemon. */
async function setRoute(name: string, orgId = ORG): Promise<void> {
  const org16 = uuidBytes(orgId);
  await server.query(`DELETE FROM ${database}.signalbox_routes WHERE org_id = ?`, [org16]);
  await server.query(`INSERT INTO ${database}.signalbox_routes (org_id, name, \`then\`) VALUES (?, ?, ?)`, [
    org16,
    name,
    JSON.stringify({ target_model: `target-${name}` }),
  ]);
}

async function decide(client: WireClient, orgId = ORG): Promise<Answered> {
  const { error, result } = await client.call('resolve', { org_id: orgId, model: 'm' });
  assert.equal(error, null, JSON.stringify(error));
  return result as Answered;
}

/** Decides on one connection over and over; every answer must be a decision, and no revision may go back. */
class Traffic {
  decisions = 0;
  stale = 0;
  readonly ended: Promise<void>;
  #stopped = false;

  constructor(readonly client: WireClient) {
    this.ended = this.#run();
    // Told when the traffic is stopped.
    this.ended.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.ended;
    this.client.destroy();
  }

  async #run(): Promise<void> {
    let revision = 0;
    while (!this.#stopped) {
      const decision = await decide(this.client);
      assert.ok(decision.revision >= revision, `revision ${decision.revision} after ${revision}`);
      revision = decision.revision;
      this.decisions += 1;
      if (decision.stale) this.stale += 1;
    }
  }
}

async function trafficOn(daemon: DaemonProcess): Promise<Traffic[]> {
  // Connections are given out in turn, so each of two workers has two.
  const clients = await Promise.all([1, 2, 3, 4].map(() => WireClient.connect(daemon.socketPath)));
  return clients.map((client) => new Traffic(client));
}

describe('a daemon on a database', { timeout: 120_000 }, () => {
  before(async () => {
    // What was committed is there after a kill: a revision that goes back is never taken over.
    server = await startMariadb({ durable: true });
    database = await server.createDatabase();
    url = server.url(database);
  });

  after(() => server.stop());

  it('makes the schema, and decides by plain SQL on every worker of every daemon', async () => {
    const daemons = await Promise.all([startDaemon('--ttl', '1h'), startDaemon('--ttl', '1h')]);
    const clients = await Promise.all(
      daemons.flatMap(({ socketPath }) => [WireClient.connect(socketPath), WireClient.connect(socketPath)]),
    );
    for (const client of clients) assert.equal((await decide(client)).route, null);
    for (const name of ['first', 'second']) {
      await setRoute(name);
      for (const client of clients) {
        await waitFor(async () => (await decide(client)).route === name, `${name} to reach the worker`);
      }
    }
    for (const client of clients) client.destroy();
    for (const daemon of daemons) assert.equal((await daemon.stop()).code, 0);
  });

  it('goes on deciding while the database is killed and started again, and takes up what changed', async () => {
    await setRoute('before');
    await using daemon = await startDaemon();
    const traffic = await trafficOn(daemon);
    await waitFor(() => traffic.every(({ decisions }) => decisions > 100), 'traffic');
    await server.kill();
    await waitFor(() => traffic.every(({ stale }) => stale > 100), 'decisions by the last good routes');
    await server.restart();
    await setRoute('after');
    for (const { client } of traffic) {
      const probe = await WireClient.connect(daemon.socketPath);
      await waitFor(
        async () => {
          const { route, stale } = await decide(probe);
          return route === 'after' && !stale;
        },
        `the change to be seen by ${client.socket.localAddress ?? 'a worker'}`,
      );
      probe.destroy();
    }
    await Promise.all(traffic.map((each) => each.stop()));
  });

  it('goes on deciding while the database hangs for longer than the time to live', async () => {
    await setRoute('before');
    await using daemon = await startDaemon();
    const traffic = await trafficOn(daemon);
    await waitFor(() => traffic.every(({ decisions }) => decisions > 100), 'traffic');
    await server.pause();
    try {
      await waitFor(() => traffic.every(({ stale }) => stale > 100), 'decisions by the last good routes');
    } finally {
      server.resume();
    }
    await setRoute('after');
    const probe = await WireClient.connect(daemon.socketPath);
    await waitFor(async () => (await decide(probe)).route === 'after', 'the change');
    probe.destroy();
    await Promise.all(traffic.map((each) => each.stop()));
  });

  it('starts while the database is down, serves from the snapshot, and catches up', async () => {
    await setRoute('before');
    const snapshot = join(await mkdtemp(join(tmpdir(), 'signalbox-test-')), 'snapshot');
    {
      await using daemon = await startDaemon('--snapshot', snapshot);
      const client = await WireClient.connect(daemon.socketPath);
      assert.equal((await decide(client)).route, 'before');
      client.destroy();
    }
    await server.kill();
    await using daemon = await startDaemon('--snapshot', snapshot);
    const client = await WireClient.connect(daemon.socketPath);
    const { route, stale } = await decide(client);
    assert.deepEqual([route, stale], ['before', true]);
    const unknown = await client.call('resolve', { org_id: org(99), model: 'm' });
    assert.equal(unknown.error?.code, 'unavailable');
    await server.restart();
    await setRoute('after');
    await waitFor(async () => {
      const decision = await decide(client);
      return decision.route === 'after' && !decision.stale;
    }, 'the daemon to catch up');
    client.destroy();
    await daemon.stop();
    await rm(dirname(snapshot), { recursive: true });
  });

  it('keeps a good table when somebody writes a row that is no route, and takes it up when it is mended', async () => {
    await setRoute('good');
    await using daemon = await startDaemon();
    const client = await WireClient.connect(daemon.socketPath);
    assert.equal((await decide(client)).route, 'good');
    await server.query(`UPDATE ${database}.signalbox_routes SET \`then\` = '{}' WHERE org_id = ?`, [
      uuidBytes(ORG),
    ]);
    await waitFor(async () => {
      const { route, stale } = await decide(client);
      assert.equal(route, 'good');
      return stale;
    }, 'the good table to be marked stale');
    const failing = await daemon.waitForLog('store.failing');
    assert.match(failing.msg ?? '', /no_effect/);
    await setRoute('mended');
    await waitFor(async () => {
      const { route, stale } = await decide(client);
      return route === 'mended' && !stale;
    }, 'the mended route');
    client.destroy();
  });

  it('ends on the last of many edits, and never shows a torn table', async () => {
    await setRoute('0');
    await using daemon = await startDaemon('--ttl', '1h');
    const traffic = await trafficOn(daemon);
    for (let edit = 1; edit <= 200; edit += 1) await setRoute(String(edit));
    const probe = await WireClient.connect(daemon.socketPath);
    await waitFor(async () => (await decide(probe)).route === '200', 'the last edit');
    probe.destroy();
    await Promise.all(traffic.map((each) => each.stop()));
  });
});
