// What the admin API stands on: the store with its cache, and what only the daemon knows. The daemon implements it.
import type { AnswerKind } from '../figures.js';
import type { RouteStore } from '../store/route-store.js';

/** What the workers serve of an org. */
export interface TableState {
  /**
   * `fresh`, `stale` (the last good one, since the store fails), `quarantined` (nothing is decided by it, for workers hung
   * or died of it), or `unknown` (nothing is loaded).
   */
  readonly state: 'fresh' | 'stale' | 'quarantined' | 'unknown';
  readonly revision: number | null;
  readonly routes: number | null;
  /** Milliseconds since the routes were read. */
  readonly age_ms: number | null;
  /** Milliseconds until they are no longer fresh; negative since when they aren't. */
  readonly fresh_for_ms: number | null;
  /** Why the last read failed; null: it didn't. */
  readonly last_error: string | null;
}

/** How often something was decided, since the org was loaded; less what a worker that was replaced had counted. */
export interface HitCount {
  readonly hits: number;
  /** ISO 8601; null: never. */
  readonly last_hit: string | null;
}

export interface OrgHits {
  /** How many workers have told. */
  readonly workers: number;
  readonly no_match: HitCount;
  readonly no_such_route: HitCount;
  /** Of each route that is decided by, in table order: those that nothing reaches too. */
  readonly routes: readonly (HitCount & { readonly route_id: string; readonly name: string })[];
}

/** Durations by bucket. `counts` has one more than `bounds_ms`, for what is longer; none of them includes another. */
export interface DurationCounts {
  readonly bounds_ms: readonly number[];
  readonly counts: readonly number[];
  readonly sum_ms: number;
}

/** Counts are since the start of the daemon, and never go back. */
export interface DaemonStatus {
  readonly version: string;
  readonly node: string;
  readonly pid: number;
  readonly state: 'starting' | 'ready' | 'draining' | 'stopped' | 'failed';
  readonly uptime_ms: number;
  readonly socket: string;
  readonly connections: {
    readonly open: number;
    readonly max: number;
    readonly accepted: number;
    readonly refused: Readonly<Record<ConnectionRefusal, number>>;
  };
  readonly requests: {
    readonly answers: Readonly<Record<AnswerKind, number>>;
    /** Decisions by a table that was stale. */
    readonly stale: number;
    /** Those that waited for their org's table. */
    readonly waited: number;
    /** From the read of a request to the write of its answer. */
    readonly latency: DurationCounts;
  };
  readonly workers: {
    readonly running: number;
    readonly wanted: number;
    readonly started: number;
    /** Unwanted ends. */
    readonly ended: Readonly<Record<WorkerEndKind, number>>;
    /** Of each that runs: how late its loop was at most within the last seconds. */
    readonly loop_lag_ms: readonly number[];
  };
  /** The same of the main thread, that reads the store and ships tables. */
  readonly main_loop_lag_ms: number;
  readonly store: { readonly url: string; readonly up: boolean; readonly last_error: string | null };
  readonly cache: {
    readonly known_orgs: number;
    readonly unknown_orgs: number;
    /** Those whose last good routes are in force because newer ones can't be read, and how old the oldest is. */
    readonly stale_orgs: number;
    readonly oldest_stale_ms: number;
    /** Those that get no decisions, for workers hung or died by their routes. */
    readonly quarantined_orgs: number;
    /** Reads of the store since the start, and those that failed. */
    readonly loads: number;
    readonly failed_loads: number;
    readonly load_time: DurationCounts;
    /** How what the workers asked for was come by. */
    readonly answers: Readonly<Record<CacheAnswerStatus, number>>;
    /** Rows of the store that are no routes, by which nothing is decided. */
    readonly refused_rows: number;
  };
  readonly feed: {
    readonly up: boolean;
    readonly changes: number;
    /** Since the store last told all changes. */
    readonly age_ms: number;
  };
  /** Null: none is kept. */
  readonly snapshot: { readonly up: boolean; readonly age_ms: number | null } | null;
  /** What was lost for nobody took it in time. */
  readonly dropped: Readonly<Record<DroppedKind, number>>;
  readonly process: {
    readonly resident_bytes: number;
    readonly cpu_ms: number;
    /** Null where the system doesn't tell. */
    readonly open_fds: number | null;
    readonly max_fds: number;
  };
}

export const DROPPED_KINDS = ['log_lines', 'tap', 'decision_log'] as const;

export type DroppedKind = (typeof DROPPED_KINDS)[number];

/** Why connections are turned away. */
export const CONNECTION_REFUSALS = [
  'connections',
  'descriptors',
  'no_worker',
  'rate',
  'credentials',
] as const;

export type ConnectionRefusal = (typeof CONNECTION_REFUSALS)[number];

export const WORKER_ENDS = ['crashed', 'out_of_memory', 'stuck', 'not_started'] as const;

export type WorkerEndKind = (typeof WORKER_ENDS)[number];

export const CACHE_ANSWER_STATUSES = ['hit', 'miss', 'shared', 'stale', 'unavailable'] as const;

export type CacheAnswerStatus = (typeof CACHE_ANSWER_STATUSES)[number];

/** A decision as it is shown to people: nothing of the request but its org is in it. */
export interface DecisionJson {
  /** ISO 8601. */
  readonly at: string;
  readonly org_id: string;
  readonly reason: 'matched' | 'no_match' | 'no_such_route';
  readonly route_id: string | null;
  readonly route: string | null;
  readonly target_model: string | null;
  readonly paused: boolean;
  readonly stale: boolean;
  readonly revision: number;
}

export interface DecisionTapOptions {
  /** Undefined: of all orgs. */
  readonly orgId?: string | undefined;
  /** Which part of the decisions, above 0 and up to 1. */
  readonly sample: number;
}

export interface AdminBackend {
  readonly store: RouteStore;
  /**
   * Reads again what was read at the start, checks it first, and resolves with the number of workers that go by it.
   *
   * @throws SignalboxError `refused` if it isn't right, `store_unavailable` if it can't be read: all stays as it was.
   */
  reload(): Promise<number>;
  status(): DaemonStatus;
  table(orgId: string): TableState;
  hits(orgId: string): Promise<OrgHits>;
  /**
   * Shows decisions until the function that it returns is called. `take` gets them, hears how many were dropped on
   * their way, and returns how many more it had to drop.
   *
   * @throws SignalboxError `overloaded` if too many look on.
   */
  tap(
    options: DecisionTapOptions,
    take: (decisions: readonly DecisionJson[], dropped: number) => number,
  ): () => void;
  /** Can decide: it listens, at least one worker serves, and the store has answered once or the snapshot was there. */
  isReady(): boolean;
  /**
   * Reads the org's routes now and ships them; resolves when every worker decides by them, with their revision.
   *
   * @throws SignalboxError `store_unavailable` if they can't be read.
   */
  refresh(orgId: string): Promise<{ readonly revision: number; readonly workers: number }>;
}
