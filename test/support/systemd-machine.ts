// A real systemd as init of namespaces of its own (systemd-machine.sh), with signalbox installed in it as an operator
// does, and the means to look around in there. It is this machine's systemd, or that of the file system under
// SIGNALBOX_TEST_SYSTEMD_ROOT, for a version that this machine doesn't have.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { repositoryPath } from './paths.js';
import { type Output, run, whyNoSystemd } from './systemd-tools.js';
import { waitFor } from './wait-for.js';

/** A directory with another Linux in it, as debootstrap makes them; empty: this machine's own. */
const { SIGNALBOX_TEST_SYSTEMD_ROOT: ROOT = '' } = process.env;

const SCRIPT = repositoryPath('test/support/systemd-machine.sh');
const NAMESPACES = ['--pid', '--mount', '--uts', '--ipc', '--net', '--cgroup'];
const MAIN = '/usr/local/lib/node_modules/signalbox/dist/src/main.js';

export const GATEWAY_SOCKET = '/run/signalbox-gateway/gateway.sock';
export const ADMIN_SOCKET = '/run/signalbox-admin/admin.sock';

/** In /proc/PID/stat, behind the name: `utime stime cutime cstime`, in ticks. */
const UTIME = 11;
const MS_PER_TICK = 10;

/** Undefined: a machine can be started here. Otherwise why not. */
export async function whyNoMachine(): Promise<string | undefined> {
  const reason = await whyNoSystemd();
  if (reason !== undefined) return reason;
  if (process.getuid?.() !== 0) return 'only root may make the namespaces that a systemd needs';
  const { code, stderr } = await run('unshare', [
    '--fork',
    ...NAMESPACES,
    'mount',
    '-t',
    'tmpfs',
    'x',
    '/mnt',
  ]);
  return code === 0 ? undefined : `namespaces are refused here: ${stderr.trim()}`;
}

export class SystemdMachine {
  readonly #process: ChildProcess;
  readonly #pid: number;

  private constructor(child: ChildProcess, pid: number) {
    this.#process = child;
    this.#pid = pid;
  }

  /** Boots, and installs signalbox without starting it. */
  static async start(): Promise<SystemdMachine> {
    // However the test ends, the machine does too.
    const child = spawn(
      'setpriv',
      ['--pdeathsig', 'TERM', SCRIPT, repositoryPath('.'), process.execPath, ROOT],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    let pid: number | undefined;
    await waitFor(async () => {
      if (child.exitCode !== null) throw new Error(`the machine doesn't start: ${said}`);
      pid = await childOf(await childOf(child.pid));
      return pid !== undefined && (await readComm(pid)) === 'systemd';
    }, `a systemd in ${SCRIPT}: ${said}`);
    const machine = new SystemdMachine(child, pid ?? 0);
    await waitFor(
      async () => (await machine.run('systemctl is-active test.target')).stdout === 'active\n',
      'the target to be reached',
    );
    await machine.must(`node ${MAIN} install-systemd`);
    await machine.must('systemd-sysusers && systemctl daemon-reload');
    return machine;
  }

  /** Runs a shell command in there, as root. */
  run(command: string): Promise<Output> {
    const environment = ['env', '-i', 'PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL=C'];
    return run('nsenter', [
      ...['-t', String(this.#pid), '-m', '-p', '-i', '-u', '-n', '-C'],
      ...[...environment, 'sh', '-c', `cd /; ${command}`],
    ]);
  }

  /** What it prints. @throws if it fails. */
  async must(command: string): Promise<string> {
    const { code, stdout, stderr } = await this.run(command);
    if (code !== 0) throw new Error(`${command}: exit ${code}\n${stdout}${stderr}\n${await this.journal()}`);
    return stdout;
  }

  /** `signalbox` and what follows, by a program that runs others if one is given. */
  signalbox(command: string, by = ''): Promise<Output> {
    return this.run(`${by} node ${MAIN} ${command}`);
  }

  /** A property of the service. */
  async property(name: string): Promise<string> {
    return (await this.must(`systemctl show signalbox.service --property=${name} --value`)).trim();
  }

  async mainPid(): Promise<number> {
    return Number(await this.property('MainPID'));
  }

  /** What the service has used of the processors so far, in all its processes. */
  async serviceCpuMs(): Promise<number> {
    // Of the dead, init has what they used; it has no other children that die.
    const [ofTheDead, ofTheLiving] = await Promise.all([
      this.#cpuMs('1', 2),
      this.mainPid().then((pid) => (pid === 0 ? 0 : this.#cpuMs(String(pid), 0))),
    ]);
    return ofTheDead + ofTheLiving;
  }

  /** Of user and system, at this place after them. */
  async #cpuMs(pid: string, offset: number): Promise<number> {
    const { stdout } = await this.run(`cat /proc/${pid}/stat`);
    const fields = stdout
      .slice(stdout.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return ((fields[UTIME + offset] ?? 0) + (fields[UTIME + 1 + offset] ?? 0)) * MS_PER_TICK;
  }

  /** The lines of the service's log, with what `journalctl` is told too. */
  async journal(options = ''): Promise<string> {
    return (await this.run(`journalctl --unit=signalbox.service --output=cat --no-pager ${options}`)).stdout;
  }

  /** A path of the machine, from outside: sockets in there can be connected to. */
  path(inside: string): string {
    return `/proc/${this.#pid}/root${inside}`;
  }

  /** Ends it with everything in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return;
    this.#process.kill('SIGTERM');
    await once(this.#process, 'close');
  }
}

async function childOf(pid: number | undefined): Promise<number | undefined> {
  if (pid === undefined) return undefined;
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const [first] = text.trim().split(' ');
  return first === undefined || first === '' ? undefined : Number(first);
}

async function readComm(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
}
