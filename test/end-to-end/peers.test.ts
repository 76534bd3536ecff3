// Who may connect to a daemon and what they may ask for, tried by processes of other users and groups. Those need
// root, which changes who it is before it connects; what needs no other user is tried by whoever runs the tests.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, describe, test } from 'node:test';
import { type DaemonProcess, startDaemonProcess } from '../support/daemon-process.js';
import { org } from '../support/routes.js';
import { WireClient, requestFrame } from '../support/wire-client.js';
import { type Answer, remainingAnswers } from '../support/wire-exchange.js';

const uid = process.getuid?.() ?? -1;
const gid = process.getgid?.() ?? -1;
const isRoot = uid === 0;
const NEEDS_ROOT = isRoot ? false : 'only root can be somebody else: run it as root';

const ROUTES = `orgs:
  ${org(1)}: [{ name: one, then: { disable_cache: true } }]
  ${org(2)}: [{ name: two, then: { disable_cache: true } }]
`;

/** Sends one request and prints, in hexadecimal, whatever comes. */
const PROBE = `
  const socket = require('node:net').connect(process.argv[1], () => socket.end(Buffer.from(process.argv[2], 'hex')));
  socket.on('data', (bytes) => process.stdout.write(bytes.toString('hex')));
  socket.on('error', ({ code }) => process.stdout.write(code));`;

async function start(t: TestContext, args: readonly string[]): Promise<DaemonProcess> {
  const daemon = await startDaemonProcess({ args, routes: ROUTES });
  t.after(() => daemon.stop('SIGKILL'));
  // Who gets as far as the socket is what these tests are about, not who gets into its directory.
  await chmod(daemon.directory, 0o755);
  return daemon;
}

/**
 * What a process gets for its question after it has become somebody else. One that is turned away and takes half a second
 * to ask is too late to be told why, and asks again.
 */
function askAs(daemon: DaemonProcess, who: readonly string[], orgId: string): string {
  const request = requestFrame(1, 'resolve', { org_id: orgId, model: 'm' }).toString('hex');
  const probe = [process.execPath, '-e', PROBE, daemon.socketPath, request];
  for (;;) {
    const { stdout, status } = spawnSync('setpriv', [...who, ...probe], { encoding: 'utf8' });
    assert.equal(status, 0);
    if (stdout === 'EPIPE' || stdout === 'ECONNRESET') continue;
    return /^[A-Z]/.test(stdout) ? stdout : Buffer.from(stdout, 'hex').toString('latin1');
  }
}

/** What this process gets for its question, again if it asks too late. */
async function ask(daemon: DaemonProcess, orgId: string): Promise<Answer[]> {
  for (;;) {
    const client = await WireClient.connect(daemon.socketPath);
    client.send(requestFrame(1, 'resolve', { org_id: orgId, model: 'm' }));
    client.end();
    const answers = await remainingAnswers(client);
    client.destroy();
    if (answers.length > 0) return answers;
  }
}

describe('who may connect', { timeout: 120_000 }, () => {
  test('is everybody who can reach the socket, unless told', async (t) => {
    const daemon = await start(t, []);
    const [answer] = await ask(daemon, org(1));
    assert.equal(answer?.error, null);
  });

  test('are the users and groups that were named, and the others are told so and counted', async (t) => {
    const mine = await start(t, ['--allow-uid', `4000000,${uid}`]);
    assert.equal((await ask(mine, org(1)))[0]?.error, null);
    const myGroups = await start(t, ['--allow-uid', '4000000', '--allow-gid', String(gid)]);
    assert.equal((await ask(myGroups, org(1)))[0]?.error, null);
    const others = await start(t, ['--allow-uid', '4000000', '--allow-gid', '4000000']);
    const answers = await ask(others, org(1));
    assert.equal(answers.length, 1);
    assert.equal(answers[0]?.id, null);
    assert.equal(answers[0].error?.code, 'bad_request');
    const line = await others.waitForLog('connection.refused');
    assert.equal(line['reason'], 'credentials');
    assert.equal(line['refused'], 1);
  });

  test('ask for the orgs that they were granted, and for no other', async (t) => {
    const first = await start(t, []);
    const file = join(first.directory, 'access.yaml');
    await writeFile(file, `- user: ${uid}\n  orgs: [${org(1)}]\n- user: 4000000\n  orgs: all\n`);
    const daemon = await start(t, ['--org-access', file]);
    assert.equal((await ask(daemon, org(1)))[0]?.error, null);
    const [refused] = await ask(daemon, org(2));
    assert.equal(refused?.id, 1);
    assert.equal(refused.error?.code, 'bad_request');
    assert.match(refused.error.message, /may not ask for that org/);
    if (isRoot) assert.match(askAs(daemon, ['--reuid=4000000'], org(2)), /two/);
  });

  test('may ask for what the file says since the last reload, on connections that they have already', async (t) => {
    const first = await start(t, []);
    const file = join(first.directory, 'access.yaml');
    await writeFile(file, `- user: ${uid}\n  orgs: [${org(1)}]\n`);
    const daemon = await start(t, ['--org-access', file]);
    const client = await WireClient.connect(daemon.socketPath);
    const isGranted = async (orgId: string): Promise<boolean> => {
      const { error } = await client.call('resolve', { org_id: orgId, model: 'm' });
      assert.ok(error === null || error.message.includes('may not ask for that org'), error?.message);
      return error === null;
    };
    const reload = async (text: string, event: string): Promise<void> => {
      await writeFile(file, text);
      const { length } = daemon.logs;
      daemon.child.kill('SIGHUP');
      await daemon.waitForLog(event, length);
    };
    assert.deepEqual([await isGranted(org(1)), await isGranted(org(2))], [true, false]);
    await reload(`- user: 4000000\n  orgs: all\n- user: ${uid}\n  orgs: [${org(2)}]\n`, 'reload.done');
    assert.deepEqual([await isGranted(org(1)), await isGranted(org(2))], [false, true]);
    await reload(`- user: ${uid}\n  orgs: some\n`, 'reload.refused');
    assert.deepEqual(
      [await isGranted(org(1)), await isGranted(org(2))],
      [false, true],
      'all stays as it was',
    );
    await reload(`- user: 4000000\n  orgs: all\n`, 'reload.done');
    assert.deepEqual([await isGranted(org(1)), await isGranted(org(2))], [false, false]);
    client.destroy();
    const [refused] = await ask(daemon, org(2));
    assert.match(refused?.error?.message ?? '', /may not connect/);
  });

  test(
    'are no others, whatever their number, group or supplementary group',
    { skip: NEEDS_ROOT },
    async (t) => {
      const args = ['--socket-mode', '0666', '--allow-uid', 'nobody', '--allow-gid', '4000001'];
      const daemon = await start(t, args);
      const nobody = spawnSync('id', ['-u', 'nobody'], { encoding: 'utf8' }).stdout.trim();
      const admitted = [
        [`--reuid=${nobody}`, '--regid=4000009', '--clear-groups'],
        ['--reuid=4000002', '--regid=4000001', '--clear-groups'],
        ['--reuid=4000002', '--regid=4000009', '--groups=4000003,4000001'],
      ];
      for (const who of admitted) assert.match(askAs(daemon, who, org(1)), /one/, who.join(' '));
      const refused = [
        ['--reuid=4000001', '--regid=4000009', '--clear-groups'],
        ['--reuid=0', '--regid=0', '--clear-groups'],
        ['--reuid=4000002', '--regid=4000009', '--groups=4000003,4000004'],
      ];
      for (const who of refused) assert.match(askAs(daemon, who, org(1)), /may not connect/, who.join(' '));
    },
  );

  test(
    'are held off by the kernel where the socket’s mode and group say so',
    { skip: NEEDS_ROOT },
    async (t) => {
      const daemon = await start(t, ['--socket-mode', '0660', '--socket-group', '4000001']);
      const { mode, gid: group } = await stat(daemon.socketPath);
      assert.deepEqual([mode & 0o7777, group], [0o660, 4_000_001]);
      const member = ['--reuid=4000002', '--regid=4000009', '--groups=4000001'];
      assert.match(askAs(daemon, member, org(1)), /one/);
      assert.equal(askAs(daemon, ['--reuid=4000002', '--regid=4000009', '--clear-groups'], org(1)), 'EACCES');
      daemon.child.kill('SIGTERM');
      await daemon.exited;
      await assert.rejects(stat(daemon.socketPath), { code: 'ENOENT' });
    },
  );
});

describe('a daemon refuses to start', { timeout: 120_000 }, () => {
  test('for users, groups, modes and files that it cannot make sense of', async (t) => {
    const cases: readonly (readonly [args: readonly string[], code: number, says: RegExp])[] = [
      [['--allow-uid', 'no-such-user-here'], 78, /no user called "no-such-user-here"/],
      [['--allow-gid', 'no-such-group-here'], 78, /no group called "no-such-group-here"/],
      [['--socket-group', 'no-such-group-here'], 78, /no group called/],
      [['--allow-uid', '4294967295'], 78, /4294967294 is the highest/],
      [['--allow-uid', 'root,,nobody'], 2, /separated by commas/],
      [['--socket-mode', '0444'], 2, /0660/],
      [['--socket-mode', '4660'], 2, /octal/],
      [['--org-access', '/nonexistent/access.yaml'], 78, /access.yaml/],
    ];
    for (const [args, code, says] of cases) {
      const daemon = await startDaemonProcess({ args, dontWait: true });
      t.after(() => daemon.stop('SIGKILL'));
      assert.deepEqual(await daemon.exited, { code, signal: null }, args.join(' '));
      assert.match(daemon.stderr, says);
    }
  });
});
