// `signalbox migrate`, and the database as README tells operators to make it: on a server that writes a binary log, as
// those with replicas do and MySQL's do unless told, by a user who may no more than README says.
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { NO, OK } from '../../src/cli/exit-codes.js';
import { migrateCommand } from '../../src/cli/migrate.js';
import { restoredCommand } from '../../src/cli/restored.js';
import { SCHEMA_VERSION } from '../../src/store/mysql/migrations.js';
import { startDaemonProcess } from '../support/daemon-process.js';
import { type Mariadb, hasPrivateServer, startMariadb } from '../support/mariadb.js';
import { repositoryPath } from '../support/paths.js';
import { WireClient } from '../support/wire-client.js';
import { run } from './support/run-command.js';

const skip = hasPrivateServer() ? false : 'the server of SIGNALBOX_TEST_MYSQL_URL is not ours to set up';

describe('a database as README says', { skip, timeout: 120_000 }, () => {
  let server: Mariadb;
  /** One statement each. */
  let setUp: readonly string[];
  let insert: string;
  let overTcp: string;
  let passwordFile: string;

  before(async () => {
    server = await startMariadb({ tcp: true, logBin: true });
    const readme = await readFile(repositoryPath('README.md'), 'utf8');
    const [first = '', second = ''] = [...readme.matchAll(/^```sql\n(.*?)^```$/gms)].map(([, sql]) => sql);
    setUp = first.split(/;\s*(?:--.*)?\n/).filter((statement) => statement.trim() !== '');
    insert = second;
    passwordFile = join(dirname(server.socketPath), 'password');
    const password = /IDENTIFIED BY '(.*)'/.exec(first)?.[1];
    await writeFile(passwordFile, `${password ?? ''}\n`);
    overTcp = `mysql://signalbox@127.0.0.1:${server.port ?? 0}/signalbox?password_file=${passwordFile}`;
  });

  after(async () => {
    await rm(passwordFile, { force: true });
    await server.stop();
  });

  test('says what to do while nobody but an administrator may create triggers', async () => {
    for (const statement of setUp) await server.query(statement);
    await server.query('SET GLOBAL log_bin_trust_function_creators = 0');
    const { code, stderr } = await run(migrateCommand(), '--store', overTcp);
    assert.equal(code, NO);
    assert.match(
      stderr,
      /set its log_bin_trust_function_creators=1, or run signalbox migrate once as a user/,
    );
  });

  test('is brought up to date by its user, once, over TCP or the Unix socket', async () => {
    for (const statement of setUp.filter((each) => /^\s*SET/.test(each))) await server.query(statement);
    const first = await run(migrateCommand(), '--store', overTcp);
    assert.deepEqual([first.code, first.stderr], [OK, '']);
    assert.equal(first.stdout, `the schema went from version 0 to ${SCHEMA_VERSION}`);
    const socket = encodeURIComponent(server.socketPath);
    const overSocket = overTcp.replace(/\?/, `?socket=${socket}&`);
    // MySQL knows a user who has been let in again by less than it asked for first.
    await server.query('FLUSH PRIVILEGES');
    const second = await run(migrateCommand(), '--store', overSocket);
    assert.equal(second.stdout, `the schema is at version ${SCHEMA_VERSION}`);
    assert.equal((await run(restoredCommand(), '--store', overSocket)).code, OK);
  });

  test('takes a route by plain SQL, which a daemon decides by', async () => {
    await using daemon = await startDaemonProcess({
      args: ['--store', overTcp, '--migrate', 'check', '--resolve-timeout', '20s'],
    });
    await server.query(`USE signalbox`);
    await server.query(insert);
    const client = await WireClient.connect(daemon.socketPath);
    const { result } = await client.call('resolve', {
      ...{ org_id: '0190a000-0000-7000-8000-000000000001', model: 'gpt-4o', input_tokens: 120 },
      min_revision: 1,
    });
    client.destroy();
    assert.equal((result as { readonly target_model: string }).target_model, 'gpt-4o-mini');
  });

  test('of the version before is worked with by a daemon that may not change it', async () => {
    await server.query('SET GLOBAL log_bin_trust_function_creators = 0');
    await server.query(`DELETE FROM signalbox.signalbox_schema WHERE version = ${SCHEMA_VERSION}`);
    await using daemon = await startDaemonProcess({ args: ['--store', overTcp, '--resolve-timeout', '20s'] });
    const client = await WireClient.connect(daemon.socketPath);
    const request = { org_id: '0190a000-0000-7000-8000-000000000001', model: 'gpt-4o', input_tokens: 120 };
    const { result } = await client.call('resolve', request);
    client.destroy();
    assert.equal((result as { readonly target_model: string }).target_model, 'gpt-4o-mini');
    const said = daemon.logs.find(({ event }) => event === 'store.not_migrated');
    assert.match(said?.msg ?? '', /stays at version \d+, .*log_bin_trust_function_creators=1/);
    await server.query('SET GLOBAL log_bin_trust_function_creators = 1');
    const { stdout } = await run(migrateCommand(), '--store', overTcp);
    assert.equal(stdout, `the schema went from version ${SCHEMA_VERSION - 1} to ${SCHEMA_VERSION}`);
  });

  test('says what a user lacks, and what keeps one out, and is no defect', async () => {
    await server.query(`CREATE USER 'reader'@'127.0.0.1'`);
    await server.query(`CREATE DATABASE bare`);
    await server.query(`GRANT SELECT, INSERT ON bare.* TO 'reader'@'127.0.0.1'`);
    const store = `mysql://reader@127.0.0.1:${server.port ?? 0}/bare`;
    const lacking = await run(migrateCommand(), '--store', store);
    assert.equal(lacking.code, NO);
    assert.match(lacking.stderr, /^the database refused: CREATE command denied/);
    await server.query(`ALTER USER 'reader'@'127.0.0.1' ACCOUNT LOCK`);
    const locked = await run(migrateCommand(), '--store', store);
    assert.equal(locked.code, NO);
    assert.match(locked.stderr, /^the database at 127\.0\.0\.1:\d+ can't be used: .*locked/);
  });
});
