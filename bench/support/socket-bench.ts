// What the cases share that put load on sockets: the compiled tools, the servers and their requests. Everything that
// is started ends with its case. Servers that aren't their turn are idle and cost nothing; started anew for every turn
// they would be cold.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SignalboxClient } from '../../src/client/client.js';
import type { BenchContext } from './bench-case.js';
import { type LoadResult, type LoadShape, type LoadTarget, problemsOf, runLoad } from './load-tool.js';
import { compileNative } from './native.js';
import { signalboxMain } from './paths.js';
import { ORG, httpRequests, requestFrames, routeFileText } from './payloads.js';
import { ServerProcess, isReady } from './server-process.js';

/** A server under load. */
export interface Server extends LoadTarget {
  readonly process: ServerProcess;
}

export class SocketBench {
  readonly #context: BenchContext;
  readonly #loadBinary: string;
  #count = 0;

  private constructor(context: BenchContext, loadBinary: string) {
    this.#context = context;
    this.#loadBinary = loadBinary;
  }

  static async open(context: BenchContext): Promise<SocketBench> {
    return new SocketBench(context, await compileNative('generator'));
  }

  /** The limit: what the kernel, the machine and the load generator leave to anybody. */
  async startEcho(): Promise<Server> {
    const socketPath = this.#path('sock');
    const binary = await compileNative('echo');
    const server = await ServerProcess.start(
      'the C echo',
      binary,
      [socketPath],
      isReady,
      this.#context.signal,
    );
    return this.#keep(server, socketPath, await this.#payloads(requestFrames()), 'echo');
  }

  /**
   * `signalbox serve`, as an operator runs it; with the typical routes in a file unless told of a store.
   *
   * @param flags its own.
   * @param nodeFlags those of Node.
   */
  async startDaemon(
    workers: number,
    store?: string,
    flags: readonly string[] = [],
    nodeFlags: readonly string[] = [],
  ): Promise<Server> {
    const socketPath = this.#path('sock');
    const args = ['--store', store ?? (await this.#routeFile()), '--socket', socketPath];
    args.push('--workers', String(workers), ...flags);
    const server = await ServerProcess.start(
      `the daemon (--workers ${workers})`,
      process.execPath,
      [...nodeFlags, signalboxMain, 'serve', ...args],
      (line) => line.includes('"event":"ready"'),
      this.#context.signal,
    );
    const kept = this.#keep(server, socketPath, await this.#payloads(requestFrames()), 'frames');
    await untilItDecides(socketPath);
    return kept;
  }

  /** The daemon around a store in memory with very many orgs, and able to republish them: see busy-daemon.ts. */
  async startBusyDaemon(workers: number, orgs: number, asked: readonly string[]): Promise<Server> {
    const socketPath = this.#path('sock');
    const args = [socketPath, String(workers), String(orgs)];
    const server = await ServerProcess.startOwn(
      'the daemon with many orgs',
      'support/busy-daemon.js',
      args,
      this.#context.signal,
    );
    return this.#keep(server, socketPath, await this.#payloads(requestFrames(asked)), 'frames');
  }

  /** What a team would build instead: see http-server.ts. */
  async startHttpServer(engine: string): Promise<Server> {
    const socketPath = this.#path('sock');
    const server = await ServerProcess.startOwn(
      engine,
      'support/http-server.js',
      [socketPath, engine],
      this.#context.signal,
    );
    return this.#keep(server, socketPath, await this.#payloads(httpRequests()), 'http');
  }

  /** One load on one server. */
  load(
    server: Server,
    shape: LoadShape,
    seconds = this.#context.settings.loadSeconds,
    warmupSeconds = this.#context.settings.loadWarmupSeconds,
  ): Promise<LoadResult> {
    const { signal } = this.#context;
    return runLoad(server, shape, {
      binary: this.#loadBinary,
      durationSeconds: seconds,
      warmupSeconds,
      signal,
    });
  }

  /** Resolves when the daemon has taken a new connection and decided on it: nothing keeps its main thread. */
  settled({ socketPath }: Server): Promise<void> {
    return untilItDecides(socketPath);
  }

  /** The same load on each of the servers in turn, round by round; the results are in the order of the rounds. */
  async takeTurns<Name extends string>(
    servers: Readonly<Record<Name, Server>>,
    shape: LoadShape,
    seconds = this.#context.settings.loadSeconds,
  ): Promise<Record<Name, LoadResult[]>> {
    const { settings, say } = this.#context;
    const names = Object.keys(servers) as Name[];
    const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
      Name,
      LoadResult[]
    >;
    for (let round = 1; round <= settings.rounds; round += 1) {
      for (const name of names) {
        say(`${name}, round ${round} of ${settings.rounds}`);
        results[name].push(await this.load(servers[name], shape, seconds));
      }
    }
    return results;
  }

  #keep(process: ServerProcess, socketPath: string, payloadsPath: string, speaks: Server['speaks']): Server {
    this.#context.defer(() => process.stop());
    return { process, socketPath, payloadsPath, speaks };
  }

  /** A route file each: two daemons needn't agree on who may write to it. */
  async #routeFile(): Promise<string> {
    const path = this.#path('yaml');
    await writeFile(path, routeFileText());
    return `file:${path}`;
  }

  async #payloads(bytes: Buffer): Promise<string> {
    const path = this.#path('bin');
    await writeFile(path, bytes);
    return path;
  }

  #path(extension: string): string {
    this.#count += 1;
    return join(this.#context.directory, `${this.#count}.${extension}`);
  }
}

/** Its first decision needs a read of the store, which is not what is measured. */
async function untilItDecides(socketPath: string): Promise<void> {
  const client = new SignalboxClient({ socketPath, deadlineMs: 5000 });
  try {
    while ((await client.resolve({ orgId: ORG, model: 'gpt-4o' })).failOpen);
  } finally {
    await client.close();
  }
}

/** Everything that is wrong with these results, once. */
export function problemsOfAll(results: readonly LoadResult[]): string[] {
  return [...new Set(results.flatMap(problemsOf))];
}
