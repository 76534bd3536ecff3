// A store with a cache in front, and so a store itself: it wraps any other. A write that changed something
// invalidates its org at once; what only management reads passes through.
import { SignalboxError } from '../../errors.js';
import type { RouteDraft } from '../../routing/route.js';
import type {
  ChangeNote,
  Changes,
  OrgRoutes,
  PlacedRoute,
  RouteHistory,
  RouteStore,
  StoredRoute,
  Updated,
} from '../../store/route-store.js';
import type { CacheOptions } from './cache-options.js';
import { OrgCache } from './org-cache.js';

export class CachingStore implements RouteStore {
  readonly cache: OrgCache;
  readonly #inner: RouteStore;

  constructor(inner: RouteStore, options: CacheOptions) {
    this.#inner = inner;
    this.cache = new OrgCache((orgId) => inner.listForOrg(orgId), options);
  }

  /** @throws SignalboxError `store_unavailable` if there is neither an answer of the store nor a last good one. */
  async listForOrg(orgId: string): Promise<OrgRoutes> {
    const answer = await this.cache.read(orgId);
    if (answer.status === 'unavailable') throw new SignalboxError('store_unavailable', answer.message);
    return answer.routes.unpack();
  }

  listAllForOrg(orgId: string): Promise<OrgRoutes> {
    return this.#inner.listAllForOrg(orgId);
  }

  getRoute(orgId: string, routeId: string): Promise<StoredRoute | undefined> {
    return this.#inner.getRoute(orgId, routeId);
  }

  async createRoute(orgId: string, draft: RouteDraft, note?: ChangeNote): Promise<StoredRoute> {
    const route = await this.#inner.createRoute(orgId, draft, note);
    this.cache.invalidate(orgId);
    return route;
  }

  async updateRoute(
    orgId: string,
    routeId: string,
    draft: RouteDraft,
    revision: number,
    note?: ChangeNote,
  ): Promise<Updated | undefined> {
    const updated = await this.#inner.updateRoute(orgId, routeId, draft, revision, note);
    if (updated?.changed === true) this.cache.invalidate(orgId);
    return updated;
  }

  async deleteRoute(orgId: string, routeId: string, revision: number, note?: ChangeNote): Promise<boolean> {
    const deleted = await this.#inner.deleteRoute(orgId, routeId, revision, note);
    if (deleted) this.cache.invalidate(orgId);
    return deleted;
  }

  async pauseRoute(
    orgId: string,
    routeId: string,
    paused: boolean,
    note?: ChangeNote,
  ): Promise<Updated | undefined> {
    const updated = await this.#inner.pauseRoute(orgId, routeId, paused, note);
    if (updated?.changed === true) this.cache.invalidate(orgId);
    return updated;
  }

  async replaceRoutes(
    orgId: string,
    routes: readonly PlacedRoute[],
    revision: number | undefined,
    note?: ChangeNote,
  ): Promise<OrgRoutes> {
    const replaced = await this.#inner.replaceRoutes(orgId, routes, revision, note);
    this.cache.invalidate(orgId);
    return replaced;
  }

  get history(): RouteHistory | undefined {
    return this.#inner.history;
  }

  changedSince(cursor: string | undefined): Promise<Changes> {
    return this.#inner.changedSince(cursor);
  }

  reload(): Promise<void> {
    return this.#inner.reload();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
