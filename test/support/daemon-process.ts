// Runs a real `signalbox serve` as a child process for the end-to-end tests: a directory of its own for the
// route file and the socket, its log lines as objects, and an end that leaves nothing behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { signalboxMain } from './paths.js';

/** One line of the daemon's log. Lines that aren't JSON (a crash's stack, say) arrive as `{ event: 'text', msg }`. */
export interface LogLine {
  readonly event?: string;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

export interface DaemonOptions {
  /** The text of the route file that the daemon is started with. */
  readonly routes?: string;
  /** More flags of `signalbox serve`, e.g. `['--workers', '1']`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A program that runs the daemon in its place, e.g. `['prlimit', '--nofile=64']`. */
  readonly through?: readonly string[];
  /** Sockets that it inherits, as from a service manager. */
  readonly sockets?: readonly { readonly name: string; readonly fd: number }[];
  /** Return without waiting for the daemon to be ready: for starts that are expected to fail. */
  readonly dontWait?: boolean;
}

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class DaemonProcess {
  readonly logs: LogLine[] = [];
  readonly exited: Promise<ExitStatus>;
  /** What it wrote to standard error, so far. */
  stderr = '';
  readonly #watchers = new Set<() => void>();
  #status: ExitStatus | undefined;

  constructor(
    readonly child: ChildProcess,
    readonly directory: string,
    readonly socketPath: string,
    readonly routeFile: string,
  ) {
    const { stdout, stderr } = child;
    if (stdout === null || stderr === null) throw new Error('the daemon must be spawned with pipes');
    createInterface({ input: stdout }).on('line', (line) => {
      this.#add(line);
    });
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.exited = once(child, 'close').then(([code, signal]) => {
      this.#status = { code: code as number | null, signal: signal as NodeJS.Signals | null };
      for (const watcher of this.#watchers) watcher();
      return this.#status;
    });
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the daemon was not spawned');
    return this.child.pid;
  }

  /** The first log line with that event, now or later; fails if the daemon ends without one. */
  async waitForLog(event: string, after = 0): Promise<LogLine> {
    for (;;) {
      const found = this.logs.slice(after).find((line) => line.event === event);
      if (found !== undefined) return found;
      if (this.#status !== undefined) {
        throw new Error(
          `the daemon ended (${JSON.stringify(this.#status)}) without logging "${event}":\n${this.stderr}${JSON.stringify(this.logs, null, 1)}`,
        );
      }
      await new Promise<void>((resolve) => {
        const watcher = (): void => {
          this.#watchers.delete(watcher);
          resolve();
        };
        this.#watchers.add(watcher);
      });
    }
  }

  /** Ends it (SIGTERM unless told), waits for its end and removes its directory. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<ExitStatus> {
    if (this.#status === undefined) this.child.kill(signal);
    const status = await this.exited;
    await rm(this.directory, { recursive: true, force: true });
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #add(line: string): void {
    let parsed: LogLine;
    try {
      parsed = JSON.parse(line) as LogLine;
    } catch {
      parsed = { event: 'text', msg: line };
    }
    this.logs.push(parsed);
    for (const watcher of this.#watchers) watcher();
  }
}

/** What is answered is not to depend on how busy the machine is; tests of that say otherwise. */
const PATIENCE = { SIGNALBOX_RESOLVE_TIMEOUT: '20s' };

/** Starts a daemon and, unless told otherwise, waits until it says that it is ready. */
export async function startDaemonProcess(options: DaemonOptions = {}): Promise<DaemonProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  const socketPath = join(directory, 'gateway.sock');
  const routeFile = join(directory, 'routes.yaml');
  await writeFile(routeFile, options.routes ?? 'orgs: {}\n');
  const { sockets = [], through = [] } = options;
  const inherited =
    sockets.length === 0
      ? {}
      : { LISTEN_FDS: String(sockets.length), LISTEN_FDNAMES: sockets.map(({ name }) => name).join(':') };
  const child = spawn(
    'sh',
    [
      // Sockets are passed on to one process, whose number is known only when there is one.
      ...['-c', 'if [ -n "$LISTEN_FDS" ]; then export LISTEN_PID=$$; fi; exec "$@"', 'sh'],
      ...through,
      process.execPath,
      signalboxMain,
      'serve',
      ...['--store', `file:${routeFile}`, '--socket', socketPath, '--workers', '2'],
      ...(options.args ?? []),
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe', ...sockets.map(({ fd }) => fd)],
      env: { PATH: process.env['PATH'], ...PATIENCE, ...inherited, ...options.env },
    },
  );
  const daemon = new DaemonProcess(child, directory, socketPath, routeFile);
  if (options.dontWait !== true) {
    try {
      await daemon.waitForLog('ready');
    } catch (error) {
      await daemon.stop('SIGKILL');
      throw error;
    }
  }
  return daemon;
}
