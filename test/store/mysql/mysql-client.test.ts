// Connections to a database through a proxy that fails as networks do: who waits for how long, which server is asked,
// and that all is well again afterwards.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { monotonicClock } from '../../../src/clock.js';
import { silentLog } from '../../../src/log.js';
import { MysqlClient, type MysqlClientOptions } from '../../../src/store/mysql/mysql-client.js';
import { MysqlStore } from '../../../src/store/mysql/mysql-store.js';
import { parseMysqlUrl } from '../../../src/store/mysql/mysql-url.js';
import { FaultProxy } from '../../support/fault-proxy.js';
import { type Mariadb, startMariadb } from '../../support/mariadb.js';
import { org } from '../../support/routes.js';
import { waitFor } from '../../support/wait-for.js';

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

  it('hears of changes from the server that routes are read from', async () => {
    connect();
    const [first, second] = proxies;
    assert.ok(first !== undefined && second !== undefined);
    const hosts = proxies.map(({ port }) => `127.0.0.1:${port}`).join(',');
    const store = await MysqlStore.open(parseMysqlUrl(`mysql://root@${hosts}/${database}`), {
      clock: monotonicClock,
      random: Math.random,
      migrate: 'auto',
      log: silentLog,
    });
    try {
      const { cursor } = await store.changedSince(undefined);
      first.refuse();
      first.cut();
      await store.listForOrg(org(1));
      first.allow();
      const before = first.accepted;
      await store.changedSince(cursor);
      assert.equal(first.accepted, before);
    } finally {
      await store.close();
    }
  });

  it('gives an answer up after the deadline, and the connection with it', async () => {
    proxies[1]?.refuse();
    connect({ deadlineMs: 500, connectTimeoutMs: 500, concurrency: 2 });
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

  it('does not do a write twice whose outcome it does not know, and says that it does not', async () => {
    connect({ deadlineMs: 300 });
    await server.query(`CREATE TABLE ${database}.unknown_writes (n INT)`);
    let attempts = 0;
    const write = client.write(async (session) => {
      attempts += 1;
      await session.query('INSERT INTO unknown_writes VALUES (?)', [1]);
      proxies[0]?.holdAnswers();
    });
    await assert.rejects(write, { ...UNAVAILABLE, message: /whether the change took place isn't known/ });
    assert.equal(attempts, 1);
    await waitFor(async () => {
      const rows = await server.query(`SELECT n FROM ${database}.unknown_writes`);
      return rows.length === 1;
    }, 'the commit, which the server had heard');
  });

  it('does a write again, on another server, that was lost before the commit', async () => {
    connect();
    await server.query(`CREATE TABLE ${database}.lost_writes (n INT)`);
    let attempts = 0;
    await client.write(async (session) => {
      attempts += 1;
      await session.query('INSERT INTO lost_writes VALUES (?)', [attempts]);
      if (attempts === 1) proxies[0]?.cut();
      await session.query('SELECT 1', []);
    });
    const rows = await server.query(`SELECT n FROM ${database}.lost_writes`);
    assert.deepEqual([attempts, rows.map(({ n }) => n)], [2, [2]]);
  });

  it('reads on a new connection when the idle ones were cut without its hearing of it', async () => {
    proxies[1]?.refuse();
    connect({ concurrency: 3 });
    await Promise.all([answer(), answer(), answer()]);
    proxies[0]?.cut();
    // Before the event loop has come to know of any of them.
    assert.equal(await answer(), 42);
  });

  it('sets a connection up as it needs it, whatever the server’s own settings are', async () => {
    await server.query(`SET GLOBAL autocommit = 0, sql_mode = 'ANSI_QUOTES'`);
    await server.query('SET GLOBAL TRANSACTION ISOLATION LEVEL READ UNCOMMITTED');
    try {
      connect({ deadlineMs: 1500 });
      const shown = await client.read((session) =>
        session.query(
          `SHOW VARIABLES WHERE Variable_name IN ('autocommit', 'tx_isolation', 'transaction_isolation', 'sql_mode',
            'time_zone', 'innodb_lock_wait_timeout', 'lock_wait_timeout', 'max_statement_time', 'max_execution_time')`,
        ),
      );
      const {
        tx_isolation: ofMariadb,
        transaction_isolation: isolation = ofMariadb,
        ...others
      } = Object.fromEntries(shown.map((row) => [String(row['Variable_name']), String(row['Value'])]));
      assert.equal(isolation, 'REPEATABLE-READ');
      assert.deepEqual(others, {
        autocommit: 'ON',
        sql_mode: 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION',
        time_zone: '+00:00',
        innodb_lock_wait_timeout: '1',
        lock_wait_timeout: '3',
        // In seconds, of MariaDB; in milliseconds, of MySQL.
        ...('max_statement_time' in others
          ? { max_statement_time: '2.500000' }
          : { max_execution_time: '2500' }),
      });
    } finally {
      await server.query('SET GLOBAL autocommit = 1, sql_mode = DEFAULT');
      await server.query('SET GLOBAL TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    }
  });

  it('takes a password that was changed, without anything that is under way being lost', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
    const file = join(directory, 'password');
    await writeFile(file, 'first\n');
    await server.query(`CREATE USER rotated@'127.0.0.1' IDENTIFIED BY 'first'`);
    await server.query(`GRANT ALL ON ${database}.* TO rotated@'127.0.0.1'`);
    const { port } = proxies[0] ?? { port: 0 };
    const url = `mysql://rotated@127.0.0.1:${port}/${database}?password_file=${encodeURIComponent(file)}`;
    client = new MysqlClient(parseMysqlUrl(url), { clock: monotonicClock, random: Math.random });
    assert.equal(await answer(), 42);
    await server.query(`ALTER USER rotated@'127.0.0.1' IDENTIFIED BY 'second'`);
    // Until the file has it too, whoever is logged in stays so.
    assert.equal(await answer(), 42);
    proxies[0]?.cut();
    await assert.rejects(answer(), { ...UNAVAILABLE, message: /Access denied/ });
    await writeFile(file, 'second\n');
    await waitFor(
      () =>
        answer().then(
          (value) => value === 42,
          () => false,
        ),
      'the new password to be used',
    );
    await rm(directory, { recursive: true });
  });

  it('logs in anew when it is told to, if the password is right, and stays as it is if not', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
    const file = join(directory, 'password');
    await writeFile(file, 'first\n');
    await server.query(`CREATE USER renewed@'127.0.0.1' IDENTIFIED BY 'first'`);
    await server.query(`GRANT ALL ON ${database}.* TO renewed@'127.0.0.1'`);
    const { port } = proxies[0] ?? { port: 0 };
    const url = `mysql://renewed@127.0.0.1:${port}/${database}?password_file=${encodeURIComponent(file)}`;
    client = new MysqlClient(parseMysqlUrl(url), { clock: monotonicClock, random: Math.random });
    const connection = (): Promise<string> =>
      client.read(async (session) => String((await session.query('SELECT CONNECTION_ID() id'))[0]?.['id']));
    const first = await connection();
    await writeFile(file, 'a wrong one\n');
    await assert.rejects(client.renew(), { ...UNAVAILABLE, message: /Access denied/ });
    assert.equal(await connection(), first);
    await writeFile(file, 'first\n');
    await client.renew();
    assert.notEqual(await connection(), first);
    await rm(directory, { recursive: true });
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

  it('does a transaction again that another member of a group was faster than, and one whose server goes offline', async () => {
    connect();
    await server.query(`CREATE TABLE ${database}.raised (n INT)`);
    await server.query(`CREATE TRIGGER ${database}.raise BEFORE INSERT ON ${database}.raised FOR EACH ROW
      IF NEW.n = 3101 THEN SIGNAL SQLSTATE '40000' SET MYSQL_ERRNO = 3101;
      ELSEIF NEW.n = 3032 THEN SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 3032; END IF`);
    for (const errno of [3101, 3032]) {
      let attempts = 0;
      await client.write(async (session) => {
        attempts += 1;
        await session.query('INSERT INTO raised VALUES (?)', [attempts === 1 ? errno : attempts]);
      });
      assert.equal(attempts, 2, `${errno}`);
    }
    const rows = await server.query(`SELECT n FROM ${database}.raised`);
    assert.deepEqual(
      rows.map(({ n }) => n),
      [2, 2],
    );
    assert.ok((proxies[1]?.accepted ?? 0) > 0, 'the other server was asked when the first was offline');
  });

  it('uses no more connections than it may, and lets the rest wait in turn', async () => {
    proxies[1]?.refuse();
    connect({ concurrency: 3 });
    await Promise.all(Array.from({ length: 200 }, () => answer()));
    assert.ok((proxies[0]?.accepted ?? 0) <= 4, `${proxies[0]?.accepted} connections`);
  });
});
