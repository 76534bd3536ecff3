// Decisions of a real daemon as `signalbox tap` and the decision log show them, and that neither has anything of what
// was asked.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { DecisionJson } from '../../src/admin/backend.js';
import { type DaemonProcess, startDaemonProcess } from '../support/daemon-process.js';
import { signalboxMain } from '../support/paths.js';
import { org } from '../support/routes.js';
import { run } from '../support/run-program.js';
import { waitFor } from '../support/wait-for.js';
import { WireClient } from '../support/wire-client.js';

const ORG = org(1);
const ROUTES = `orgs:
  ${ORG}:
    - name: cheap
      when: { model_in: [gpt-4o] }
      then: { target_model: gpt-4o-mini }
`;
const REQUEST = { org_id: ORG, model: 'gpt-4o', prompt: 'a secret of the customer', tag: 'of-the-request' };

/** Nothing here is about how fast the machine is. */
const PATIENT = ['--resolve-timeout', '20s'];

let directory: string;
let admin: string;
let logFile: string;
let daemon: DaemonProcess;
let client: WireClient;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  admin = join(directory, 'admin.sock');
  logFile = join(directory, 'decisions.ndjson');
  daemon = await startDaemonProcess({
    routes: ROUTES,
    args: [...PATIENT, '--admin', admin, '--decision-log', logFile],
  });
  client = await WireClient.connect(daemon.socketPath);
});

after(async () => {
  client.destroy();
  await daemon.stop('SIGTERM');
  await rm(directory, { recursive: true, force: true });
});

interface RunningTap {
  readonly child: ChildProcess;
  stdout: string;
}

function startTap(...args: readonly string[]): RunningTap {
  const child = spawn(process.execPath, [signalboxMain, 'tap', '--admin', admin, '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const tap = { child, stdout: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (tap.stdout += text));
  return tap;
}

function decisionsIn(text: string): DecisionJson[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as DecisionJson)
    .filter((line) => !('dropped' in line));
}

describe('decisions of a daemon', { timeout: 60_000 }, () => {
  it('are seen by signalbox tap until Ctrl-C, and only those of the org that is looked at', async () => {
    const [all, other] = [startTap(), startTap('--org', org(9))];
    await waitFor(
      () => all.stdout.includes('dropped') && other.stdout.includes('dropped'),
      'both to look on',
    );
    await client.call('resolve', REQUEST);
    await client.call('resolve', { ...REQUEST, model: 'other' });
    await waitFor(() => decisionsIn(all.stdout).length === 2, 'the decisions');
    const [matched, none] = decisionsIn(all.stdout);
    assert.deepEqual(
      [matched?.org_id, matched?.reason, matched?.route, matched?.target_model, matched?.stale],
      [ORG, 'matched', 'cheap', 'gpt-4o-mini', false],
    );
    assert.deepEqual([none?.reason, none?.route], ['no_match', null]);
    assert.ok(Math.abs(Date.parse(matched?.at ?? '') - Date.now()) < 60_000);
    assert.ok(!/secret|of-the-request/.test(all.stdout), 'nothing of the request');
    const ends = [all, other].map(({ child }) => once(child, 'close') as Promise<[number | null]>);
    for (const { child } of [all, other]) child.kill('SIGINT');
    assert.deepEqual(
      (await Promise.all(ends)).map(([code]) => code),
      [0, 0],
    );
    assert.equal(decisionsIn(other.stdout).length, 0);
  });

  const logged = async (): Promise<DecisionJson[]> => decisionsIn(await readFile(logFile, 'utf8'));

  it('are in the decision log, without anything of the request', async () => {
    await client.call('resolve', REQUEST);
    await waitFor(async () => (await logged()).length >= 3, 'the decisions to be written');
    assert.ok(!/secret|of-the-request/.test(await readFile(logFile, 'utf8')));
  });

  const reloads: Readonly<Record<string, () => unknown>> = {
    SIGHUP: () => daemon.child.kill('SIGHUP'),
    'signalbox reload': () => run(process.execPath, [signalboxMain, 'reload', '--admin', admin]),
  };
  for (const [how, reload] of Object.entries(reloads)) {
    it(`are in a new file of its name after ${how}`, async () => {
      await rename(logFile, `${logFile}.before`);
      await reload();
      await waitFor(async () => (await stat(logFile).catch(() => undefined)) !== undefined, 'the new file');
      await client.call('resolve', REQUEST);
      await waitFor(async () => (await logged()).length === 1, 'the new file to be written');
    });
  }

  it('end a tap with the daemon, which does not wait for it', async () => {
    const tap = startTap();
    await waitFor(() => tap.stdout.includes('dropped'), 'it to look on');
    const ended = once(tap.child, 'close') as Promise<[number | null]>;
    client.destroy();
    await daemon.stop('SIGTERM');
    assert.equal((await ended)[0], 1);
  });
});
