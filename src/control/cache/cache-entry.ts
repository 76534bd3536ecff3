// What the cache keeps of one org, and the answers that can be given from it.
import type { Backoff } from '../../backoff.js';
import type { CachedRoutes } from './cache-answer.js';
import type { KeptRoutes } from './kept-routes.js';

export interface Failure extends Backoff {
  readonly message: string;
}

export interface Entry {
  readonly orgId: string;
  value: KeptRoutes | undefined;
  /** Of the load that brought the value. */
  flightNumber: number;
  readBeganAtMs: number;
  loadedAtMs: number;
  refreshAtMs: number;
  freshUntilMs: number;
  failure: Failure | undefined;
}

/** What the cache has of an org, for people. */
export interface OrgState {
  readonly routes: KeptRoutes | undefined;
  readonly ageMs: number;
  readonly freshForMs: number;
  readonly lastError: string | undefined;
}

export function newEntry(orgId: string): Entry {
  return {
    orgId,
    value: undefined,
    flightNumber: 0,
    readBeganAtMs: -Infinity,
    loadedAtMs: 0,
    refreshAtMs: 0,
    freshUntilMs: -Infinity,
    failure: undefined,
  };
}

export function refreshAt({ refreshAtMs, failure }: Entry): number {
  return failure?.retryAtMs ?? refreshAtMs;
}

export function answerFresh(
  entry: Entry,
  routes: KeptRoutes,
  status: 'hit' | 'miss' | 'shared',
  maxStaleMs: number,
): CachedRoutes {
  const { freshUntilMs: untilMs, loadedAtMs, readBeganAtMs } = entry;
  const lastGoodUntilMs = loadedAtMs + maxStaleMs;
  const times = { refreshAtMs: refreshAt(entry), untilMs, lastGoodUntilMs, readBeganAtMs };
  return { status, routes, ...times, settledMs: readBeganAtMs };
}

export function answerStale(
  { loadedAtMs, readBeganAtMs }: Entry,
  routes: KeptRoutes,
  refreshAtMs: number,
  maxStaleMs: number,
): CachedRoutes {
  const untilMs = loadedAtMs + maxStaleMs;
  const times = { refreshAtMs, untilMs, lastGoodUntilMs: untilMs, readBeganAtMs };
  return { status: 'stale', routes, ...times, settledMs: Infinity };
}
