// A server under load as a child process: started, asked, and ended by its own pid, so that nothing outlives the bench.
// A terminal's Ctrl-C is for the bench, not for its servers; those of the bench's own also end when their standard
// input does, which is when the bench is gone, in whatever way.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { benchFile } from './paths.js';

/** Filling a daemon with very many orgs takes a while, and several on a busy machine. */
const START_TIMEOUT_MS = 300_000;
/** What a server may take to drain after SIGTERM. */
const STOP_TIMEOUT_MS = 10_000;
/** Enough of the log to explain a failed start. */
const KEPT_LINES = 20;

type LineListener = (line: string) => void;

export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #exited: Promise<void>;
  readonly #lastLines: string[] = [];
  readonly #listeners = new Set<LineListener>();
  #stopping: Promise<void> | undefined;

  private constructor(name: string, command: string, args: readonly string[]) {
    this.#name = name;
    // Standard error is passed on: a crash in the middle of a load explains itself.
    this.#child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
      env: { PATH: process.env['PATH'] },
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once('close', () => {
        resolve();
      });
    });
    this.#child.stdin?.on('error', () => undefined);
  }

  /**
   * Starts a server; resolves at the first line of its standard output that says that it is ready. Told to end early,
   * it rejects when the server is gone.
   */
  static async start(
    name: string,
    command: string,
    args: readonly string[],
    isReady: (line: string) => boolean,
    signal: AbortSignal,
  ): Promise<ServerProcess> {
    signal.throwIfAborted();
    const server = new ServerProcess(name, command, args);
    // One that isn't ready yet may be too busy to hear anything milder.
    const kill = (): void => {
      server.#child.kill('SIGKILL');
    };
    signal.addEventListener('abort', kill);
    try {
      const ready = server.#nextLine(isReady);
      server.#read();
      await ready;
    } catch (error) {
      await server.stop();
      throw error;
    } finally {
      signal.removeEventListener('abort', kill);
    }
    return server;
  }

  /** One of the bench's own servers, which says `ready`, and answers a line with a line. */
  static startOwn(
    name: string,
    file: string,
    args: readonly string[],
    signal: AbortSignal,
  ): Promise<ServerProcess> {
    const flags = ['--expose-gc', benchFile(file), ...args];
    return ServerProcess.start(name, process.execPath, flags, isReady, signal);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#name} was not started`);
    return this.#child.pid;
  }

  /** Calls back with every line of its standard output. */
  onLine(listener: LineListener): void {
    this.#listeners.add(listener);
  }

  /** Sends one of the bench's own servers a line, and gives the line that it answers. */
  async ask(question: string): Promise<string> {
    const answer = this.#nextLine(() => true);
    this.#child.stdin?.write(`${question}\n`);
    return answer;
  }

  /** SIGTERM, then SIGKILL for one that doesn't end; safe to call twice, and on one that has ended. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => {
      process.stderr.write(
        `${this.#name} didn't end within ${STOP_TIMEOUT_MS / 1000} s of SIGTERM: killed\n`,
      );
      this.#child.kill('SIGKILL');
    }, STOP_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  /** To the end, ready or not: a full pipe would hold the server up. */
  #read(): void {
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('a server must be spawned with a pipe');
    createInterface({ input: stdout }).on('line', (line) => {
      this.#lastLines.push(line);
      if (this.#lastLines.length > KEPT_LINES) this.#lastLines.shift();
      for (const listener of this.#listeners) listener(line);
    });
  }

  #nextLine(isIt: (line: string) => boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(listen);
        this.#child.off('close', onClose);
        this.#child.off('error', onError);
      };
      const fail = (what: string): void => {
        settle();
        reject(new Error([`${this.#name} ${what}`, ...this.#lastLines].join('\n')));
      };
      const listen = (line: string): void => {
        if (!isIt(line)) return;
        settle();
        resolve(line);
      };
      const onClose = (code: number | null, signal: NodeJS.Signals | null): void => {
        fail(`has ended (${signal ?? `exit code ${String(code)}`})`);
      };
      const onError = (error: Error): void => {
        fail(`can't be started: ${error.message}`);
      };
      const timer = setTimeout(fail, START_TIMEOUT_MS, `said nothing for ${START_TIMEOUT_MS / 1000} s`);
      this.#listeners.add(listen);
      this.#child.once('close', onClose);
      this.#child.once('error', onError);
    });
  }
}

/** What the bench's own servers say when they are. */
export function isReady(line: string): boolean {
  return line === 'ready';
}
