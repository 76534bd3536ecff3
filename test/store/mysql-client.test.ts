// Connections to a database through a proxy that fails as networks do: who waits for how long, which server is asked,
// and that all is well again afterwards.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { monotonicClock } from '../../src/clock.js';
import { MysqlClient, type MysqlClientOptions } from '../../src/store/mysql/mysql-client.js';
import { parseMysqlUrl } from '../../src/store/mysql/mysql-url.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { type Mariadb, startMariadb } from '../support/mariadb.js';
import { waitFor } from '../support/wait-for.js';

const UNAVAILABLE = { name: 'SignalboxError', code: 'store_unavailable' };

let server: Mariadb;
let database: string;
let proxies: FaultProxy[];
let client: MysqlClient;

function connect(options: Partial<MysqlClientOptions> = {}): MysqlClient {
  const hosts = proxies.map(({ port }) => `127.0.0.1:${port}`).join(',');
  client = new MysqlClient(parseMysqlUrl(`mysql://root@${hosts}/${database}`), {
    clock: monotonicClock,
    random: Math.random,
    ...options,
  });
  return client;
}

/** Which server answers is told by the name that the test gave to the connection's proxy: its port. */
async function answer(): Promise<number> {
  return client.read(async (session) => {
    const [row] = await session.query('SELECT 42 AS answer', []);
    return Number(row?.['answer']);
  });
}

describe('a client of a database behind a bad network', { timeout: 60_000 }, () => {
  before(async () => {
    server = await startMariadb({ tcp: true });
    database = await server.createDatabase();
  });

  after(() => server.stop());

  beforeEach(async () => {
    const target = { host: '127.0.0.1', port: server.port ?? 0 };
    proxies = [await FaultProxy.start(target, { tcp: true }), await FaultProxy.start(target, { tcp: true })];
  });

  afterEach(async () => {
    await client.close();
    for (const proxy of proxies) await proxy.close();
  });

  it('keeps to one server that works, and goes to the next when that is gone', async () => {
    connect();
    const [first, second] = proxies;
    assert.ok(first !== undefined && second !== undefined);
    for (let turn = 0; turn < 5; turn += 1) assert.equal(await answer(), 42);
    assert.deepEqual([first.accepted > 0, second.accepted], [true, 0]);
    first.refuse();
    first.cut();
    assert.equal(await answer(), 42);
    assert.ok(second.accepted > 0);
    first.allow();
    const before = first.accepted;
    for (let turn = 0; turn < 5; turn += 1) assert.equal(await answer(), 42);
    assert.equal(first.accepted, before, 'it stays where it went');
  });

  it('gives an answer up after the deadline, and the connection with it', async () => {
    proxies[1]?.refuse();
    connect({ deadlineMs: 50, connectTimeoutMs: 50, concurrency: 2 });
    assert.equal(await answer(), 42);
    proxies[0]?.hold();
    await assert.rejects(answer(), UNAVAILABLE);
    await assert.rejects(answer(), UNAVAILABLE);
    await assert.rejects(answer(), UNAVAILABLE);
    proxies[0]?.release();
    await waitFor(
      () =>
        answer().then(
          (value) => value === 42,
          () => false,
        ),
      'the database to be used again',
    );
  });

  it('asks nobody for a while when no server can be used, and says so at once', async () => {
    connect();
    for (const proxy of proxies) proxy.refuse();
    await assert.rejects(answer(), UNAVAILABLE);
    const tries = proxies.map(({ accepted }) => accepted);
    await assert.rejects(answer(), UNAVAILABLE);
    assert.deepEqual(
      proxies.map(({ accepted }) => accepted),
      tries,
    );
  });

  it('does not do a write twice whose outcome it does not know', async () => {
    connect({ deadlineMs: 300 });
    await client.write(async (session) => {
      await session.query('CREATE TABLE IF NOT EXISTS writes (n INT)');
    });
    const [first] = proxies;
    assert.ok(first !== undefined);
    let attempts = 0;
    const write = client.write(async (session) => {
      attempts += 1;
      await session.query('INSERT INTO writes VALUES (?)', [1]);
      first.cut();
      await session.query('SELECT 1', []);
    });
    await assert.rejects(write, UNAVAILABLE);
    assert.equal(attempts, 1);
  });

  it('does a transaction again that lost against another', async () => {
    connect();
    await client.write(async (session) => {
      await session.query('CREATE TABLE IF NOT EXISTS counters (id INT PRIMARY KEY, n INT)');
      await session.query('REPLACE INTO counters VALUES (?, 0), (?, 0)', [1, 2]);
    });
    // Each two of these lock the same rows in the opposite order.
    const increment = (ids: readonly number[]): Promise<void> =>
      client.write(async (session) => {
        for (const id of ids) await session.query('UPDATE counters SET n = n + 1 WHERE id = ?', [id]);
      });
    await Promise.all(Array.from({ length: 20 }, (_, turn) => increment(turn % 2 === 0 ? [1, 2] : [2, 1])));
    const rows = await client.read((session) => session.query('SELECT n FROM counters ORDER BY id', []));
    assert.deepEqual(
      rows.map(({ n }) => Number(n)),
      [20, 20],
    );
  });

  it('uses no more connections than it may, and lets the rest wait in turn', async () => {
    proxies[1]?.refuse();
    connect({ concurrency: 3 });
    await Promise.all(Array.from({ length: 200 }, () => answer()));
    assert.ok((proxies[0]?.accepted ?? 0) <= 4, `${proxies[0]?.accepted} connections`);
  });
});
