// The daemon's status: one look at all its parts, of which the admin API, the metrics and `signalbox status` are made.
import { readdirSync } from 'node:fs';
import type { DaemonStatus } from '../admin/backend.js';
import type { Clock } from '../clock.js';
import { LATENCY_BOUNDS_MS } from '../figures.js';
import type { Acceptor } from './sockets/acceptor.js';
import type { CachingStore } from './cache/caching-store.js';
import type { ChangeFeed } from './change-feed.js';
import type { DataPlaneTotals } from './workers/data-plane-figures.js';
import type { DecisionTaps } from './decision-taps.js';
import { openFileLimit } from './sockets/file-descriptors.js';
import type { LoopLag } from './loop-lag.js';
import type { Publisher } from './publisher.js';
import type { Quarantine } from './quarantine.js';
import type { SnapshotKeeper } from './snapshot/snapshot-keeper.js';
import type { StoreHealth } from './store-health.js';
import type { WorkerPool } from './workers/worker-pool.js';

export interface StatusParts {
  readonly options: {
    readonly version: string;
    readonly socketPath: string;
    readonly storeUrl: string;
    readonly workers: number;
    readonly clock: Clock;
    readonly droppedLogLines?: (() => number) | undefined;
  };
  readonly daemon: {
    readonly state: DaemonStatus['state'];
    readonly workers: readonly unknown[];
  };
  readonly acceptor: Pick<Acceptor, 'connections' | 'accepted' | 'refused' | 'maxConnections'>;
  readonly store: CachingStore;
  readonly health: StoreHealth;
  readonly feed: ChangeFeed;
  readonly publisher: Pick<Publisher, 'answers'>;
  readonly quarantine: Pick<Quarantine, 'size' | 'has'>;
  readonly snapshot: SnapshotKeeper | undefined;
  readonly pool: Pick<WorkerPool, 'ends'>;
  readonly loopLag: LoopLag;
  readonly taps: DecisionTaps;
  readonly dataPlane: () => DataPlaneTotals;
}

export function daemonStatus(parts: StatusParts, uptimeMs: number): DaemonStatus {
  const {
    acceptor,
    daemon,
    feed,
    health,
    loopLag,
    options,
    pool,
    publisher,
    quarantine,
    snapshot,
    store,
    taps,
  } = parts;
  const totals = parts.dataPlane();
  const { known, unknown } = store.cache.size;
  const { staleOrgs, oldestStaleMs } = store.cache.staleness();
  return {
    version: options.version,
    node: process.version,
    pid: process.pid,
    state: daemon.state,
    uptime_ms: Math.round(uptimeMs),
    socket: options.socketPath,
    connections: {
      open: acceptor.connections,
      max: acceptor.maxConnections,
      accepted: acceptor.accepted,
      refused: acceptor.refused,
    },
    requests: {
      answers: totals.answers,
      stale: totals.stale,
      waited: totals.parked,
      latency: {
        bounds_ms: LATENCY_BOUNDS_MS,
        counts: totals.latencyCounts,
        sum_ms: totals.latencySumMs,
      },
    },
    workers: {
      running: daemon.workers.length,
      wanted: options.workers,
      started: totals.workersStarted,
      ended: pool.ends,
      loop_lag_ms: loopLag.workersMs,
    },
    main_loop_lag_ms: loopLag.mainMs,
    store: { url: options.storeUrl, up: health.lastError === null, last_error: health.lastError },
    cache: {
      known_orgs: known,
      unknown_orgs: unknown,
      stale_orgs: staleOrgs,
      oldest_stale_ms: Math.round(oldestStaleMs),
      quarantined_orgs: quarantine.size,
      loads: health.loads,
      failed_loads: health.failedLoads,
      load_time: health.loadTimes,
      answers: publisher.answers,
      refused_rows: health.refusedRows,
    },
    feed: { up: feed.isUp, changes: feed.changes, age_ms: Math.round(feed.ageMs) },
    snapshot:
      snapshot === undefined
        ? null
        : { up: snapshot.isUp, age_ms: snapshot.ageMs === undefined ? null : Math.round(snapshot.ageMs) },
    dropped: { log_lines: options.droppedLogLines?.() ?? 0, ...taps.dropped },
    process: processFigures(),
  };
}

function processFigures(): DaemonStatus['process'] {
  const { user, system } = process.cpuUsage();
  return {
    resident_bytes: process.memoryUsage.rss(),
    cpu_ms: Math.round((user + system) / 1000),
    open_fds: openDescriptors(),
    max_fds: openFileLimit(),
  };
}

/** Null where the system doesn't tell. */
function openDescriptors(): number | null {
  try {
    // One of them is that of the directory that is being read.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return null;
  }
}
