// The daemon's life, on the main thread: what it is made of, in which order it starts, and how it ends with nothing
// lost. What starts in order stops in reverse.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { BroadcastChannel, type Worker } from 'node:worker_threads';
import type { Clock } from '../clock.js';
import { SignalboxError } from '../errors.js';
import type { Log } from '../log.js';
import type { AdminBackend } from '../admin/backend.js';
import { DaemonBackend } from './daemon-backend.js';
import type { RouteStore } from '../store/route-store.js';
import type { FromWorker, ToWorkers } from '../worker/thread-messages.js';
import { Acceptor } from './acceptor.js';
import { CachingStore } from './caching-store.js';
import { ChangeFeed } from './change-feed.js';
import { openFileLimit } from './file-descriptors.js';
import type { OrgCache } from './org-cache.js';
import { Publisher } from './publisher.js';
import type { SnapshotOrg } from './snapshot-file.js';
import { SnapshotKeeper } from './snapshot-keeper.js';
import { SocketPathClaim } from './socket-path.js';
import { StoreHealth } from './store-health.js';
import { WorkerRoll } from './worker-roll.js';
import { CONNECTIONS_PER_WORKER_MAX, WorkerPool } from './worker-pool.js';

export interface DaemonOptions {
  readonly store: RouteStore;
  /** What the store is, for people; without a password. */
  readonly storeUrl: string;
  readonly socketPath: string;
  readonly workers: number;
  readonly ttlMs: number;
  readonly maxStaleMs: number;
  readonly resolveTimeoutMs: number;
  readonly maxFrameBytes: number;
  readonly drainTimeoutMs: number;
  /** Where the last good routes are kept for a start without the store; undefined: nowhere. */
  readonly snapshotPath?: string | undefined;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
}

export type DaemonState = 'starting' | 'ready' | 'draining' | 'stopped' | 'failed';

/** A hundred thousand orgs of 20 routes fit in a sane process. */
const KNOWN_ORGS_MAX = 200_000;

/** Ids that the store doesn't know cost only each other. */
const UNKNOWN_ORGS_MAX = 10_000;

/** A store that answers later than this is as good as down. */
const LOAD_TIMEOUT_MS = 5000;

/** The part of the resolve timeout after which a request gets the last good table rather than a newer one. */
const PATIENCE = 0.8;

/** Descriptors that aren't connections: the store's, the log's, the workers' own. */
const RESERVED_DESCRIPTORS = 256;

const STORE_CLOSE_MS = 2000;

/** Changed orgs that are read again at a time. The others are read when they are asked for. */
const REFRESHES_MAX = 16;

const WORKER_START_TIMEOUT_MS = 30_000;

export class Daemon {
  /** What the admin API stands on. */
  readonly admin: AdminBackend;
  readonly store: CachingStore;
  readonly #options: DaemonOptions;
  readonly #claim: SocketPathClaim;
  readonly #channel: BroadcastChannel;
  readonly #snapshot: SnapshotKeeper | undefined;
  readonly #publisher: Publisher;
  readonly #roll: WorkerRoll;
  readonly #health: StoreHealth;
  readonly #feed: ChangeFeed;
  readonly #pool: WorkerPool;
  readonly #acceptor: Acceptor;
  #state: DaemonState = 'starting';
  #isReleased = false;
  #closing: Promise<void> | undefined;
  #endDrain: () => void = () => undefined;

  private constructor(options: DaemonOptions, claim: SocketPathClaim) {
    const { clock, log, workers } = options;
    this.#options = options;
    this.#claim = claim;
    this.#health = new StoreHealth(log, clock);
    const broadcast = (message: ToWorkers): void => {
      this.#broadcast(message);
    };
    this.#roll = new WorkerRoll(broadcast);
    const channelName = `signalbox-${randomUUID()}`;
    this.#channel = new BroadcastChannel(channelName);
    this.store = new CachingStore(options.store, {
      clock,
      random: Math.random,
      ttlMs: options.ttlMs,
      maxStaleMs: options.maxStaleMs,
      loadTimeoutMs: LOAD_TIMEOUT_MS,
      patienceMs: options.resolveTimeoutMs * PATIENCE,
      maxKnownOrgs: KNOWN_ORGS_MAX,
      maxUnknownOrgs: UNKNOWN_ORGS_MAX,
      onEvict: (orgId) => {
        this.#publisher.drop(orgId);
      },
      onInvalidate: (orgId) => {
        this.#publisher.expire(orgId);
      },
      onLoad: (orgId, failure, isNew) => {
        this.#health.note(orgId, failure);
        if (failure === undefined) this.#snapshot?.note(isNew);
      },
      onFlawed: ({ orgId, refused = [] }) => {
        log(
          'error',
          'store.refused',
          `${refused.length} routes of an org are left out, for they are no routes`,
          {
            orgId,
            refused,
          },
        );
      },
    });
    const { cache } = this.store;
    this.#snapshot =
      options.snapshotPath === undefined
        ? undefined
        : new SnapshotKeeper({ path: options.snapshotPath, orgs: () => snapshotOrgs(cache), log });
    this.#publisher = new Publisher(cache, broadcast);
    const onChanged = (orgIds: readonly string[]): void => {
      void this.#takeChanges(orgIds);
    };
    this.#feed = new ChangeFeed(options.store, onChanged, log);
    this.#pool = new WorkerPool({
      workers,
      settings: {
        channel: channelName,
        version: options.version,
        resolveTimeoutMs: options.resolveTimeoutMs,
        maxFrameBytes: options.maxFrameBytes,
      },
      clock,
      log,
      onMessage: (message) => {
        this.#receive(message);
      },
    });
    this.#acceptor = new Acceptor({
      serve: (task) => this.#pool.serve(task),
      maxConnections: Math.max(
        1,
        Math.min(workers * CONNECTIONS_PER_WORKER_MAX, openFileLimit() - RESERVED_DESCRIPTORS),
      ),
      clock,
      log,
    });
    this.admin = new DaemonBackend({
      options,
      daemon: this,
      store: this.store,
      health: this.#health,
      feed: this.#feed,
      publish: (orgId) => this.#publisher.refresh(orgId),
      sync: () => this.#roll.sync(this.#pool.threadIds),
    });
  }

  /**
   * Starts a daemon; it is ready, which is to say it can decide, when this resolves. The store is the daemon's from
   * then on, and closed with it; if this rejects, it is the caller's.
   *
   * @throws SignalboxError `configuration` if the socket path can't be had, `internal` if no worker starts.
   */
  static async start(options: DaemonOptions): Promise<Daemon> {
    const claim = await SocketPathClaim.take(options.socketPath);
    const daemon = new Daemon(options, claim);
    try {
      await daemon.#restore();
      await daemon.#feed.start();
      await daemon.#firstWorker();
      await daemon.#acceptor.listen(options.socketPath);
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

  /** The worker threads that exist now. */
  get workers(): readonly Worker[] {
    return this.#pool.threads;
  }

  get connections(): number {
    return this.#acceptor.connections;
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
    this.#state = 'draining';
    log('info', 'drain.begin', `${this.connections} connections are asked to go elsewhere`);
    this.#acceptor.close();
    this.#broadcast({ type: 'drain' });
    let timer: NodeJS.Timeout | undefined;
    const isOver = new Promise<void>((resolve) => {
      this.#endDrain = resolve;
      timer = setTimeout(resolve, drainTimeoutMs);
    });
    await Promise.race([this.#acceptor.whenIdle(), isOver]);
    clearTimeout(timer);
    if (this.connections > 0) log('warn', 'drain.forced', `${this.connections} connections are cut`);
    await this.#release();
    await this.#snapshot?.close();
    // A store that hangs has nothing that would be lost.
    await Promise.race([this.#options.store.close(), sleep(STORE_CLOSE_MS)]);
    this.#state = 'stopped';
    log('info', 'stopped', 'ended');
  }

  async #release(): Promise<void> {
    this.#acceptor.close();
    await this.#pool.destroy();
    this.#feed.close();
    this.#isReleased = true;
    this.#channel.close();
    await this.#claim.release();
  }

  /** What changed and is in use is out of date at once, and read again a few at a time. */
  async #takeChanges(orgIds: readonly string[]): Promise<void> {
    const { cache } = this.store;
    const inUse = orgIds.filter((orgId) => cache.isInUse(orgId));
    for (const orgId of inUse) cache.invalidate(orgId);
    const left = inUse.values();
    const refreshOneByOne = async (): Promise<void> => {
      for (const orgId of left) await this.#publisher.refresh(orgId);
    };
    await Promise.all(Array.from({ length: Math.min(REFRESHES_MAX, inUse.length) }, refreshOneByOne));
  }

  async #restore(): Promise<void> {
    const wallMs = Date.now();
    for (const { routes, readAtMs } of (await this.#snapshot?.load()) ?? []) {
      // A wall clock that was set back must not make routes younger than they can be.
      this.store.cache.restore(routes, Math.max(0, wallMs - readAtMs));
    }
  }

  async #firstWorker(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const seconds = WORKER_START_TIMEOUT_MS / 1000;
        reject(new SignalboxError('internal', `no worker started within ${seconds} s; the log says why`));
      }, WORKER_START_TIMEOUT_MS);
    });
    await Promise.race([this.#roll.first, late]);
    clearTimeout(timer);
  }

  #broadcast(message: ToWorkers): void {
    // A read of the store may end after the daemon has.
    if (!this.#isReleased) this.#channel.postMessage(message);
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.#roll.ready(message.threadId);
        this.#options.log('debug', 'worker.ready', `worker ${message.threadId} hears broadcasts`);
        // A worker that starts while the daemon is ending was not there when the others were told.
        if (this.#state === 'draining') this.#broadcast({ type: 'drain' });
        break;
      case 'synced':
        this.#roll.heard(message.threadId, message.token);
        break;
      case 'need':
        void this.#publisher.need(message.orgId, message.minRevision);
        break;
      case 'refresh':
        void this.#publisher.refresh(message.orgId);
        break;
      case 'defect':
        this.#options.log('error', 'worker.defect', message.message, { stack: message.stack });
        break;
    }
  }
}

function* snapshotOrgs(cache: OrgCache): Iterable<SnapshotOrg> {
  const wallMs = Date.now();
  for (const { routes, ageMs } of cache.lastGood()) yield { routes, readAtMs: wallMs - ageMs };
}
