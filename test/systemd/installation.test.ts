// What `signalbox install-systemd` puts in place, as the systemd sees it that runs it: which drop-ins are there depends
// on its version, and so does what they do.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { GATEWAY_SOCKET, SystemdMachine, whyNoMachine } from '../support/systemd-machine.js';
import { type Output, exposureLevel } from '../support/systemd-tools.js';
import { waitFor } from '../support/wait-for.js';

const UNITS = ['signalbox.service', 'signalbox.socket', 'signalbox-admin.socket'];

/** A decision by the routes that are there at first, for as long as a busy machine takes. */
const resolve = `resolve --socket ${GATEWAY_SOCKET} --org 0190a000-0000-7000-8000-000000000001 --model gpt-4o --input-tokens 120 --has-images false --timeout 60s`;

const reason = await whyNoMachine();

describe('what is installed', { skip: reason ?? false, timeout: 300_000 }, () => {
  let machine: SystemdMachine;

  before(async () => {
    machine = await SystemdMachine.start();
    // However busy the machine is that this runs on.
    await machine.must('echo SIGNALBOX_RESOLVE_TIMEOUT=30s >>/etc/signalbox/signalbox.env');
  });

  after(() => machine[Symbol.asyncDispose]());

  async function version(): Promise<number> {
    return Number(/\d+/.exec(await machine.must('systemctl --version'))?.[0]);
  }

  /** Installs it elsewhere; resolves with the directory of its units. */
  async function installed(prefix: string, flags = ''): Promise<string> {
    const { code, stderr } = await machine.signalbox(`install-systemd --prefix ${prefix} ${flags}`);
    assert.equal(code, 0, stderr);
    return `${prefix}/lib/systemd/system`;
  }

  for (const { name, flags, exposureMax } of [
    { name: 'as it is shipped', flags: '', exposureMax: 1.1 },
    { name: 'where all is on Unix sockets', flags: '--host-local', exposureMax: 0.3 },
  ]) {
    test(`is all known to this systemd, and exposes no more than ${exposureMax} of 10 ${name}`, async (t) => {
      const directory = await installed(`/opt/exposure-${exposureMax}`, flags);
      const paths = UNITS.map((unit) => `${directory}/${unit}`).join(' ');
      const { code, stdout, stderr } = await machine.run(`systemd-analyze verify --man=no ${paths}`);
      const said = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('signalbox'));
      assert.deepEqual(said, []);
      assert.equal(code, 0, stderr);
      const level = exposureLevel(
        await machine.must(`systemd-analyze security --offline=true --no-pager ${directory}/${UNITS[0]}`),
      );
      t.diagnostic(`exposure ${level}, ${await machine.must('systemctl --version | head -1')}`);
      assert.ok(level <= exposureMax, `${level}`);
    });
  }

  test('is run, reloaded once for each reload, and stopped, without a warning of systemd', async () => {
    for (const verb of ['start', 'reload', 'stop']) await machine.must(`systemctl ${verb} signalbox.service`);
    await machine.must('systemctl stop signalbox.socket signalbox-admin.socket');
    assert.equal((await machine.journal()).match(/"event":"reload.done"/g)?.length, 1);
    const warnings = await machine.must('journalctl _PID=1 --priority=warning --output=cat --no-pager');
    assert.deepEqual(
      warnings.split('\n').filter((line) => line.includes('signalbox')),
      [],
    );
  });

  test('can write its log of decisions, and goes on in a new one after a reload', async () => {
    const log = '/var/log/signalbox/decisions.ndjson';
    await machine.must(`echo SIGNALBOX_DECISION_LOG=${log} >>/etc/signalbox/signalbox.env`);
    await machine.must(`systemctl restart signalbox.service && mv ${log} ${log}.1`);
    await machine.must('systemctl reload signalbox.service');
    assert.equal((await machine.signalbox(resolve)).code, 0);
    await waitFor(
      async () => (await machine.run(`cat ${log}`)).stdout.includes('"reason":"matched"'),
      'the decision in the new file',
    );
    assert.equal(await machine.must(`cat ${log}.1`), '');
  });

  test('can tell who connects; before systemd 257, if the operator lets it', async () => {
    if ((await version()) < 257) {
      await machine.must('mkdir -p /etc/systemd/system/signalbox.service.d');
      await machine.must(
        "printf '[Service]\\nPrivateUsers=no\\n' >/etc/systemd/system/signalbox.service.d/users.conf",
      );
      await machine.must('systemctl daemon-reload');
    }
    await machine.must('echo SIGNALBOX_ALLOW_UID=33 >>/etc/signalbox/signalbox.env');
    await machine.must('systemctl restart signalbox.service');
    const asUser = (uid: number): Promise<Output> =>
      machine.signalbox(resolve, `setpriv --reuid=${uid} --regid=signalbox-clients --clear-groups`);
    assert.match((await asUser(33)).stdout, /"reason": "matched"/);
    assert.match((await asUser(34)).stderr, /this user may not connect/);
  });
});
