// The servers under load as child processes: the real daemon, and the C echo that it is compared with. Each is ended by
// its own pid, and nothing here outlives the bench.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { signalboxMain } from './paths.js';

const startTimeoutMs = 15_000;
/** What a server may take to drain after SIGTERM. */
const stopTimeoutMs = 10_000;
/** Enough of the log to explain a failed start. */
const keptLines = 20;

export interface DaemonOptions {
  readonly routeFile: string;
  readonly socketPath: string;
  readonly workers: number;
}

export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #exited: Promise<void>;
  readonly #lastLines: string[] = [];
  #stopping: Promise<void> | undefined;

  private constructor(name: string, command: string, args: readonly string[]) {
    this.#name = name;
    // Standard error is passed on: a crash in the middle of a load explains itself.
    this.#child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'] },
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once('close', () => {
        resolve();
      });
    });
  }

  /** Starts a server; resolves at the first line of its standard output that says that it is ready. */
  static async start(
    name: string,
    command: string,
    args: readonly string[],
    isReady: (line: string) => boolean,
  ): Promise<ServerProcess> {
    const server = new ServerProcess(name, command, args);
    try {
      await server.#waitUntilReady(isReady);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** SIGTERM, then SIGKILL for one that doesn't end; safe to call twice, and on one that has ended. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => {
      process.stderr.write(`${this.#name} didn't end within ${stopTimeoutMs / 1000} s of SIGTERM: killed\n`);
      this.#child.kill('SIGKILL');
    }, stopTimeoutMs);
    await this.#exited;
    clearTimeout(timer);
  }

  #waitUntilReady(isReady: (line: string) => boolean): Promise<void> {
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('a server must be spawned with a pipe');
    return new Promise((resolve, reject) => {
      const fail = (what: string): void => {
        clearTimeout(timer);
        reject(new Error([`${this.#name} ${what}`, ...this.#lastLines].join('\n')));
      };
      const timer = setTimeout(fail, startTimeoutMs, `wasn't ready within ${startTimeoutMs / 1000} s`);
      this.#child.once('error', (error) => {
        fail(`can't be started: ${error.message}`);
      });
      this.#child.once('close', (code, signal) => {
        fail(`ended before it was ready (${signal ?? `exit code ${code}`})`);
      });
      // Read to the end, ready or not: a full pipe would hold the server up.
      createInterface({ input: stdout }).on('line', (line) => {
        this.#lastLines.push(line);
        if (this.#lastLines.length > keptLines) this.#lastLines.shift();
        if (!isReady(line)) return;
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

export function startDaemon({ routeFile, socketPath, workers }: DaemonOptions): Promise<ServerProcess> {
  const flags = ['--store', `file:${routeFile}`, '--socket', socketPath, '--workers', String(workers)];
  return ServerProcess.start(
    `the daemon (--workers ${workers})`,
    process.execPath,
    [signalboxMain, 'serve', ...flags],
    saysReady,
  );
}

export function startEcho(binary: string, socketPath: string): Promise<ServerProcess> {
  return ServerProcess.start('the C echo', binary, [socketPath], (line) => line === 'ready');
}

function saysReady(line: string): boolean {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null && 'event' in entry && entry.event === 'ready';
  } catch {
    return false;
  }
}
