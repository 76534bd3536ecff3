// A daemon's status for tests that say only what matters to them.
import type { DaemonStatus } from '../../src/admin/backend.js';
import { ANSWERS, LATENCY_BOUNDS_MS, LATENCY_BUCKETS } from '../../src/figures.js';

export const NONE_REFUSED = { connections: 0, descriptors: 0, no_worker: 0, rate: 0, credentials: 0 };
export const NONE_ENDED = { crashed: 0, out_of_memory: 0, stuck: 0, not_started: 0 };

/** A daemon that has just started, is ready, and was never asked for anything. */
export function statusOf(changes: Partial<DaemonStatus> = {}): DaemonStatus {
  return {
    version: '1.2.3-test',
    node: 'v20.0.0',
    pid: 42,
    state: 'ready',
    uptime_ms: 0,
    socket: '/run/signalbox/gateway.sock',
    connections: { open: 0, max: 4096, accepted: 0, refused: NONE_REFUSED },
    requests: requestsOf({}),
    workers: { running: 2, wanted: 2, started: 2, ended: NONE_ENDED, loop_lag_ms: [0, 0] },
    main_loop_lag_ms: 0,
    store: { url: 'memory:', up: true, last_error: null },
    cache: cacheOf({}),
    feed: { up: true, changes: 0, age_ms: 0 },
    snapshot: null,
    dropped: { log_lines: 0, tap: 0, decision_log: 0 },
    process: { resident_bytes: 100_000_000, cpu_ms: 0, open_fds: 30, max_fds: 1024 },
    ...changes,
  };
}

export function cacheOf(changes: Partial<DaemonStatus['cache']>): DaemonStatus['cache'] {
  return {
    known_orgs: 0,
    unknown_orgs: 0,
    stale_orgs: 0,
    oldest_stale_ms: 0,
    quarantined_orgs: 0,
    loads: 0,
    failed_loads: 0,
    load_time: { bounds_ms: [1, 10], counts: [0, 0, 0], sum_ms: 0 },
    answers: { hit: 0, miss: 0, shared: 0, stale: 0, unavailable: 0 },
    refused_rows: 0,
    ...changes,
  };
}

export function requestsOf(changes: Partial<DaemonStatus['requests']>): DaemonStatus['requests'] {
  return {
    answers: Object.fromEntries(ANSWERS.map((kind) => [kind, 0])) as DaemonStatus['requests']['answers'],
    stale: 0,
    waited: 0,
    latency: {
      bounds_ms: LATENCY_BOUNDS_MS,
      counts: new Array<number>(LATENCY_BUCKETS).fill(0),
      sum_ms: 0,
    },
    ...changes,
  };
}
