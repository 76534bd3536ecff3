// What a daemon is made of, and who knows whom: the one place where the parts on the main thread are put together.
// Nothing runs here; in which order they start and end is daemon.ts.
import { DaemonBackend, type DaemonBackendParts } from './daemon-backend.js';
import { OPEN_ACCESS } from './access/access-policy.js';
import { Acceptor } from './sockets/acceptor.js';
import { CachingStore } from './cache/caching-store.js';
import { ChangeFeed } from './change-feed.js';
import type { DataPlane } from './workers/data-plane.js';
import type { DaemonOptions } from './daemon-options.js';
import { openFileLimit } from './sockets/file-descriptors.js';
import { keptOrgs } from './snapshot/kept-orgs.js';
import { LoopLag } from './loop-lag.js';
import { OutdatedOrgs } from './outdated-orgs.js';
import { Publisher } from './publisher.js';
import { Quarantine } from './quarantine.js';
import { Reloader } from './reloader.js';
import { SnapshotKeeper } from './snapshot/snapshot-keeper.js';
import { StoreHealth } from './store-health.js';
import { lineageOf } from '../store/open-store.js';
import type { ChangedOrgs, RouteStore } from '../store/route-store.js';
import { TokenBucket } from '../token-bucket.js';
import { CONNECTIONS_PER_WORKER_MAX } from './workers/worker-pool.js';

/** A hundred thousand orgs of 20 routes fit in a sane process. */
const KNOWN_ORGS_MAX = 200_000;

/** Ids that the store doesn't know cost only each other. */
const UNKNOWN_ORGS_MAX = 10_000;

/**
 * Orgs without routes that are asked for after a start, all at once; then as many a second, which no database notices.
 * Orgs with routes cost none of it, however many are read.
 */
const UNKNOWN_LOOKUPS_BURST = UNKNOWN_ORGS_MAX;
const UNKNOWN_LOOKUPS_PER_SECOND = 500;

/** A store that answers later than this is as good as down. */
const LOAD_TIMEOUT_MS = 5000;

/**
 * The part of the resolve timeout after which a request gets the last good table rather than a newer one: 20 ms unless
 * told, which is what a client has that waits 25.
 */
const PATIENCE = 0.4;

/** Descriptors that aren't connections: the store's, the log's, the workers' own. */
const RESERVED_DESCRIPTORS = 256;

export interface DaemonParts {
  readonly store: CachingStore;
  readonly snapshot: SnapshotKeeper | undefined;
  readonly publisher: Publisher;
  readonly feed: ChangeFeed;
  readonly acceptor: Acceptor;
  readonly admin: DaemonBackend;
}

/** Around the workers, who have been started; everything else starts when it is told to. */
export function composeDaemon(
  options: DaemonOptions,
  openedStore: RouteStore,
  dataPlane: DataPlane,
  daemon: DaemonBackendParts['daemon'],
): DaemonParts {
  const { clock, log, workers, access = OPEN_ACCESS } = options;
  const { broadcast, roll, figures, taps, pool, inbox } = dataPlane;
  const health = new StoreHealth(log, clock);
  const store: CachingStore = new CachingStore(openedStore, {
    clock,
    random: Math.random,
    ttlMs: options.ttlMs,
    maxStaleMs: options.maxStaleMs,
    loadTimeoutMs: LOAD_TIMEOUT_MS,
    patienceMs: options.resolveTimeoutMs * PATIENCE,
    maxKnownOrgs: KNOWN_ORGS_MAX,
    maxUnknownOrgs: UNKNOWN_ORGS_MAX,
    unknownLookups: new TokenBucket(clock, UNKNOWN_LOOKUPS_BURST, UNKNOWN_LOOKUPS_PER_SECOND),
    onEvict: (orgId) => {
      publisher.drop(orgId);
    },
    onInvalidate: (orgId) => {
      publisher.expire(orgId);
    },
    onOutdate: (orgId) => {
      publisher.outdate(orgId);
    },
    onLoad: (end) => {
      health.note(end);
      if (end.failure === undefined) snapshot?.note(end.isNew);
    },
    onFlawed: ({ orgId, refused = [] }) => {
      const message = `${refused.length} routes of an org are left out, for they are no routes`;
      log('error', 'store.refused', message, { orgId, refused });
    },
  });
  const { cache } = store;
  const quarantine = new Quarantine(clock, log);
  const publisher = new Publisher(cache, broadcast.send, quarantine);
  inbox.attach(publisher);
  dataPlane.whenStopped((orgId) => {
    const isHeld = quarantine.note(orgId, cache.peek(orgId)?.routes);
    if (isHeld) void publisher.need(orgId);
  });
  const { snapshotPath: path, storeUrl } = options;
  const lineage = lineageOf(storeUrl);
  const snapshot =
    path === undefined
      ? undefined
      : new SnapshotKeeper({ path, lineage, orgs: () => keptOrgs(cache), clock, log });
  const outdated = new OutdatedOrgs(cache, publisher);
  const onChanged = (orgIds: ChangedOrgs): void => {
    void outdated.refresh(orgIds);
  };
  const feed = new ChangeFeed({
    store: openedStore,
    onChanged,
    intervalMs: options.feedIntervalMs,
    random: Math.random,
    clock,
    log,
  });
  const acceptor = new Acceptor({
    workers: pool,
    access,
    maxConnections: Math.max(
      1,
      Math.min(workers * CONNECTIONS_PER_WORKER_MAX, openFileLimit() - RESERVED_DESCRIPTORS),
    ),
    clock,
    log,
  });
  const sync = (): Promise<number> => roll.sync(pool.threadIds);
  const around = options.aroundReload ?? (<T>(reload: () => Promise<T>) => reload());
  const readAccess = async (): Promise<() => void> => {
    const read = await options.readAccess?.();
    return () => {
      if (read === undefined) return;
      access.adopt(read);
      dataPlane.grant(access.grantedOrgs);
    };
  };
  const reloader = new Reloader({ store, feed, outdated, readAccess, sync, around, log });
  const admin = new DaemonBackend({
    options,
    daemon,
    store,
    health,
    feed,
    acceptor,
    publisher,
    quarantine,
    snapshot,
    pool,
    taps,
    loopLag: new LoopLag(clock, () => pool.vitals),
    dataPlane: () => figures.totals(pool.threadIds),
    hits: (orgId) => roll.hits(pool.threadIds, orgId),
    publish: (orgId) => publisher.refresh(orgId),
    sync,
    reload: () => reloader.reload(),
  });
  return { store, snapshot, publisher, feed, acceptor, admin };
}
