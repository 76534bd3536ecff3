// `signalbox install-systemd`: puts the units, and settings to begin with, where systemd finds them. Whatever is the
// operator's stays as it is, so that it can be run again after every upgrade.
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { integerFrom } from '../config.js';
import { SignalboxError } from '../errors.js';
import { installFiles, removeFiles } from './systemd/install-files.js';
import { filesToInstall, filesToRemove } from './systemd/installation.js';
import { packageDirectory } from './version.js';

interface Flags {
  readonly prefix: string;
  readonly hostLocal?: true;
  readonly dryRun?: true;
  readonly systemdVersion?: number;
}

const VERSION_MAX = 9999;

const NEXT = `
Then, as root:
  systemd-sysusers
  systemctl daemon-reload
  systemctl enable --now signalbox.socket signalbox-admin.socket signalbox.service
or, after an upgrade:
  systemctl daemon-reload
  systemctl restart signalbox.service`;

export function installSystemdCommand(): Command {
  return new Command('install-systemd')
    .description('put the systemd units in place, and settings to begin with; run it again after an upgrade')
    .option('--prefix <dir>', 'units go to DIR/lib/systemd/system, settings to /etc/signalbox', '/usr/local')
    .option('--host-local', 'all is on Unix sockets, the database too: take the network away from the daemon')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option(
      '--systemd-version <n>',
      'of the systemd that is to run it (default: that of this machine)',
      integerFrom(1, VERSION_MAX),
    )
    .action(install);
}

async function install({ prefix, hostLocal, dryRun, systemdVersion }: Flags): Promise<void> {
  const isDryRun = dryRun === true;
  const files = filesToInstall({
    prefix: resolve(prefix),
    systemdVersion: systemdVersion ?? (await installedVersion()),
    hostLocal: hostLocal === true,
    packageDirectory: packageDirectory(),
    shippedFiles: join(packageDirectory(), 'systemd'),
    node: process.execPath,
  });
  const tell = (line: string): void => console.log(line);
  await installFiles(files, { isDryRun, tell });
  await removeFiles(filesToRemove(files), { isDryRun, tell });
  tell(isDryRun ? '\nThis was a dry run: nothing was written.' : NEXT);
}

/** The first line is `systemd 252 (252.38-1~deb12u1)`. */
async function installedVersion(): Promise<number> {
  const { stdout } = await promisify(execFile)('systemctl', ['--version']).catch(() => ({ stdout: '' }));
  const [, version] = /^systemd (\d+)/.exec(stdout) ?? [];
  if (version === undefined) {
    throw new SignalboxError(
      'configuration',
      'there is no systemctl that says its version: give --systemd-version',
    );
  }
  return Number(version);
}
