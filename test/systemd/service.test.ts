// signalbox as a service of a real systemd, from its installation on: what an operator does, and what befalls it.
import assert from 'node:assert/strict';
import { copyFile, readFile, readdir, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { SignalboxClient } from '../../src/client/client.js';
import { repositoryPath } from '../support/paths.js';
import { ADMIN_SOCKET, GATEWAY_SOCKET, SystemdMachine, whyNoMachine } from '../support/systemd-machine.js';
import { waitFor } from '../support/wait-for.js';

const ORG = '0190a000-0000-7000-8000-000000000001';
/** Of test/fixtures/upgrade. */
const ORG_OF_BEFORE = '0190a000-0000-7000-8000-00000000000a';
const REQUEST = { orgId: ORG, model: 'gpt-4o', inputTokens: 120, hasImages: false } as const;

/** Far longer than any restart: nothing here is about how fast the machine is. */
const DEADLINE_MS = 60_000;

const reason = await whyNoMachine();

describe('a service of systemd', { skip: reason ?? false, timeout: 300_000 }, () => {
  let machine: SystemdMachine;
  let client: SignalboxClient;

  /** It decides a moment before it says so. */
  const ready = (): Promise<void> =>
    waitFor(async () => (await machine.property('ActiveState')) === 'active', 'the service to be ready');

  before(async () => {
    machine = await SystemdMachine.start();
    await machine.must('install -d -m 700 /etc/credstore');
    await machine.must('printf secret >/etc/credstore/signalbox.mysql-password');
    // However busy the machine is that this runs on.
    await machine.must('echo SIGNALBOX_RESOLVE_TIMEOUT=30s >>/etc/signalbox/signalbox.env');
    await machine.must('systemctl start signalbox.socket signalbox-admin.socket');
    client = new SignalboxClient({ socketPath: machine.path(GATEWAY_SOCKET), deadlineMs: DEADLINE_MS });
  });

  after(async () => {
    await client.close();
    await machine[Symbol.asyncDispose]();
  });

  test('is started by the first who connects, and its sockets are for their groups only', async () => {
    const { route, failOpen } = await client.resolve(REQUEST);
    assert.deepEqual([route, failOpen], ['cheap-short', false]);
    await ready();
    assert.match(
      await machine.property('StatusText'),
      /^\d connections; \d+ decisions\/s; \d orgs; \d of \d workers; the store is up$/,
    );
    const modes = await machine.must(`stat --format='%a %U %G' ${GATEWAY_SOCKET} ${ADMIN_SOCKET}`);
    assert.equal(modes, '660 root signalbox-clients\n660 root signalbox-admin\n');
    const stranger = await machine.run(
      `setpriv --reuid=65534 --regid=65534 --clear-groups node -e "require('net').connect('${GATEWAY_SOCKET}').on('error', (e) => { console.log(e.code); })"`,
    );
    assert.equal(stranger.stdout, 'EACCES\n');
  });

  test('is in its sandbox: a user of its own, no rights, nothing to write, nobody else to see', async () => {
    const pid = await machine.mainPid();
    const status = await machine.must(`cat /proc/${pid}/status`);
    const [, uid] = /^Uid:\s+(\d+)/m.exec(status) ?? [];
    assert.ok(Number(uid) > 60_000, 'a dynamic user');
    assert.match(status, /^NoNewPrivs:\s+1$/m);
    assert.match(status, /^Seccomp:\s+2$/m);
    assert.match(status, /^CapBnd:\s+0+$/m);
    assert.match(await machine.must(`cat /proc/${pid}/limits`), /^Max core file size\s+0\s+0/m);
    // What that process sees, by its own mounts.
    const inside = (command: string): Promise<{ code: number; stdout: string }> =>
      machine.run(`nsenter -t ${pid} -m -- ${command}`);
    assert.notEqual((await inside('touch /usr/there /etc/there /var/there')).code, 0);
    assert.equal((await inside('ls /home')).stdout, '');
    assert.equal((await inside('touch /var/lib/signalbox/there')).code, 0);
    const others = (await inside(`setpriv --reuid=${uid ?? ''} --regid=${uid ?? ''} --clear-groups ls /proc`))
      .stdout;
    assert.doesNotMatch(others, /^1$/m);
  });

  test('reads its credential, which nobody else can', async () => {
    const pid = await machine.mainPid();
    const environment = (await machine.must(`tr '\\0' '\\n' </proc/${pid}/environ`)).split('\n');
    const directory =
      environment.find((line) => line.startsWith('CREDENTIALS_DIRECTORY='))?.split('=')[1] ?? '';
    const [, uid] = /^Uid:\s+(\d+)/m.exec(await machine.must(`cat /proc/${pid}/status`)) ?? [];
    const read = (user: string): Promise<{ code: number; stdout: string }> =>
      machine.run(
        `nsenter -t ${pid} -m -- setpriv --reuid=${user} --regid=${user} --clear-groups cat ${directory}/signalbox.mysql-password`,
      );
    assert.equal((await read(uid ?? '')).stdout, 'secret');
    assert.notEqual((await read('65534')).code, 0);
  });

  test('reloads what is right, and refuses what isn’t with its reason, deciding all the while', async () => {
    const routes = machine.path('/etc/signalbox/routes.yaml');
    const good = await readFile(routes, 'utf8');
    await writeFile(routes, good.replace('target_model: gpt-4o-mini', 'target_model: gpt-5-nano'));
    await machine.must('systemctl reload signalbox');
    assert.equal((await client.resolve(REQUEST)).model, 'gpt-5-nano');

    await writeFile(routes, 'orgs: [');
    const refused = await machine.run('systemctl reload signalbox');
    assert.notEqual(refused.code, 0);
    assert.equal(await machine.property('ActiveState'), 'active');
    assert.match(
      await machine.journal(),
      /signalbox: the route file has errors\n\/etc\/signalbox\/routes.yaml:1:/,
    );
    assert.equal((await client.resolve(REQUEST)).model, 'gpt-5-nano');

    await writeFile(routes, good);
    await machine.must('systemctl reload signalbox');
    assert.equal((await client.resolve(REQUEST)).model, 'gpt-4o-mini');
  });

  test('logs with priorities, and no line for a request', async () => {
    const errors = await machine.journal('--priority=err');
    assert.match(errors, /"event":"reload.refused"/);
    assert.doesNotMatch(errors, /"event":"ready"/);
    const lines = (await machine.journal()).split('\n').length;
    for (let index = 0; index < 100; index += 1) await client.resolve(REQUEST);
    assert.equal((await machine.journal()).split('\n').length, lines);
  });

  test('is restarted under traffic without a decision that fails', async () => {
    const before = await machine.mainPid();
    const traffic = sendTraffic(client);
    await machine.must('systemctl restart signalbox');
    assert.notEqual(await machine.mainPid(), before);
    const { decided, failed } = await traffic.stop();
    assert.ok(decided > 0);
    assert.deepEqual(failed, []);
    assert.equal(await machine.property('Result'), 'success');
  });

  test('comes back when it is killed, and by its watchdog when its main loop stands still', async () => {
    for (const signal of ['KILL', 'STOP']) {
      await ready();
      const restarts = Number(await machine.property('NRestarts'));
      const pid = await machine.mainPid();
      // It has the whole of the watchdog's time from the last beat, so this is what the test takes.
      const watchdog = signal === 'STOP';
      await machine.must(`kill -${signal} ${pid}`);
      const { failOpen } = await client.resolve(REQUEST);
      assert.equal(failOpen, false);
      assert.notEqual(await machine.mainPid(), pid);
      assert.equal(Number(await machine.property('NRestarts')), restarts + 1);
      if (watchdog) assert.match(await machine.journal(), /Watchdog timeout/);
    }
  });

  test('leaves the sockets where they are when it cannot start, and serves who waited when it can', async () => {
    const settings = machine.path('/etc/signalbox/signalbox.env');
    const good = await readFile(settings, 'utf8');
    await writeFile(settings, 'SIGNALBOX_STORE=nothing\n');
    // It is started again by the client, which comes back at once.
    await machine.must('systemctl stop signalbox.service');
    const waiting = client.resolve(REQUEST);
    await waitFor(async () => Number(await machine.property('NRestarts')) >= 3, 'three attempts', 30_000);
    assert.equal(await machine.must('systemctl is-active signalbox.socket'), 'active\n');
    await writeFile(settings, good);
    assert.equal((await waiting).failOpen, false);
  });

  test('takes along by a restart what the version before has left, the database being away or not', async () => {
    const settings = machine.path('/etc/signalbox/signalbox.env');
    const good = await readFile(settings, 'utf8');
    const away = 'SIGNALBOX_STORE=mysql://nobody@localhost/nothing?socket=/nonexistent/mysql.sock';
    await writeFile(settings, good.replace(/^SIGNALBOX_STORE=.*$/m, away));
    await machine.must('systemctl stop signalbox.service signalbox.socket');
    await copyFile(
      repositoryPath('test/fixtures/upgrade/snapshot-1'),
      machine.path('/var/lib/private/signalbox/routes.snapshot'),
    );
    await machine.must('systemctl start signalbox.socket && systemctl restart signalbox.service');
    const { route, stale } = await client.resolve({ ...REQUEST, orgId: ORG_OF_BEFORE });
    assert.deepEqual([route, stale], ['kept', true]);
    await writeFile(settings, good);
    await machine.must('systemctl restart signalbox.service');
    assert.equal((await client.resolve(REQUEST)).route, 'cheap-short');
  });

  test('keeps its snapshot over all of this, and is gone when it is stopped', async () => {
    await machine.must('systemctl restart signalbox.service');
    assert.deepEqual(
      (await readdir(machine.path('/var/lib/private/signalbox'))).filter((name) => name.startsWith('routes')),
      ['routes.snapshot', 'routes.snapshot.previous'],
    );
    assert.match(await machine.journal(), /"event":"snapshot.loaded"/);
    await machine.must('systemctl stop signalbox.service signalbox.socket signalbox-admin.socket');
    assert.equal(await machine.property('ActiveState'), 'inactive');
    assert.equal(await machine.property('ExecMainStatus'), '0');
    assert.deepEqual(await readdir(machine.path('/run/signalbox-gateway')), []);
  });
});

interface Traffic {
  readonly stop: () => Promise<{ decided: number; failed: readonly string[] }>;
}

/** Requests in sixteen lanes, each after the one before. */
function sendTraffic(client: SignalboxClient): Traffic {
  const lanes = 16;
  let isOver = false;
  let decided = 0;
  const failed: string[] = [];
  const send = async (): Promise<void> => {
    while (!isOver) {
      const { failOpen, reason, message } = await client.resolve(REQUEST);
      if (failOpen) failed.push(`${reason}: ${message ?? ''}`);
      else decided += 1;
    }
  };
  const all = Promise.all(Array.from({ length: lanes }, send));
  return {
    stop: async () => {
      isOver = true;
      await all;
      return { decided, failed };
    },
  };
}
