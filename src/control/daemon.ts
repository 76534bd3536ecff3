// The daemon's life, on the main thread: in which order its parts start, and how it ends with nothing lost. What
// starts in order stops in reverse. What the parts are is daemon-parts.ts.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import type { AdminBackend } from '../admin/backend.js';
import { SignalboxError } from '../errors.js';
import type { RouteStore } from '../store/route-store.js';
import type { CachingStore } from './cache/caching-store.js';
import { DataPlane } from './workers/data-plane.js';
import type { DaemonOptions } from './daemon-options.js';
import type { Tap } from './decision-taps.js';
import { type DaemonParts, composeDaemon } from './daemon-parts.js';
import { restoreKept } from './snapshot/kept-orgs.js';
import { DEFAULT_SOCKET_PERMISSIONS } from './sockets/socket-file.js';
import { SocketPathClaim } from './sockets/socket-path.js';
import { warmUp } from './warm-up.js';
import type { WorkerVitals } from './workers/watched-worker.js';

export type DaemonState = 'starting' | 'ready' | 'draining' | 'stopped' | 'failed';

const STORE_CLOSE_MS = 2000;

const WORKER_START_TIMEOUT_MS = 30_000;

export class Daemon {
  readonly #options: DaemonOptions;
  readonly #claim: SocketPathClaim | undefined;
  readonly #store: RouteStore;
  readonly #dataPlane: DataPlane;
  readonly #parts: DaemonParts;
  #state: DaemonState = 'starting';
  #closing: Promise<void> | undefined;
  #endDrain: () => void = () => undefined;

  private constructor(
    options: DaemonOptions,
    claim: SocketPathClaim | undefined,
    store: RouteStore,
    dataPlane: DataPlane,
  ) {
    this.#options = options;
    this.#claim = claim;
    this.#store = store;
    this.#dataPlane = dataPlane;
    this.#parts = composeDaemon(options, store, dataPlane, this);
  }

  /**
   * Starts a daemon; it is ready, which is to say it can decide, when this resolves. The store is the daemon's from
   * then on, and closed with it; if this rejects, it is the caller's.
   *
   * @throws SignalboxError `configuration` if the socket path can't be had, `internal` if no worker starts.
   */
  static async start(options: DaemonOptions): Promise<Daemon> {
    const { socketPath, inheritedSockets = [] } = options;
    const claim = inheritedSockets.length > 0 ? undefined : await SocketPathClaim.take(socketPath);
    const dataPlane = new DataPlane(options);
    let openedStore: RouteStore;
    try {
      openedStore = await options.store;
    } catch (error) {
      await dataPlane.destroy();
      await claim?.release();
      throw error;
    }
    const daemon = new Daemon(options, claim, openedStore, dataPlane);
    const { store, snapshot, feed, publisher, acceptor } = daemon.#parts;
    const { roll, pool } = dataPlane;
    try {
      const kept = (await snapshot?.load()) ?? [];
      restoreKept(kept, store.cache);
      await feed.start();
      await daemon.#firstWorker();
      await options.listenAfter;
      const orgIds = kept.map(({ routes }) => routes.orgId);
      await warmUp(orgIds, publisher, roll.whenReady(options.workers));
      await roll.sync(pool.threadIds);
      for (const fd of inheritedSockets) await acceptor.listenOn(fd);
      const { socketPermissions = DEFAULT_SOCKET_PERMISSIONS } = options;
      if (claim !== undefined) await acceptor.listen(claim.path, socketPermissions);
    } catch (error) {
      daemon.#state = 'failed';
      await daemon.#release();
      throw error;
    }
    daemon.#state = 'ready';
    return daemon;
  }

  get state(): DaemonState {
    return this.#state;
  }

  /** What the admin API stands on. */
  get admin(): AdminBackend {
    return this.#parts.admin;
  }

  get store(): CachingStore {
    return this.#parts.store;
  }

  /** The worker threads that exist now. */
  get workers(): readonly Worker[] {
    return this.#dataPlane.pool.threads;
  }

  /** How each worker is, as the main thread sees it. */
  get vitals(): readonly WorkerVitals[] {
    return this.#dataPlane.pool.vitals;
  }

  /** Workers that were found to hang and are being ended. */
  get stuckWorkers(): number {
    return this.#dataPlane.pool.stuckWorkers;
  }

  get connections(): number {
    return this.#parts.acceptor.connections;
  }

  /** Shows decisions until what it returns is called. */
  tap(tap: Tap): () => void {
    return this.#dataPlane.taps.open(tap);
  }

  /**
   * Accepts no more, asks every client to go elsewhere, answers what comes until they have, but for no longer than
   * the drain timeout. Idempotent.
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#drain());
  }

  /** Ends now, whatever is under way. Idempotent. */
  async destroy(): Promise<void> {
    const closing = this.close();
    this.#endDrain();
    await closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #drain(): Promise<void> {
    const { drainTimeoutMs, log } = this.#options;
    const { acceptor, snapshot } = this.#parts;
    this.#state = 'draining';
    log('info', 'drain.begin', `${this.connections} connections are asked to go elsewhere`);
    acceptor.close();
    this.#dataPlane.broadcast.drain();
    let timer: NodeJS.Timeout | undefined;
    const isOver = new Promise<void>((resolve) => {
      this.#endDrain = resolve;
      timer = setTimeout(resolve, drainTimeoutMs);
    });
    await Promise.race([acceptor.whenIdle(), isOver]);
    clearTimeout(timer);
    if (this.connections > 0) log('warn', 'drain.forced', `${this.connections} connections are cut`);
    await this.#release();
    await snapshot?.close();
    // A store that hangs has nothing that would be lost.
    await Promise.race([this.#store.close(), sleep(STORE_CLOSE_MS)]);
    this.#state = 'stopped';
    log('info', 'stopped', 'ended');
  }

  async #release(): Promise<void> {
    const { acceptor, feed } = this.#parts;
    acceptor.close();
    await this.#dataPlane.pool.destroy();
    feed.close();
    this.#dataPlane.broadcast.close();
    await this.#claim?.release();
  }

  async #firstWorker(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const seconds = WORKER_START_TIMEOUT_MS / 1000;
        reject(new SignalboxError('internal', `no worker started within ${seconds} s; the log says why`));
      }, WORKER_START_TIMEOUT_MS);
    });
    await Promise.race([this.#dataPlane.roll.first, late]);
    clearTimeout(timer);
  }
}
