// What `signalbox install-systemd` puts in place, as the systemd sees it that runs it: which drop-ins are there depends
// on its version, and so does what they do.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { SystemdMachine, whyNoMachine } from '../support/systemd-machine.js';
import { exposureLevel } from '../support/systemd-tools.js';

const UNITS = ['signalbox.service', 'signalbox.socket', 'signalbox-admin.socket'];

const reason = await whyNoMachine();

describe('what is installed', { skip: reason ?? false, timeout: 300_000 }, () => {
  let machine: SystemdMachine;

  before(async () => {
    machine = await SystemdMachine.start();
  });

  after(() => machine[Symbol.asyncDispose]());

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

  test('is run, reloaded and stopped without a warning of systemd', async () => {
    for (const verb of ['start', 'reload', 'stop']) await machine.must(`systemctl ${verb} signalbox.service`);
    await machine.must('systemctl stop signalbox.socket signalbox-admin.socket');
    const warnings = await machine.must('journalctl _PID=1 --priority=warning --output=cat --no-pager');
    assert.deepEqual(
      warnings.split('\n').filter((line) => line.includes('signalbox')),
      [],
    );
  });
});
