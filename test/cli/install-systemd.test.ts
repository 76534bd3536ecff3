// What `signalbox install-systemd` puts where, and that it leaves alone what is the operator's.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { serveOptions } from '../../src/config.js';
import { type InstallOptions, filesToInstall, filesToRemove } from '../../src/cli/systemd/installation.js';
import { installFiles, removeFiles } from '../../src/cli/systemd/install-files.js';
import { SignalboxError } from '../../src/errors.js';
import { repositoryPath } from '../support/paths.js';

let directory: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
});

after(async () => {
  await rm(directory, { recursive: true, force: true });
});

const packageDirectory = '/opt/signalbox';

function options(changes: Partial<InstallOptions> = {}): InstallOptions {
  return {
    prefix: '/usr/local',
    systemdVersion: 252,
    hostLocal: false,
    packageDirectory,
    shippedFiles: repositoryPath('systemd'),
    node: '/opt/node/bin/node',
    ...changes,
  };
}

describe('the files to install', () => {
  test('are units, groups, settings and routes, where systemd and people look for them', () => {
    assert.deepEqual(
      filesToInstall(options()).map(({ path, isKept }) => `${path}${isKept ? ' (kept)' : ''}`),
      [
        '/usr/local/lib/systemd/system/signalbox.service',
        '/usr/local/lib/systemd/system/signalbox.socket',
        '/usr/local/lib/systemd/system/signalbox-admin.socket',
        '/usr/local/lib/sysusers.d/signalbox.conf',
        '/etc/signalbox/signalbox.env (kept)',
        '/etc/signalbox/routes.yaml (kept)',
      ],
    );
  });

  test('have drop-ins for what a newer systemd can do, and for a host that needs no network', () => {
    const dropIns = (changes: Partial<InstallOptions>): string[] =>
      filesToInstall(options(changes)).flatMap(
        ({ path }) => /signalbox\.service\.d\/(.*)/.exec(path)?.[1] ?? [],
      );
    assert.deepEqual(dropIns({ systemdVersion: 256 }), []);
    assert.deepEqual(dropIns({ systemdVersion: 257 }), ['10-systemd-257.conf']);
    assert.deepEqual(dropIns({ systemdVersion: 260 }), ['10-systemd-257.conf']);
    assert.deepEqual(dropIns({ hostLocal: true }), ['30-host-local.conf']);
  });

  test('start this package with this node, and read these settings', () => {
    const [service] = filesToInstall(options({ prefix: '/srv/box' }));
    const text = service?.text ?? '';
    const commands = [...text.matchAll(/^Exec(?:Start|Reload)=(.*)$/gm)].map(([, command]) => command);
    const node = '/opt/node/bin/node --disable-proto=delete --disallow-code-generation-from-strings';
    assert.deepEqual(commands, [
      `${node} /opt/signalbox/dist/src/main.js serve`,
      `${node} /opt/signalbox/dist/src/main.js reload --admin /run/signalbox-admin/admin.sock`,
    ]);
    assert.match(text, /^EnvironmentFile=-\/srv\/box\/etc\/signalbox\/signalbox\.env$/m);
  });

  test('are none where the service could not see the package, or systemd is too old', () => {
    const refused = (changes: Partial<InstallOptions>, message: RegExp): void => {
      assert.throws(
        () => filesToInstall(options(changes)),
        (error) =>
          error instanceof SignalboxError && error.code === 'configuration' && message.test(error.message),
      );
    };
    refused({ packageDirectory: '/home/me/signalbox' }, /can't see \/home\/me\/signalbox.*--global/);
    refused({ node: '/root/.nvm/node' }, /can't see \/root\/.nvm\/node/);
    refused({ systemdVersion: 249 }, /systemd 249 is too old: 250/);
  });
});

describe('installing', () => {
  test('puts files in place for all to read, and a second time only what isn’t the operator’s', async () => {
    const prefix = join(directory, 'first');
    const files = filesToInstall(options({ prefix }));
    const lines: string[] = [];
    await installFiles(files, { isDryRun: false, tell: (line) => lines.push(line) });
    assert.ok(lines.every((line) => line.startsWith('installed ')));
    for (const { path, text } of files) {
      assert.equal(await readFile(path, 'utf8'), text);
      assert.equal((await stat(path)).mode & 0o777, 0o644);
    }
    assert.deepEqual(await readdir(join(prefix, 'etc/signalbox')), ['routes.yaml', 'signalbox.env']);

    const settings = join(prefix, 'etc/signalbox/signalbox.env');
    await writeFile(settings, 'SIGNALBOX_WORKERS=8\n');
    await writeFile(join(prefix, 'lib/systemd/system/signalbox.socket'), 'old');
    lines.length = 0;
    await installFiles(files, { isDryRun: false, tell: (line) => lines.push(line) });
    assert.equal(await readFile(settings, 'utf8'), 'SIGNALBOX_WORKERS=8\n');
    assert.match(
      await readFile(join(prefix, 'lib/systemd/system/signalbox.socket'), 'utf8'),
      /ListenStream=/,
    );
    assert.deepEqual(
      lines.map((line) => line.split(/\s+/)[0]),
      ['replaced', 'replaced', 'replaced', 'replaced', 'kept', 'kept'],
    );
  });

  test('takes away the drop-ins of another version, and nothing that is the operator’s', async () => {
    const prefix = join(directory, 'upgrade');
    const dropIns = join(prefix, 'lib/systemd/system/signalbox.service.d');
    await mkdir(dropIns, { recursive: true });
    for (const name of ['10-systemd-253.conf', '10-systemd-257.conf', '30-host-local.conf', 'mine.conf']) {
      await writeFile(join(dropIns, name), '[Service]\n');
    }
    const lines: string[] = [];
    const remove = (isDryRun: boolean): Promise<void> =>
      removeFiles(filesToRemove(filesToInstall(options({ prefix, systemdVersion: 257 }))), {
        isDryRun,
        tell: (line) => lines.push(line),
      });
    await remove(true);
    assert.equal((await readdir(dropIns)).length, 4);
    await remove(false);
    assert.deepEqual(await readdir(dropIns), ['10-systemd-257.conf', '30-host-local.conf', 'mine.conf']);
    const line = `removed    ${join(dropIns, '10-systemd-253.conf')}`;
    assert.deepEqual(lines, [line, line]);
    assert.deepEqual(filesToRemove(filesToInstall(options({ prefix: join(directory, 'nowhere') }))), []);
  });

  test('writes nothing in a dry run', async () => {
    const prefix = join(directory, 'dry');
    const lines: string[] = [];
    const files = filesToInstall(options({ prefix }));
    await installFiles(files, { isDryRun: true, tell: (line) => lines.push(line) });
    assert.equal(lines.length, files.length);
    await assert.rejects(stat(prefix), { code: 'ENOENT' });
  });

  test('says what it cannot write', async () => {
    const prefix = join(directory, 'full');
    await mkdir(prefix);
    await writeFile(join(prefix, 'lib'), 'in the way');
    const files = filesToInstall(options({ prefix }));
    await assert.rejects(
      installFiles(files, { isDryRun: false, tell: () => undefined }),
      /cannot write .*signalbox\.service: ENOTDIR/,
    );
  });
});

describe('the settings to begin with', () => {
  test('name every setting of serve, and nothing else', async () => {
    const text = await readFile(repositoryPath('systemd/signalbox.env.example'), 'utf8');
    const named = [...text.matchAll(/^#?(SIGNALBOX_\w+)=/gm)].map(([, name]) => name);
    assert.deepEqual(
      named.sort(),
      serveOptions()
        .map(({ envVar }) => envVar)
        .sort(),
    );
  });

  test('have the defaults that serve has', async () => {
    const text = await readFile(repositoryPath('systemd/signalbox.env.example'), 'utf8');
    for (const option of serveOptions()) {
      const [, shown] = new RegExp(`^#${option.envVar ?? ''}=(.+)$`, 'm').exec(text) ?? [];
      // Where files are and how many cores there are depends on the machine.
      if (shown === undefined || ['socket', 'admin', 'workers', 'decision-log'].includes(option.name()))
        continue;
      const value: unknown = option.parseArg === undefined ? shown : option.parseArg(shown, undefined);
      assert.equal(value, option.defaultValue, option.name());
    }
  });
});
