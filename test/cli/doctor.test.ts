// `signalbox doctor`: what it finds wrong with daemons, sockets and stores, and what it says to do.
import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { inspectDaemonStatus } from '../../src/cli/diagnosis/daemon.js';
import type { Finding } from '../../src/cli/diagnosis/finding.js';
import { inspectHost } from '../../src/cli/diagnosis/host.js';
import { doctorCommand } from '../../src/cli/doctor.js';
import { NO, OK } from '../../src/cli/exit-codes.js';
import { monotonicClock } from '../../src/clock.js';
import { startAdminServer } from '../../src/admin/server.js';
import { silentLog } from '../../src/log.js';
import { MemoryStore } from '../../src/store/memory-store.js';
import { openStore } from '../../src/store/open-store.js';
import { NONE_REFUSED, cacheOf, requestsOf, statusOf } from '../support/daemon-status.js';
import { startMariadb } from '../support/mariadb.js';
import { startLocalDaemon } from '../support/local-daemon.js';
import { startAdminDaemon } from './support/admin-daemon.js';
import { run } from './support/run-command.js';

function of(findings: readonly Finding[], subject: string): Finding {
  const found = findings.find((finding) => finding.subject === subject);
  assert.ok(found !== undefined, `${subject} in ${JSON.stringify(findings)}`);
  return found;
}

async function findingsOf(
  ...args: readonly string[]
): Promise<{ code: number; findings: readonly Finding[] }> {
  const { code, stdout, stderr } = await run(doctorCommand(), '--json', ...args);
  assert.equal(stderr, '');
  const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
  return { code, findings };
}

describe('signalbox doctor', { timeout: 60_000 }, () => {
  test('finds nothing wrong with a daemon that is well', async () => {
    await using local = await startLocalDaemon(new MemoryStore());
    await using helper = await startAdminDaemon();
    const admin = join(helper.directory, 'real.sock');
    await using _ = await startAdminServer({
      backend: local.daemon.admin,
      listen: { path: admin },
      log: silentLog,
    });
    const file = join(helper.directory, 'routes.yaml');
    await writeFile(file, 'orgs: {}\n');
    const args = ['--socket', local.socketPath, '--admin', admin, '--store', `file:${file}`];
    const { code, findings } = await findingsOf(...args);
    assert.equal(code, OK, JSON.stringify(findings));
    for (const subject of ['node', 'socket', 'gateway', 'daemon', 'workers', 'store', 'limits', 'answers'])
      assert.notEqual(of(findings, subject).result, 'wrong', subject);
    assert.match(of(findings, 'socket').text, /mode 0660/);
    assert.match(of(findings, 'gateway').text, /as signalbox 0\.0\.0-test$/);
    assert.equal(of(findings, 'versions').result, 'warning', 'this daemon is of another version');
    const { stdout } = await run(doctorCommand(), ...args);
    assert.match(stdout, /^✔ node +v/);
    assert.match(stdout, /\n! snapshot +none is kept\n +→ set --snapshot/);
  });

  test('says what to do where there is no daemon, no socket, or another thing in its place', async () => {
    await using helper = await startAdminDaemon();
    const path = join(helper.directory, 'gateway.sock');
    const absent = await findingsOf('--socket', path, '--admin', path);
    assert.equal(absent.code, NO);
    assert.match(of(absent.findings, 'socket').advice ?? '', /start the daemon/);
    assert.match(of(absent.findings, 'admin').text, /no daemon answers/);
    await writeFile(path, '');
    assert.match(of((await findingsOf('--socket', path)).findings, 'socket').text, /is no socket/);
    const silent = createServer();
    const other = join(helper.directory, 'silent.sock');
    await new Promise<void>((resolve) => silent.listen(other, resolve));
    await chmod(other, 0o666);
    const { code, findings } = await findingsOf('--socket', other);
    silent.close();
    assert.equal(code, NO);
    assert.equal(of(findings, 'socket').result, 'warning');
    assert.match(of(findings, 'gateway').text, /no greeting/);
    assert.equal(of(findings, 'admin').result, 'warning', 'it says what it did not look at');
  });

  test('says why a store cannot be read', async () => {
    await using helper = await startAdminDaemon();
    const file = join(helper.directory, 'routes.yaml');
    await writeFile(file, 'orgs: { acme: [] }\n');
    for (const store of [
      `file:${file}`,
      'file:/missing/routes.yaml',
      'postgres://x',
      'mysql://u@127.0.0.1:1/db',
    ]) {
      const { code, findings } = await findingsOf('--socket', '/none', '--store', store);
      assert.equal(code, NO);
      assert.equal(of(findings, 'store').result, 'wrong', store);
    }
  });

  test('looks at the schema of a database, and changes nothing', async (t) => {
    const server = await startMariadb();
    t.after(() => server.stop());
    const database = await server.createDatabase();
    const args = ['--socket', '/none', '--store', server.url(database)];
    const empty = of((await findingsOf(...args)).findings, 'store');
    assert.equal(empty.result, 'wrong');
    assert.match(empty.text, /schema is at version 0/);
    assert.match(empty.advice ?? '', /signalbox migrate/);
    assert.deepEqual(await server.query('SHOW TABLES FROM ??', [database]), []);
    const store = await openStore(server.url(database), {
      ...{ log: silentLog, clock: monotonicClock, random: Math.random, migrate: 'auto' },
    });
    await store.close();
    assert.equal(of((await findingsOf(...args)).findings, 'store').result, 'ok');
    await server.query('DROP TRIGGER ??.signalbox_routes_after_delete', [database]);
    const incomplete = of((await findingsOf(...args)).findings, 'store');
    assert.match(incomplete.text, /lacks the triggers signalbox_routes_after_delete/);
  });
});

describe('the findings of a status', () => {
  test('are all well of a daemon that is', () => {
    const findings = inspectDaemonStatus(
      statusOf({ snapshot: { up: true, age_ms: 5 }, process: { ...statusOf().process, max_fds: 20_000 } }),
    );
    assert.deepEqual(
      findings.filter(({ result }) => result !== 'ok'),
      [],
    );
  });

  test('tell each thing that is not, with what to do', () => {
    const findings = inspectDaemonStatus(
      statusOf({
        state: 'draining',
        workers: { ...statusOf().workers, running: 1 },
        store: { url: 'mysql://db/x', up: false, last_error: 'refused' },
        cache: cacheOf({ stale_orgs: 2, oldest_stale_ms: 60_000 }),
        feed: { up: false, changes: 0, age_ms: 90_000 },
        snapshot: { up: false, age_ms: null },
        connections: { open: 90, max: 100, accepted: 0, refused: NONE_REFUSED },
        requests: requestsOf({ answers: { ...requestsOf({}).answers, internal: 1 } }),
        dropped: { log_lines: 3, tap: 0, decision_log: 0 },
      }),
    );
    assert.deepEqual(
      findings.map(({ subject, result }) => `${subject} ${result}`),
      [
        'daemon wrong',
        'workers wrong',
        'store wrong',
        'routes warning',
        'feed warning',
        'snapshot wrong',
        'limits warning',
        'answers wrong',
        'lost warning',
      ],
    );
    assert.ok(findings.every(({ advice }) => (advice ?? '').length > 10));
  });

  test('tell of Node and of a clock that cannot be right', () => {
    const results = (version: string, now: number): string[] =>
      inspectHost(version, now).map(({ result }) => result);
    assert.deepEqual(results('v20.19.0', 0), ['ok', 'wrong']);
    assert.deepEqual(results('v20.18.3', 0), ['wrong', 'wrong']);
    assert.equal(results('v24.0.0', Date.now())[0], 'ok');
  });
});
