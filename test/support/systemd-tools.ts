// systemd's own programs for the tests, which are installed first where that needs nobody's help: on Debian and
// Ubuntu, as root. Nothing is skipped in silence: elsewhere the reason is given back, for the test to say.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

/** Held while a package is being installed; the tests of the database hold it too. */
const INSTALL_LOCK = '/run/signalbox-tests.lock';

const ANALYZE = '/usr/bin/systemd-analyze';
const MANAGER = '/lib/systemd/systemd';

const INSTALL = `
  [ ! -e ${ANALYZE} ] || exit 0
  apt-get update && apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=300 systemd
`;

const execute = promisify(execFile);

/** Undefined: they are there. Otherwise why they can't be had. */
export async function whyNoSystemd(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'systemd is for Linux only';
  if (!hasSystemd() && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.error('signalbox tests: installing systemd with apt-get …');
    await execute('flock', [INSTALL_LOCK, 'sh', '-c', INSTALL], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  }
  return hasSystemd()
    ? undefined
    : `there is no ${ANALYZE}: install systemd (as root on Debian and Ubuntu, the tests do it by themselves)`;
}

function hasSystemd(): boolean {
  return existsSync(ANALYZE) && existsSync(MANAGER);
}

/** What `systemd-analyze security` rates a service at in the end: from 0, safe, to 10. */
export function exposureLevel(report: string): number {
  const [, level] = /Overall exposure level for signalbox\.service: (\d+\.\d+)/.exec(report) ?? [];
  if (level === undefined) throw new Error(`there is no exposure level in ${report}`);
  return Number(level);
}

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function run(program: string, parameters: readonly string[]): Promise<Output> {
  try {
    const { stdout, stderr } = await execute(program, parameters, { maxBuffer: 64 * 1024 * 1024 });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
    if (typeof code !== 'number') throw error;
    return { code, stdout, stderr };
  }
}
