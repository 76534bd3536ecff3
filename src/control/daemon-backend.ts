// The daemon as the admin API sees it: its state, what the workers serve of an org, and a refresh that is over when
// every worker decides by it.
import type {
  AdminBackend,
  DaemonStatus,
  DecisionJson,
  DecisionTapOptions,
  OrgHits,
  TableState,
} from '../admin/backend.js';
import { SignalboxError } from '../errors.js';
import type { CachingStore } from './cache/caching-store.js';
import type { Hits } from '../worker/thread-messages.js';
import { type StatusParts, daemonStatus } from './daemon-status.js';
import { orgHits } from './org-hits.js';

export interface DaemonBackendParts extends StatusParts {
  /** How often each worker has decided for each route of an org. */
  readonly hits: (orgId: string) => Promise<readonly ReadonlyMap<string, Hits>[]>;
  /** Reads an org's routes and ships them. */
  readonly publish: (orgId: string) => Promise<void>;
  /** Resolves, with their number, when the workers have taken in what was shipped. */
  readonly sync: () => Promise<number>;
  /** Resolves, with their number, when the workers go by what was loaded. */
  readonly reload: () => Promise<number>;
}

export class DaemonBackend implements AdminBackend {
  readonly #parts: DaemonBackendParts;
  readonly #startedAtMs: number;

  constructor(parts: DaemonBackendParts) {
    this.#parts = parts;
    this.#startedAtMs = parts.options.clock();
  }

  get store(): CachingStore {
    return this.#parts.store;
  }

  isReady(): boolean {
    const { daemon, feed, store } = this.#parts;
    // Without a store and without last good routes there is nothing to decide by.
    const hasRoutes = feed.hasAnswered || store.cache.size.known > 0;
    return daemon.state === 'ready' && daemon.workers.length > 0 && hasRoutes;
  }

  reload(): Promise<number> {
    return this.#parts.reload();
  }

  status(): DaemonStatus {
    return daemonStatus(this.#parts, this.#parts.options.clock() - this.#startedAtMs);
  }

  tap(
    options: DecisionTapOptions,
    take: (decisions: readonly DecisionJson[], dropped: number) => number,
  ): () => void {
    return this.#parts.taps.open({ ...options, kind: 'tap', take });
  }

  async hits(orgId: string): Promise<OrgHits> {
    const { hits, options, store } = this.#parts;
    const counted = await hits(orgId);
    const served = store.cache.peek(orgId)?.routes?.unpack().routes ?? [];
    return orgHits(counted, served, (atMs) => new Date(Date.now() - (options.clock() - atMs)));
  }

  table(orgId: string): TableState {
    const kept = this.#parts.store.cache.peek(orgId);
    if (kept?.routes === undefined) {
      return {
        state: 'unknown',
        revision: null,
        routes: null,
        age_ms: null,
        fresh_for_ms: null,
        last_error: kept?.lastError ?? null,
      };
    }
    const { routes, ageMs, freshForMs, lastError } = kept;
    return {
      state: this.#parts.quarantine.has(orgId) ? 'quarantined' : freshForMs > 0 ? 'fresh' : 'stale',
      revision: routes.revision,
      routes: routes.size,
      age_ms: Math.round(ageMs),
      // An invalidated table is not fresh since no moment in particular.
      fresh_for_ms: Number.isFinite(freshForMs) ? Math.round(freshForMs) : null,
      last_error: lastError ?? null,
    };
  }

  async refresh(orgId: string): Promise<{ readonly revision: number; readonly workers: number }> {
    const { store, publish, sync } = this.#parts;
    store.cache.invalidate(orgId);
    await publish(orgId);
    const answer = await store.cache.read(orgId);
    if (answer.status === 'unavailable') throw new SignalboxError('store_unavailable', answer.message);
    if (answer.status === 'stale') {
      const why = store.cache.peek(orgId)?.lastError ?? 'the store is slow';
      throw new SignalboxError('store_unavailable', `the last good routes stay in force: ${why}`);
    }
    return { revision: answer.routes.revision, workers: await sync() };
  }
}
