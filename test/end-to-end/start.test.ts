// How the daemon starts, or refuses to and says why, and how it ends. A refusal is an exit code and a line a person can
// act on, never a stack trace.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { access, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, describe, test } from 'node:test';
import { type DaemonOptions, type DaemonProcess, startDaemonProcess } from '../support/daemon-process.js';
import { WireClient, requestFrame } from '../support/wire-client.js';
import { exchange, resultOf } from '../support/wire-exchange.js';

const usage = 2;
const configuration = 78;

async function start(t: TestContext, options: DaemonOptions = {}): Promise<DaemonProcess> {
  const daemon = await startDaemonProcess(options);
  t.after(() => daemon.stop('SIGKILL'));
  return daemon;
}

/** Starts a daemon that must refuse: gives back what it said on standard error. */
async function refusal(
  t: TestContext,
  expectedCodes: readonly number[],
  options: DaemonOptions,
): Promise<string> {
  const daemon = await start(t, { ...options, dontWait: true });
  await daemon.waitForLog('ready').then(
    () => assert.fail('it started'),
    () => undefined,
  );
  const { code, signal } = await daemon.exited;
  assert.equal(signal, null);
  assert.ok(expectedCodes.includes(code ?? -1), `exit code ${String(code)}: ${daemon.stderr}`);
  assert.doesNotMatch(daemon.stderr, /^\s+at /m, 'a refusal is no stack trace');
  return daemon.stderr;
}

function assertOneLine(text: string): void {
  assert.match(text, /^[^\n]+\n$/, `one line, not ${JSON.stringify(text)}`);
}

async function hello(socketPath: string): Promise<Record<string, unknown>> {
  const [answer] = await exchange(socketPath, requestFrame(1, 'hello', {}));
  return resultOf(answer);
}

describe('signalbox serve starts', { timeout: 120_000 }, () => {
  test('and listens on a socket that others on the host may not use', async (t) => {
    const daemon = await start(t);
    const { mode } = await stat(daemon.socketPath);
    assert.equal(mode & 0o007, 0, `mode ${mode.toString(8)}`);
    assert.equal((await hello(daemon.socketPath))['protocol'], 1);
  });

  test('and SIGTERM ends it with 0, its socket file gone', async (t) => {
    const daemon = await start(t);
    await hello(daemon.socketPath);
    daemon.child.kill('SIGTERM');
    assert.deepEqual(await daemon.exited, { code: 0, signal: null });
    await assert.rejects(access(daemon.socketPath), { code: 'ENOENT' });
    assert.equal(daemon.stderr, '');
  });

  test('and SIGTERM asks connected clients to go away, and waits for none for ever', async (t) => {
    const daemon = await start(t, { args: ['--drain-timeout', '1s'] });
    const idle = await WireClient.connect(daemon.socketPath);
    assert.equal((await idle.call('hello', {})).error, null);
    // One in the middle of a frame, and one with more answers to come than it will ever read.
    const stuck = connect(daemon.socketPath).on('error', () => undefined);
    stuck.write(requestFrame(1, 'hello', {}).subarray(0, 7));
    const deaf = connect(daemon.socketPath).on('error', () => undefined);
    deaf.write(Buffer.concat(Array.from({ length: 50_000 }, (_, id) => requestFrame(id, 'hello', {}))));
    t.after(() => [stuck, deaf].forEach((socket) => socket.destroy()));
    assert.equal((await idle.call('hello', {})).error, null);
    daemon.child.kill('SIGTERM');
    const message = await idle.nextMessage();
    assert.deepEqual(message?.slice(0, 2), [2, 'goaway']);
    assert.equal(await idle.nextMessage(), undefined);
    assert.deepEqual(await daemon.exited, { code: 0, signal: null });
  });

  test('in the place of one that was killed, taking over the socket file it left', async (t) => {
    const killed = await start(t);
    killed.child.kill('SIGKILL');
    await killed.exited;
    await access(killed.socketPath);
    await start(t, { args: ['--socket', killed.socketPath] });
    assert.equal((await hello(killed.socketPath))['protocol'], 1);
  });

  test('on the longest path the kernel has room for', async (t) => {
    const first = await start(t);
    const socketPath = join(first.directory, 's'.repeat(107 - first.directory.length - 1));
    assert.equal(Buffer.byteLength(socketPath), 107);
    await start(t, { args: ['--socket', socketPath] });
    assert.equal((await hello(socketPath))['protocol'], 1);
  });

  test('with flags before the environment, and the environment before the defaults', async (t) => {
    const env = { SIGNALBOX_MAX_FRAME_BYTES: '65536', SIGNALBOX_TTL: '30s' };
    const byEnvironment = await start(t, { env });
    assert.equal((await hello(byEnvironment.socketPath))['max_frame_bytes'], 65_536);
    const byFlag = await start(t, { env, args: ['--max-frame-bytes', '131072'] });
    assert.equal((await hello(byFlag.socketPath))['max_frame_bytes'], 131_072);
  });
});

describe('signalbox serve refuses to start', { timeout: 120_000 }, () => {
  test('on a socket path that the kernel would cut off', async (t) => {
    const first = await start(t);
    const filesBefore = await readdir(first.directory);
    // In bytes, not letters: the second path is short enough in letters.
    const room = 108 - first.directory.length - 1;
    const paths = ['s'.repeat(room), 's'.repeat(150), `${'é'.repeat(Math.floor(room / 2))}ss`];
    for (const name of paths) {
      const socketPath = join(first.directory, name);
      assert.ok(Buffer.byteLength(socketPath) >= 108);
      const said = await refusal(t, [configuration, usage], { args: ['--socket', socketPath] });
      assertOneLine(said);
      assert.match(said, /107|108|short/i);
      assert.deepEqual(await readdir(first.directory), filesBefore);
    }
  });

  test('where a daemon answers already, which goes on answering', async (t) => {
    const first = await start(t);
    const { ino } = await stat(first.socketPath);
    const said = await refusal(t, [configuration], { args: ['--socket', first.socketPath] });
    assertOneLine(said);
    assert.ok(said.includes(first.socketPath), said);
    assert.equal((await stat(first.socketPath)).ino, ino);
    assert.equal((await hello(first.socketPath))['protocol'], 1);
  });

  test('where any other program listens', async (t) => {
    const first = await start(t);
    const socketPath = join(first.directory, 'other.sock');
    const server = createServer((socket) => socket.on('error', () => undefined).end()).listen(socketPath);
    t.after(() => server.close());
    await once(server, 'listening');
    assertOneLine(await refusal(t, [configuration], { args: ['--socket', socketPath] }));
    assert.ok((await stat(socketPath)).isSocket());
  });

  test('where there is a file that is no socket, which it leaves alone', async (t) => {
    const first = await start(t);
    const path = join(first.directory, 'notes.txt');
    await writeFile(path, 'precious');
    const said = await refusal(t, [configuration], { args: ['--socket', path] });
    assertOneLine(said);
    assert.ok(said.includes(path), said);
    assert.equal(await readFile(path, 'utf8'), 'precious');
  });

  test('where there is no directory for the socket', async (t) => {
    const path = '/nonexistent-directory/gateway.sock';
    const said = await refusal(t, [configuration], { args: ['--socket', path] });
    assertOneLine(said);
    assert.ok(said.includes(path), said);
  });

  test('without its route file', async (t) => {
    const path = '/nonexistent-directory/routes.yaml';
    const said = await refusal(t, [configuration], { args: ['--store', `file:${path}`] });
    assertOneLine(said);
    assert.ok(said.includes(path), said);
  });

  test('with an invalid route file, and names every problem by path, line and reason', async (t) => {
    const routes = [
      'orgs:',
      '  0190a000-0000-7000-8000-000000000001:',
      '    - name: fine',
      '      then: { target_model: gpt-4o-mini }',
      '    - name: wrong',
      '      priority: -1',
      '      when:',
      '        model_in: [gpt-4o, gpt-4o]',
      '      then: { target_model: gpt-4o-mini }',
      '',
    ].join('\n');
    const said = await refusal(t, [configuration], { routes });
    const lines = said.trimEnd().split('\n');
    assert.match(said, /routes\.yaml/);
    for (const [path, line] of [
      ['priority', 6],
      ['when.model_in[1]', 8],
    ] as const) {
      const found = lines.find((text) => text.includes(path));
      assert.match(found ?? '', new RegExp(`(:|line )${line}\\b.*[a-z]{3}`), `${path} in ${said}`);
    }
  });

  test('with a store it does not know, or whose URL is wrong', async (t) => {
    for (const url of [
      'ftp://routes.example',
      'mysql://root@localhost',
      'mysql://localhost/routes',
      'routes.yaml',
      '',
    ]) {
      const said = await refusal(t, [configuration, usage], { args: ['--store', url] });
      assertOneLine(said);
      assert.match(said, /store/i);
    }
  });

  test('with a flag it cannot read, and names it', async (t) => {
    const bad: readonly (readonly [flag: string, ...values: string[]])[] = [
      ['--ttl', '10'],
      ['--ttl', 'soon'],
      ['--ttl', '-5s'],
      ['--max-stale', '1 fortnight'],
      ['--resolve-timeout', '50'],
      ['--workers', '0'],
      ['--workers', '1.5'],
      ['--workers', 'many'],
      ['--max-frame-bytes', '1MB!'],
      ['--max-frame-bytes', '0'],
      ['--log-level', 'loud'],
      ['--nonsense'],
      ['--nonsense', 'x'],
    ];
    for (const args of bad) {
      const said = await refusal(t, [usage], { args });
      assertOneLine(said);
      assert.ok(said.includes(args[0]), `${args.join(' ')}: ${said}`);
    }
  });

  test('with an environment variable it cannot read, and names it', async (t) => {
    for (const [name, value] of [
      ['SIGNALBOX_TTL', 'abc'],
      ['SIGNALBOX_MAX_FRAME_BYTES', '-1'],
      ['SIGNALBOX_RESOLVE_TIMEOUT', '50'],
    ] as const) {
      const said = await refusal(t, [configuration, usage], { env: { [name]: value } });
      assertOneLine(said);
      assert.ok(said.includes(name), `${name}: ${said}`);
    }
  });
});
