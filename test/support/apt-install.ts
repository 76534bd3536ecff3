// Installs Debian packages where that needs nobody's help: on Debian and Ubuntu, as root. Says so on standard error.
// Many test files begin at once, so it is done under a lock.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run-program.js';

/** Held while packages are being installed. */
const INSTALL_LOCK = '/run/signalbox-tests.lock';

/** How much of a log goes into an error's text. */
const LOG_TAIL_CHARACTERS = 3000;

// An interrupted dpkg leaves a machine that somebody has to repair, so this runs to its end whatever becomes of the
// tests (which is why it logs to a file, not to a pipe); the lock is the kernel's, and is let go of when it ends in
// any way. A database's package would start the machine's own server, now and at every boot: neither is wanted.
const INSTALL = `
  PATH="$PATH:/usr/sbin:/sbin"
  if eval "$0"; then exit 0; fi
  echo "signalbox tests: installing $* with apt-get …" >&3
  exec 3>&-
  policy=/usr/sbin/policy-rc.d
  mark='written by the tests of signalbox'
  trap 'grep -qs "$mark" "$policy" && rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  [ -e "$policy" ] || { printf '#!/bin/sh\\n# %s: no service is started\\nexit 101\\n' "$mark" >"$policy"; chmod 755 "$policy"; }
  apt-get update
  apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=300 "$@" || exit 1
  systemctl disable --quiet mariadb.service
  exit 0
`;

/** Resolves when nobody is installing anything: what is being installed is there in part. */
export async function whenInstalled(): Promise<void> {
  if (existsSync(INSTALL_LOCK)) await run('flock', ['--shared', INSTALL_LOCK, 'true']);
}

/**
 * Does nothing where it can't be done; whoever needs the packages looks whether they are there.
 *
 * @param isThere a shell's condition that holds once they are, e.g. because somebody else was first.
 */
export async function installWithApt(packages: readonly string[], isThere: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  if (!['/usr/bin/flock', '/usr/bin/apt-get'].every((path) => existsSync(path))) return;
  const logFile = join(tmpdir(), `signalbox-install-${process.pid}.log`);
  const log = await open(logFile, 'wx');
  const installing = spawn('flock', [INSTALL_LOCK, 'sh', '-c', INSTALL, isThere, ...packages], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1' },
  });
  await once(installing, 'exit');
  await log.close();
  if (installing.exitCode !== 0) {
    throw new Error(
      `${packages.join(' and ')} can't be installed; do it by hand. ${logFile} ends with\n${await tailOf(logFile)}`,
    );
  }
  await rm(logFile);
}

export async function tailOf(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).slice(-LOG_TAIL_CHARACTERS);
}
