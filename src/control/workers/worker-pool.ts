// The data plane as the main thread sees it: a Piscina pool with one task a connection, kept at its size. Piscina
// balances and replaces a crashed worker; what it doesn't do is here. It gives up refilling for good after one worker
// that failed to start, so a pool that stays too small is replaced (its live workers keep their connections); it
// doesn't notice a worker that hangs, so all are watched; and its `close()` ends running tasks, so draining is a
// message of ours, and only `destroy()` is used.
import type { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { Clock } from '../../clock.js';
import { SignalboxError } from '../../errors.js';
import type { Log } from '../../log.js';
import type { ConnectionTask, FromWorker, WorkerSettings } from '../../worker/thread-messages.js';
import { CrashLoop } from './crash-loop.js';
import { PoolShortage } from './pool-shortage.js';
import {
  LOOK_INTERVAL_MS,
  STUCK_AFTER_MS,
  WatchedWorker,
  type WorkerEnd,
  type WorkerVitals,
} from './watched-worker.js';

/** Connections of one worker; beyond it a client is refused, not queued. */
export const CONNECTIONS_PER_WORKER_MAX = 4096;

/** Without any worker for this long, whatever is wrong may end with the process. */
const WORKERLESS_MAX_MS = 60_000;

/** A worker that was ended and still runs after this long is in a system call, and there is no other way out. */
const ENDING_MAX_MS = 5000;

/**
 * Several times what a worker needs for all orgs that the daemon keeps: one that gets there leaks or is attacked, and
 * it ends alone, before the kernel ends the process.
 */
const DEFAULT_HEAP_MB = 2048;

/**
 * Of it, for objects that are new: four megabytes are filled before the survivors among them are copied, while nobody is
 * answered. When tens of thousands of orgs come into use at once nearly all of them survive, and of the 16 that are Node's
 * default that takes tens of milliseconds; with one, all copying together takes longer. A decision leaves next to nothing
 * behind, and costs the same with either.
 */
const NEW_OBJECTS_MB = 12;

const DEFAULT_ENTRY = new URL('../../worker/entry.cjs', import.meta.url);

export interface WorkerPoolOptions {
  readonly workers: number;
  readonly settings: WorkerSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly onMessage: (message: FromWorker) => void;
  /** A worker has hung or died while it decided for that org. */
  readonly onStopped: (orgId: string) => void;
  /** The workers can't be kept alive: nothing but a new process helps. Called once at most. */
  readonly onHopeless: (error: SignalboxError) => void;
  /** What each worker runs; the tests have some that fail. */
  readonly entry?: URL | undefined;
  /** JavaScript memory of one worker, which is ended when it needs more. */
  readonly heapMb?: number | undefined;
}

interface Pool {
  readonly piscina: Piscina<ConnectionTask, undefined>;
  tasks: number;
}

export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #retired = new Set<Pool>();
  /** Every thread of these pools that exists, by its id. */
  readonly #watched = new Map<number, WatchedWorker>();
  readonly #ends: Record<WorkerEnd, number> = { crashed: 0, out_of_memory: 0, stuck: 0, not_started: 0 };
  readonly #crashLoop: CrashLoop;
  readonly #shortage = new PoolShortage();
  readonly #supervision: NodeJS.Timeout;
  #pool: Pool;
  #lookedAtMs: number;
  #workerlessMs = 0;
  #isHopeless = false;
  #destroyed: Promise<void> | undefined;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#crashLoop = new CrashLoop(options.clock, options.workers);
    this.#pool = this.#create();
    process.on('worker', this.#watch);
    this.#lookedAtMs = options.clock();
    this.#supervision = setInterval(() => {
      this.#supervise();
    }, LOOK_INTERVAL_MS);
  }

  /** The threads, but for those of a replaced pool that only finish their connections. */
  get threads(): readonly Worker[] {
    return this.#pool.piscina.threads;
  }

  /** The ids of all threads that serve a connection or could. */
  get threadIds(): number[] {
    return this.#pools.flatMap(({ piscina }) => piscina.threads.map(({ threadId }) => threadId));
  }

  /** How each worker is, those of replaced pools included. */
  get vitals(): readonly WorkerVitals[] {
    return [...this.#watched.values()].map(({ vitals }) => vitals);
  }

  /** Workers that were found to hang and are being ended. */
  get stuckWorkers(): number {
    return [...this.#watched.values()].filter(({ isStuck }) => isStuck).length;
  }

  /** How many workers have come to an unwanted end, since the start. */
  get ends(): Readonly<Record<WorkerEnd, number>> {
    return this.#ends;
  }

  /** False: no worker could be started, and none will be for a while. */
  get hasWorkers(): boolean {
    return this.threads.length > 0;
  }

  /**
   * Serves a connection; resolves when it has ended, and rejects if its worker did, or none has room.
   *
   * @throws SignalboxError `unavailable` if there is no worker.
   */
  async serve(task: ConnectionTask): Promise<void> {
    // Piscina would start another worker for every task that it has none for.
    if (!this.hasWorkers) throw new SignalboxError('unavailable', 'no worker runs; the log says why');
    const pool = this.#pool;
    pool.tasks += 1;
    try {
      await pool.piscina.run(task);
    } finally {
      pool.tasks -= 1;
      if (pool.tasks === 0 && this.#retired.delete(pool)) await this.#dismiss(pool);
    }
  }

  /** Resolves when the thread of that id is gone, and everything that it had open is closed. */
  async whenGone(threadId: number): Promise<void> {
    await this.#watched.get(threadId)?.exited;
  }

  /** Ends every worker now. */
  destroy(): Promise<void> {
    return (this.#destroyed ??= this.#destroyAll());
  }

  async #destroyAll(): Promise<void> {
    clearInterval(this.#supervision);
    process.off('worker', this.#watch);
    await Promise.all(this.#pools.map((pool) => pool.piscina.destroy()));
  }

  /** Ends a replaced pool. Its workers have no connections, and are none that crashed. */
  async #dismiss({ piscina }: Pool): Promise<void> {
    for (const { threadId } of piscina.threads) this.#watched.get(threadId)?.dismiss();
    await piscina.destroy();
  }

  get #pools(): Pool[] {
    return [this.#pool, ...this.#retired];
  }

  #create(): Pool {
    const { workers, settings, onMessage, entry = DEFAULT_ENTRY, heapMb = DEFAULT_HEAP_MB } = this.#options;
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
      resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: NEW_OBJECTS_MB },
      recordTiming: false,
    });
    piscina.on('message', onMessage);
    // The worker's own 'exit' says the same, and more.
    piscina.on('error', () => undefined);
    return { piscina, tasks: 0 };
  }

  /** Node tells of every new thread of the process; Piscina tells of some of its own, and late. */
  readonly #watch = (worker: Worker): void => {
    if (!this.#pools.some(({ piscina }) => piscina.threads.includes(worker))) return;
    const watched = new WatchedWorker(worker);
    this.#watched.set(watched.threadId, watched);
    void watched.exited.then(({ code, end }) => {
      this.#watched.delete(watched.threadId);
      this.#note(watched, code, end);
    });
  };

  #note(worker: WatchedWorker, code: number, end: WorkerEnd): void {
    if (this.#destroyed !== undefined || (worker.isDismissed && end !== 'stuck')) return;
    const { threadId, error, decidingFor } = worker;
    this.#ends[end] += 1;
    if (decidingFor !== undefined) this.#options.onStopped(decidingFor);
    this.#options.log('error', 'worker.ended', worker.describeEnd(code, end), {
      threadId,
      code,
      end,
      stack: error?.stack,
    });
    // Nobody will serve what waits in a pool without workers: it must learn that at once.
    if (!this.hasWorkers) void this.#pool.piscina.destroy();
    // A file that is missing is no better found by another process; what can't be started is tried for longer.
    if (end !== 'not_started' && this.#crashLoop.note()) {
      this.#giveUp(this.#crashLoop.text);
      // Piscina would go on to replace them, for as long as the process lives; gateways are better told at once.
      void this.destroy();
    }
  }

  #supervise(): void {
    const now = this.#options.clock();
    const elapsedMs = now - this.#lookedAtMs;
    this.#lookedAtMs = now;
    for (const worker of this.#watched.values()) {
      const wasStuck = worker.isStuck;
      const silentMs = worker.look(elapsedMs);
      if (!worker.isStuck) continue;
      if (!wasStuck) this.#reportStuck(worker.threadId, silentMs);
      if (silentMs >= STUCK_AFTER_MS + ENDING_MAX_MS)
        this.#giveUp(`worker ${worker.threadId} can't be ended`);
    }
    this.#workerlessMs = this.hasWorkers ? 0 : this.#workerlessMs + Math.min(elapsedMs, LOOK_INTERVAL_MS);
    if (this.#workerlessMs >= WORKERLESS_MAX_MS) this.#giveUp('no worker starts');
    this.#refill(now);
  }

  #reportStuck(threadId: number, silentMs: number): void {
    this.#options.log('error', 'worker.stuck', `worker ${threadId} hangs, and is ended`, {
      threadId,
      silentMs: Math.round(silentMs),
    });
  }

  #giveUp(why: string): void {
    if (this.#isHopeless) return;
    this.#isHopeless = true;
    this.#options.onHopeless(new SignalboxError('internal', why));
  }

  /** Replaces a pool that doesn't come back to its size by itself. */
  #refill(now: number): void {
    const { workers, log } = this.#options;
    if (this.threads.length >= workers) {
      this.#shortage.end(now);
      return;
    }
    if (!this.#shortage.isReplacementDue(now)) return;
    log('error', 'pool.replaced', `${this.threads.length} of ${workers} workers run`);
    const small = this.#pool;
    this.#pool = this.#create();
    // Connections that wait for a worker in a pool without any are rejected by this, and go to the new one.
    if (small.tasks === 0 || small.piscina.threads.length === 0) void this.#dismiss(small);
    else this.#retired.add(small);
  }
}
