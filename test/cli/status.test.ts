// `signalbox status` against a real admin API, and the screen that it makes of a status.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { NO, USAGE } from '../../src/cli/exit-codes.js';
import { statusCommand, watchStatus } from '../../src/cli/status.js';
import { statusText } from '../../src/cli/output/status-text.js';
import { paint } from '../../src/cli/output/colour.js';
import { LATENCY_BOUNDS_MS } from '../../src/figures.js';
import { NONE_ENDED, NONE_REFUSED, cacheOf, requestsOf } from '../support/daemon-status.js';
import { READY, startAdminDaemon } from './support/admin-daemon.js';
import { run } from './support/run-command.js';

describe('signalbox status', { timeout: 60_000 }, () => {
  test('says on one screen what the daemon is doing', async () => {
    await using daemon = await startAdminDaemon();
    const { code, stdout, stderr } = await run(statusCommand(), '--admin', daemon.admin);
    assert.equal(stderr, '');
    assert.equal(code, 0);
    for (const part of [
      'signalbox 1.2.3',
      'ready',
      '2 hours 3 minutes',
      '3 connections',
      '2 of 2 running',
      'mysql://db/routes',
      '5 orgs',
      '7 changes',
    ])
      assert.ok(stdout.includes(part), `${part} in ${stdout}`);
    assert.ok(stdout.split('\n').length < 24, stdout);
    assert.ok(
      stdout.split('\n').every((line) => line.length < 100),
      stdout,
    );
    assert.ok(!stdout.includes('\u001b'), 'no colour where there is no terminal');
  });

  test('prints what the API says with --json', async () => {
    await using daemon = await startAdminDaemon();
    const { stdout } = await run(statusCommand(), '--json', '--admin', daemon.admin);
    assert.deepEqual(JSON.parse(stdout), READY);
  });

  test('exits with 1 when the daemon is not ready', async () => {
    await using daemon = await startAdminDaemon();
    daemon.status = { ...READY, state: 'draining' };
    assert.equal((await run(statusCommand(), '--admin', daemon.admin)).code, NO);
    daemon.status = { ...READY, workers: { ...READY.workers, running: 0 } };
    const { code, stdout } = await run(statusCommand(), '--admin', daemon.admin);
    assert.equal(code, NO);
    assert.match(stdout, /0 of 2 running: nothing is decided/);
  });

  test('says why the store is down', async () => {
    await using daemon = await startAdminDaemon();
    const store = { url: 'mysql://db/routes', up: false, last_error: 'connect\nECONNREFUSED\u001b[2J' };
    daemon.status = { ...READY, store };
    const { code, stdout } = await run(statusCommand(), '--admin', daemon.admin);
    assert.equal(code, 0);
    assert.match(stdout, /down, mysql:\/\/db\/routes\n\s+last error: connect.ECONNREFUSED.\[2J\n/u);
    assert.ok(!stdout.includes('\u001b'), 'what came from elsewhere cannot drive the terminal');
  });

  test('asks whether the daemon is running when nothing is at the socket', async () => {
    await using daemon = await startAdminDaemon();
    const path = join(daemon.directory, 'other.sock');
    const { code, stderr } = await run(statusCommand(), '--admin', path);
    assert.equal(code, NO);
    assert.equal(stderr, `no daemon answers at ${path}; is it running with --admin ${path}?`);
  });

  test('says how to name the admin API when nobody did', async () => {
    const { code, stderr } = await run(statusCommand());
    assert.equal(code, USAGE);
    assert.match(stderr, /--admin PATH or --admin HOST:PORT, or SIGNALBOX_ADMIN/);
    assert.equal((await run(statusCommand(), '--admin', 'host:port')).code, USAGE);
  });

  test('shows the token over TCP, and asks for it', async () => {
    await using daemon = await startAdminDaemon({ token: 's3cret' });
    const tokenFile = join(daemon.directory, 'token');
    await writeFile(tokenFile, 's3cret\n');
    const with_ = ['--admin', daemon.admin, '--admin-token-file', tokenFile];
    assert.equal((await run(statusCommand(), ...with_)).code, 0);
    const without = await run(statusCommand(), '--admin', daemon.admin);
    assert.equal(without.code, NO);
    assert.match(without.stderr, /give the right token with --admin-token-file/);
    await writeFile(tokenFile, 'two\nlines\n');
    const { code, stderr } = await run(statusCommand(), ...with_);
    assert.equal(code, 78);
    assert.match(stderr, /expected one token/);
  });

  test('watches through an absence of the daemon until it is told to end', async (t) => {
    const lines: unknown[] = [];
    const ended = new AbortController();
    const daemon = await startAdminDaemon();
    const closing: PromiseLike<void>[] = [];
    t.mock.method(console, 'log', (text: unknown) => {
      lines.push(text);
      if (lines.length === 1) closing.push(daemon[Symbol.asyncDispose]());
      else ended.abort();
    });
    await watchStatus({ admin: daemon.admin, json: true }, ended.signal);
    await Promise.all(closing);
    assert.deepEqual(JSON.parse(String(lines[0])), READY);
    assert.match(String(lines[1]), /^\{"error":\{"code":"unreachable","message":"[^"]+"\}\}$/);
    assert.equal(lines.length, 2);
  });
});

describe('the text of a status', () => {
  const counts = [0, 98, 1, ...LATENCY_BOUNDS_MS.slice(3).map(() => 0), 1];
  const answers = { ...requestsOf({}).answers, matched: 90, no_match: 6, unavailable: 3, bad_request: 1 };
  const busy = {
    ...READY,
    requests: requestsOf({ answers, stale: 2, latency: { bounds_ms: LATENCY_BOUNDS_MS, counts, sum_ms: 1 } }),
  };

  test('says of requests how many, how answered and how fast', () => {
    const text = statusText(busy, paint(false));
    assert.match(text, /requests +100, 0 a second since the start/);
    assert.match(text, /90 matched, 6 no match, 0 no such route/);
    assert.match(text, /errors: 1 bad request, 3 unavailable/);
    assert.match(text, /2 decided by stale routes/);
    assert.match(text, /latency +p50 ≤ 10 µs, p99 ≤ 25 µs, p99\.9 > 500 ms since the start/);
  });

  test('says rates and latencies of the time since it was last said', () => {
    const more = counts.map((count, bucket) => count + (bucket === 0 ? 4000 : 0));
    const later = {
      ...busy,
      uptime_ms: busy.uptime_ms + 2000,
      requests: requestsOf({
        answers: { ...answers, matched: 4090 },
        latency: { bounds_ms: LATENCY_BOUNDS_MS, counts: more, sum_ms: 2 },
      }),
    };
    const text = statusText(later, paint(false), busy);
    assert.match(text, /4,100, 2,000 a second now/);
    assert.match(text, /latency +p50 ≤ 5 µs, p99 ≤ 5 µs, p99\.9 ≤ 5 µs now/);
    const restarted = statusText({ ...later, pid: 43 }, paint(false), busy);
    assert.match(restarted, /since the start/, 'another daemon has nothing to do with it');
  });

  test('says everything that is wrong', () => {
    const bad = {
      ...busy,
      connections: { ...READY.connections, refused: { ...NONE_REFUSED, credentials: 2 } },
      workers: { running: 1, wanted: 2, started: 3, ended: { ...NONE_ENDED, stuck: 1 }, loop_lag_ms: [450] },
      cache: cacheOf({ stale_orgs: 4, oldest_stale_ms: 120_000, refused_rows: 3, loads: 9, failed_loads: 5 }),
      feed: { up: true, changes: 0, age_ms: 60_000 },
      snapshot: { up: false, age_ms: 61_000 },
      dropped: { ...READY.dropped, log_lines: 9 },
    };
    const text = statusText(bad, paint(false));
    for (const part of [
      '2 turned away (2 credentials)',
      '1 of 2 running',
      'at most 450 ms late',
      'replaced: 1 stuck',
      '5 failed',
      '4 stale, the oldest for 2 minutes',
      '3 rows were no routes',
      'slow, 0 changes seen, asked 60 s ago',
      "can't be written, written 1 minute 1 second ago",
      '9 log lines',
    ])
      assert.ok(text.includes(part), `${part} in ${text}`);
    assert.ok(text.split('\n').length <= 30, 'one screen');
  });
});
