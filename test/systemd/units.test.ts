// The units as systemd's own tools see them: nothing to complain of, and as little exposed as they claim to be.
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, describe, test } from 'node:test';
import { repositoryPath } from '../support/paths.js';
import { exposureLevel, run, whyNoSystemd } from '../support/systemd-tools.js';

const UNITS = ['signalbox.service', 'signalbox.socket', 'signalbox-admin.socket'];

const reason = await whyNoSystemd();

/** The units in a directory of their own, with these drop-ins. Resolves with the directory. */
async function unitsWith(t: TestContext, ...dropIns: readonly string[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  t.after(() => rm(directory, { recursive: true }));
  for (const unit of UNITS) {
    const text = await readFile(repositoryPath(`systemd/${unit}`), 'utf8');
    // As install-systemd does: what isn't there is worth a complaint.
    await writeFile(join(directory, unit), text.replaceAll('/usr/bin/node', process.execPath));
  }
  await mkdir(join(directory, 'signalbox.service.d'));
  for (const name of dropIns) {
    await copyFile(
      repositoryPath(`systemd/drop-ins/${name}.conf`),
      join(directory, `signalbox.service.d/${name}.conf`),
    );
  }
  return directory;
}

async function exposure(directory: string): Promise<number> {
  const { stdout } = await run('systemd-analyze', [
    'security',
    '--offline=true',
    '--no-pager',
    join(directory, 'signalbox.service'),
  ]);
  return exposureLevel(stdout);
}

describe('the units', { skip: reason ?? false }, () => {
  for (const dropIns of [[], ['host-local']]) {
    test(`give systemd nothing to complain of${dropIns.map((name) => `, with ${name} too`).join('')}`, async (t) => {
      const directory = await unitsWith(t, ...dropIns);
      const paths = UNITS.map((unit) => join(directory, unit));
      const { code, stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', ...paths]);
      // It says what it doesn't know, and goes on with 0. What it says of other units of the machine isn't ours.
      const said = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('signalbox'));
      assert.deepEqual(said, []);
      assert.equal(code, 0, stderr);
    });
  }

  test('expose no more than 1.1 of 10 as they are shipped', async (t) => {
    const level = await exposure(await unitsWith(t));
    t.diagnostic(`exposure ${level}`);
    assert.ok(level <= 1.1, `${level}`);
  });

  test('expose no more than 0.3 where all is on Unix sockets', async (t) => {
    const level = await exposure(await unitsWith(t, 'host-local'));
    t.diagnostic(`exposure ${level}`);
    assert.ok(level <= 0.3, `${level}`);
  });
});

describe('each directive', () => {
  test('has its reason before it', async () => {
    const dropIns = (await readdir(repositoryPath('systemd/drop-ins'))).map((name) => `drop-ins/${name}`);
    for (const name of [...UNITS, ...dropIns]) {
      const text = await readFile(repositoryPath(`systemd/${name}`), 'utf8');
      // Directives that stand together have their reason together; what says itself what it is for has none.
      const blocks = text.split(/\n\n+|\n(?=\[)/);
      for (const block of blocks) {
        const lines = block.split('\n').filter((line) => line !== '' && !line.startsWith('['));
        const first = lines.find((line) => !/^(Description|WantedBy|ListenStream|Service)=/.test(line));
        if (first === undefined) continue;
        assert.match(first, /^#/, `${name}: ${first}`);
      }
    }
  });
});
