// The data plane as the main thread sees it: a Piscina pool with one task a connection, kept at its size. Piscina
// balances and replaces a crashed worker; what it doesn't do is here. It gives up refilling for good after one worker
// that failed to start, so a pool that stays too small is replaced (its live workers keep their connections); and its
// `close()` ends running tasks, so draining is a message of ours, and only `destroy()` is used.
import type { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import type { Log } from '../log.js';
import type { ConnectionTask, FromWorker, WorkerSettings } from '../worker/thread-messages.js';
import { type Backoff, nextBackoff } from '../backoff.js';

/** Connections of one worker; beyond it a client is refused, not queued. */
export const CONNECTIONS_PER_WORKER_MAX = 4096;

const SUPERVISION_INTERVAL_MS = 250;

/** A pool is given this long to replace a worker by itself. */
const REFILL_MS = 1000;

const DEFAULT_ENTRY = new URL('../worker/entry.cjs', import.meta.url);

/** A pool that was whole for this long starts with the shortest delay again. */
const RECOVERED_MS = 60_000;

export interface WorkerPoolOptions {
  readonly workers: number;
  readonly settings: WorkerSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly onMessage: (message: FromWorker) => void;
  /** What each worker runs; the tests have one that fails. */
  readonly entry?: URL;
}

interface Pool {
  readonly piscina: Piscina<ConnectionTask, undefined>;
  tasks: number;
}

export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #retired = new Set<Pool>();
  readonly #supervision: NodeJS.Timeout;
  readonly #reported = new WeakSet<Error>();
  #pool: Pool;
  #shortSinceMs: number | undefined;
  #replacements: Backoff | undefined;
  #destroyed: Promise<void> | undefined;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#pool = this.#create();
    this.#supervision = setInterval(() => {
      this.#supervise();
    }, SUPERVISION_INTERVAL_MS);
  }

  /** The threads, but for those of a replaced pool that only finish their connections. */
  get threads(): readonly Worker[] {
    return this.#pool.piscina.threads;
  }

  /** The ids of all threads that serve a connection or could. */
  get threadIds(): number[] {
    return [this.#pool, ...this.#retired].flatMap(({ piscina }) =>
      piscina.threads.map(({ threadId }) => threadId),
    );
  }

  /** Serves a connection; resolves when it has ended, and rejects if its worker did, or none has room. */
  async serve(task: ConnectionTask): Promise<void> {
    const pool = this.#pool;
    pool.tasks += 1;
    try {
      await pool.piscina.run(task);
    } catch (error) {
      this.#report(error);
      throw error;
    } finally {
      pool.tasks -= 1;
      if (pool.tasks === 0 && this.#retired.delete(pool)) await pool.piscina.destroy();
    }
  }

  /** Ends every worker now. */
  destroy(): Promise<void> {
    return (this.#destroyed ??= this.#destroyAll());
  }

  async #destroyAll(): Promise<void> {
    clearInterval(this.#supervision);
    await Promise.all([this.#pool, ...this.#retired].map((pool) => pool.piscina.destroy()));
  }

  #create(): Pool {
    const { workers, settings, onMessage, entry = DEFAULT_ENTRY } = this.#options;
    const piscina = new Piscina<ConnectionTask, undefined>({
      filename: entry.href,
      minThreads: workers,
      maxThreads: workers,
      concurrentTasksPerWorker: CONNECTIONS_PER_WORKER_MAX,
      // With the default, 'sync', an idle worker is blocked and hears no broadcast.
      atomics: 'disabled',
      // No worker has any use for the process's environment, which may hold secrets.
      env: {},
      workerData: settings,
      recordTiming: false,
    });
    piscina.on('message', onMessage);
    piscina.on('error', (error: unknown) => {
      this.#report(error);
    });
    return { piscina, tasks: 0 };
  }

  /** Once for a worker, though every connection that it had ends with the same error. */
  #report(error: unknown): void {
    if (this.#destroyed !== undefined || !(error instanceof Error) || this.#reported.has(error)) return;
    this.#reported.add(error);
    this.#options.log('error', 'worker.ended', `a worker ended: ${messageOf(error)}`, { stack: error.stack });
  }

  #supervise(): void {
    const now = this.#options.clock();
    if (this.threads.length >= this.#options.workers) {
      this.#shortSinceMs = undefined;
      if (now >= (this.#replacements?.retryAtMs ?? now) + RECOVERED_MS) this.#replacements = undefined;
      return;
    }
    this.#shortSinceMs ??= now;
    if (now - this.#shortSinceMs < REFILL_MS || now < (this.#replacements?.retryAtMs ?? 0)) return;
    this.#replacements = nextBackoff(this.#replacements, now, Math.random);
    this.#options.log(
      'error',
      'pool.replaced',
      `${this.threads.length} of ${this.#options.workers} workers run`,
    );
    this.#shortSinceMs = undefined;
    const small = this.#pool;
    this.#pool = this.#create();
    // Connections that wait for a worker in a pool without any are rejected by this, and go to the new one.
    if (small.tasks === 0 || small.piscina.threads.length === 0) void small.piscina.destroy();
    else this.#retired.add(small);
  }
}
