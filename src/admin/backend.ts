// What the admin API stands on: the store with its cache, and what only the daemon knows. The daemon implements it.
import type { RouteStore } from '../store/route-store.js';

/** What the workers serve of an org. */
export interface TableState {
  /** `fresh`, `stale` (the last good one, since the store fails), or `unknown` (nothing is loaded). */
  readonly state: 'fresh' | 'stale' | 'unknown';
  readonly revision: number | null;
  readonly routes: number | null;
  /** Milliseconds since the routes were read. */
  readonly age_ms: number | null;
  /** Milliseconds until they are no longer fresh; negative since when they aren't. */
  readonly fresh_for_ms: number | null;
  /** Why the last read failed; null: it didn't. */
  readonly last_error: string | null;
}

export interface DaemonStatus {
  readonly version: string;
  readonly node: string;
  readonly pid: number;
  readonly state: 'starting' | 'ready' | 'draining' | 'stopped' | 'failed';
  readonly uptime_ms: number;
  readonly socket: string;
  readonly connections: number;
  readonly workers: { readonly running: number; readonly wanted: number };
  readonly store: { readonly url: string; readonly up: boolean; readonly last_error: string | null };
  readonly cache: {
    readonly known_orgs: number;
    readonly unknown_orgs: number;
    /** Reads of the store since the start, and those that failed. */
    readonly loads: number;
    readonly failed_loads: number;
  };
  readonly feed: { readonly up: boolean; readonly changes: number };
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
  /** Can decide: it listens, at least one worker serves, and the store has answered once or the snapshot was there. */
  isReady(): boolean;
  /**
   * Reads the org's routes now and ships them; resolves when every worker decides by them, with their revision.
   *
   * @throws SignalboxError `store_unavailable` if they can't be read.
   */
  refresh(orgId: string): Promise<{ readonly revision: number; readonly workers: number }>;
}
