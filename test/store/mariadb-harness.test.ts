// The database server that the other tests stand on, and the proxy that they put before it: that both do what they are
// asked, fail when they are asked to, and leave nothing behind. What needs a server of our own says so when there is
// none.
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import { parseMysqlUrl } from '../../src/store/mysql/mysql-url.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { type Mariadb, hasPrivateServer, startMariadb } from '../support/mariadb.js';
import { waitFor } from '../support/wait-for.js';

const skip = hasPrivateServer() ? false : 'SIGNALBOX_TEST_MYSQL_URL names a server that is not ours to end';

/** How long something must not happen for us to believe that it won't. */
const PATIENCE_MS = 150;

/** Nothing of it is left but, perhaps, an entry that its parent hasn't asked for yet. */
function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return true;
  }
  const status = `/proc/${pid}/status`;
  return existsSync(status) && /^State:\s*Z/m.test(readFileSync(status, 'utf8'));
}

/** Whether it is still undecided after a while. */
async function hangs(promise: Promise<unknown>): Promise<boolean> {
  const isDone = (): boolean => false;
  return Promise.race([promise.then(isDone, isDone), sleep(PATIENCE_MS, true)]);
}

/** A Node process that starts a server and goes on as the script says. */
function startElsewhere(script: string, env = process.env): ChildProcessByStdio<null, Readable, null> {
  const harness = JSON.stringify(new URL('../support/mariadb.js', import.meta.url));
  const code = `import { startMariadb } from ${harness}; const server = await startMariadb(); ${script}`;
  const stdio = ['ignore', 'pipe', 'inherit'] as ['ignore', 'pipe', 'inherit'];
  return spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio, env });
}

// The first start may install the server, which takes as long as the network likes: no test's time-out is for that.
if (hasPrivateServer()) await (await startMariadb()).stop();

describe('a private database server', { skip, timeout: 120_000 }, () => {
  it('has a directory of its own, and no port unless told', async () => {
    await using server = await startMariadb();
    const [row] = await server.query(
      'SELECT @@datadir AS directory, @@skip_networking AS isLocal, @@log_bin AS log',
    );
    assert.deepEqual(row, { directory: `${dirname(server.socketPath)}/data/`, isLocal: '1', log: '0' });
    assert.equal(server.port, undefined);
  });

  it('runs beside another without sharing anything', async () => {
    await using one = await startMariadb();
    await using another = await startMariadb();
    const database = await one.createDatabase();
    assert.notEqual(one.pid, another.pid);
    assert.equal((await one.query('SHOW DATABASES LIKE ?', [database])).length, 1);
    assert.deepEqual(await another.query('SHOW DATABASES LIKE ?', [database]), []);
  });

  it('has what was committed after being killed and started again', async () => {
    await using server = await startMariadb({ durable: true });
    const database = await server.createDatabase();
    await server.query(`CREATE TABLE ${database}.kept (id BIGINT UNSIGNED PRIMARY KEY, json JSON)`);
    await server.query(`INSERT INTO ${database}.kept VALUES (?, ?)`, ['18446744073709551615', '{"a": 1}']);
    const sleeping = assert.rejects(server.query('SELECT SLEEP(60)'));
    const { pid } = server;
    assert.ok(pid !== undefined);
    await server.kill();
    assert.ok(hasEnded(pid));
    await sleeping;
    await assert.rejects(server.query('SELECT 1'));
    await server.restart();
    assert.notEqual(server.pid, pid);
    const rows = await server.query(`SELECT * FROM ${database}.kept`);
    assert.deepEqual(rows, [{ id: '18446744073709551615', json: '{"a": 1}' }]);
  });

  it('answers nobody while it is paused, and everybody afterwards', async () => {
    await using server = await startMariadb();
    await server.pause();
    const query = server.query(`SELECT 'yes' AS there`);
    assert.ok(await hangs(query));
    server.resume();
    assert.deepEqual(await query, [{ there: 'yes' }]);
  });

  it('gives an empty database each time, at a URL that the store understands', async () => {
    await using server = await startMariadb();
    const databases = [await server.createDatabase(), await server.createDatabase()];
    assert.notEqual(databases[0], databases[1]);
    for (const database of databases) {
      const address = parseMysqlUrl(server.url(database));
      assert.equal(address.database, database);
      const [host] = address.hosts;
      await using connection = await mysql.createConnection({
        ...host?.endpoint,
        user: address.user,
        database,
      });
      assert.deepEqual((await connection.query('SHOW TABLES'))[0], []);
    }
  });

  it('listens on a port and writes a binary log if it is told to, after a restart too', async () => {
    await using server = await startMariadb({
      tcp: true,
      logBin: true,
      serverArgs: ['--max-connections=17'],
    });
    const { port } = server;
    assert.ok(port !== undefined);
    await server.restart();
    await using connection = await mysql.createConnection({ host: '127.0.0.1', port, user: 'root' });
    const [rows] = await connection.query('SELECT @@log_bin AS log, @@max_connections AS connections');
    assert.deepEqual(rows, [{ log: 1, connections: 17 }]);
  });

  it('leaves neither process nor directory, even if it is paused, and stops once', async () => {
    const server = await startMariadb();
    const { pid, socketPath } = server;
    assert.ok(pid !== undefined);
    await server.pause();
    await Promise.all([server.stop(), server.stop()]);
    assert.ok(hasEnded(pid));
    assert.ok(!existsSync(dirname(socketPath)));
    await assert.rejects(server.restart(), /stopped/);
  });

  it('says what the server said if it does not start', async () => {
    await assert.rejects(
      startMariadb({ serverArgs: ['--no-such-option'] }),
      /unknown option '--no-such-option'/,
    );
  });

  it('ends, and its directory goes, when the process that started it is killed', async () => {
    const elsewhere = startElsewhere('console.log(JSON.stringify([server.pid, server.socketPath]))');
    const [line] = (await once(elsewhere.stdout, 'data')) as [Buffer];
    const [pid, socketPath] = JSON.parse(line.toString()) as [number, string];
    assert.ok(!hasEnded(pid) && existsSync(socketPath));
    elsewhere.kill('SIGKILL');
    await waitFor(() => hasEnded(pid) && !existsSync(dirname(socketPath)), 'the server to be gone');
  });

  it('is initialised once, however many are started first at the same time', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
    const env = { ...process.env, TMPDIR: directory };
    const start = (): Promise<string> =>
      text(startElsewhere(`console.log('started'); await server.stop();`, env).stdout);
    assert.deepEqual(await Promise.all([start(), start(), start(), start()]), Array(4).fill('started\n'));
    const left = await readdir(directory);
    assert.equal(left.length, 1, left.join());
    await rm(directory, { recursive: true });
  });
});

describe('the server of SIGNALBOX_TEST_MYSQL_URL', { skip, timeout: 60_000 }, () => {
  it('is used as it is, and what was created there is dropped', async (test) => {
    await using owner = await startMariadb();
    process.env['SIGNALBOX_TEST_MYSQL_URL'] = owner.url('mysql');
    test.after(() => delete process.env['SIGNALBOX_TEST_MYSQL_URL']);
    assert.ok(!hasPrivateServer());
    await assert.rejects(startMariadb({ durable: true }), /the option durable needs a private server/);
    const server = await startMariadb();
    const database = await server.createDatabase();
    assert.equal(server.url(database), owner.url(database));
    await assert.rejects(server.kill(), /kill needs a private server, .* SIGNALBOX_TEST_MYSQL_URL/);
    await assert.rejects(server.pause(), /pause needs a private server/);
    assert.equal((await owner.query('SHOW DATABASES LIKE ?', [database])).length, 1);
    await server.stop();
    assert.deepEqual(await owner.query('SHOW DATABASES LIKE ?', [database]), []);
  });
});

describe('the fault proxy', { skip, timeout: 60_000 }, () => {
  let server: Mariadb;
  before(async () => {
    server = await startMariadb();
  });
  after(() => server.stop());

  function connect(proxy: FaultProxy, connectTimeout = 20_000): Promise<mysql.Connection> {
    const { hosts, user } = parseMysqlUrl(server.url('mysql', proxy.socketPath));
    return mysql.createConnection({ ...hosts[0]?.endpoint, user, connectTimeout });
  }

  it('hands everything on, on a socket or on a port', async () => {
    await using proxy = await FaultProxy.start({ path: server.socketPath });
    await using tcp = await FaultProxy.start({ path: server.socketPath }, { tcp: true });
    await using onSocket = await connect(proxy);
    await using onPort = await mysql.createConnection({ host: '127.0.0.1', port: tcp.port, user: 'root' });
    const long = randomBytes(1024 * 1024);
    for (const connection of [onSocket, onPort]) {
      const [rows] = await connection.query<mysql.RowDataPacket[]>('SELECT ? AS same', [long]);
      assert.ok(long.equals(rows[0]?.['same'] as Buffer));
    }
    assert.deepEqual([proxy.accepted, tcp.accepted], [1, 1]);
  });

  it('holds what is sent, and new connections, until it lets go', async () => {
    await using proxy = await FaultProxy.start({ path: server.socketPath });
    await using connection = await connect(proxy);
    proxy.hold();
    const query = connection.query('SELECT 1 AS one');
    assert.ok(await hangs(query));
    await assert.rejects(connect(proxy, PATIENCE_MS), { code: 'ETIMEDOUT' });
    const connecting = connect(proxy);
    assert.ok(await hangs(connecting));
    proxy.release();
    assert.deepEqual((await query)[0], [{ one: 1 }]);
    await (await connecting).end();
  });

  it('cuts connections, held or not, and serves new ones', async () => {
    await using proxy = await FaultProxy.start({ path: server.socketPath });
    const [idle, held] = [await connect(proxy), await connect(proxy)];
    const lost = once(idle, 'error');
    proxy.hold();
    const query = assert.rejects(held.query('SELECT 1'), { code: 'PROTOCOL_CONNECTION_LOST' });
    const connecting = assert.rejects(connect(proxy), { code: 'PROTOCOL_CONNECTION_LOST' });
    await waitFor(() => proxy.accepted === 3, 'the third connection');
    proxy.cut();
    await Promise.all([lost, query, connecting]);
    proxy.release();
    await (await connect(proxy)).end();
  });

  it('turns new connections away, and no others, until it allows them', async () => {
    await using proxy = await FaultProxy.start({ path: server.socketPath });
    await using connection = await connect(proxy);
    proxy.refuse();
    await assert.rejects(connect(proxy), { code: 'PROTOCOL_CONNECTION_LOST' });
    await connection.query('SELECT 1');
    proxy.allow();
    await (await connect(proxy)).end();
  });

  it('is late by as much as it is told', async () => {
    await using proxy = await FaultProxy.start({ path: server.socketPath });
    await using connection = await connect(proxy);
    const startedMs = performance.now();
    proxy.delay(50);
    await connection.query('SELECT 1');
    // Once on the way there and once on the way back; a timer may be a little early.
    assert.ok(performance.now() - startedMs > 90);
  });
});
