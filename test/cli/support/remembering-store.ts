// A memory store that keeps a history, as the MySQL store does.
import type { Route, RouteDraft } from '../../../src/routing/route.js';
import { MemoryStore } from '../../../src/store/memory-store.js';
import type {
  ChangeNote,
  HistoryEntry,
  OrgRoutes,
  PlacedRoute,
  RouteHistory,
  RouteStore,
} from '../../../src/store/route-store.js';

export class RememberingStore implements RouteStore {
  readonly memory = new MemoryStore();
  readonly #versions = new Map<string, readonly Route[]>();
  readonly #entries: (HistoryEntry & { readonly orgId: string })[] = [];

  readonly history: RouteHistory = {
    list: async (orgId, { limit, before = Infinity }) =>
      this.#entries
        .filter((entry) => entry.orgId === orgId && entry.revision < before)
        .reverse()
        .slice(0, limit),
    routesAt: async (orgId, revision) => this.#versions.get(`${orgId} ${revision}`),
  };

  listForOrg(orgId: string): Promise<OrgRoutes> {
    return this.memory.listForOrg(orgId);
  }

  listAllForOrg(orgId: string): Promise<OrgRoutes> {
    return this.memory.listAllForOrg(orgId);
  }

  getRoute(orgId: string, routeId: string): ReturnType<RouteStore['getRoute']> {
    return this.memory.getRoute(orgId, routeId);
  }

  createRoute(orgId: string, draft: RouteDraft, note?: ChangeNote): ReturnType<RouteStore['createRoute']> {
    return this.#remembered(orgId, note, () => this.memory.createRoute(orgId, draft));
  }

  updateRoute(
    orgId: string,
    routeId: string,
    draft: RouteDraft,
    revision: number,
    note?: ChangeNote,
  ): ReturnType<RouteStore['updateRoute']> {
    return this.#remembered(orgId, note, () => this.memory.updateRoute(orgId, routeId, draft, revision));
  }

  deleteRoute(orgId: string, routeId: string, revision: number, note?: ChangeNote): Promise<boolean> {
    return this.#remembered(orgId, note, () => this.memory.deleteRoute(orgId, routeId, revision));
  }

  pauseRoute(
    orgId: string,
    routeId: string,
    paused: boolean,
    note?: ChangeNote,
  ): ReturnType<RouteStore['pauseRoute']> {
    return this.#remembered(orgId, note, () => this.memory.pauseRoute(orgId, routeId, paused));
  }

  replaceRoutes(
    orgId: string,
    routes: readonly PlacedRoute[],
    revision: number | undefined,
    note?: ChangeNote,
  ): Promise<OrgRoutes> {
    return this.#remembered(orgId, note, () => this.memory.replaceRoutes(orgId, routes, revision));
  }

  changedSince(cursor: string | undefined): ReturnType<RouteStore['changedSince']> {
    return this.memory.changedSince(cursor);
  }

  async reload(): Promise<void> {
    // There is nothing to read.
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  async #remembered<T>(orgId: string, note: ChangeNote | undefined, change: () => Promise<T>): Promise<T> {
    const before = await this.memory.listAllForOrg(orgId);
    const done = await change();
    const { revision, routes } = await this.memory.listAllForOrg(orgId);
    if (revision === before.revision) return done;
    this.#versions.set(`${orgId} ${revision}`, routes);
    const add = (operation: HistoryEntry['operation'], route: Route): void => {
      const { actor = null, reason = null } = note ?? {};
      this.#entries.push({ orgId, revision, operation, route, actor, reason, at: '2026-01-02T03:04:05Z' });
    };
    for (const route of routes.filter((each) => each.revision === revision))
      add(before.routes.some(({ id }) => id === route.id) ? 'update' : 'create', route);
    for (const route of before.routes) if (!routes.some(({ id }) => id === route.id)) add('delete', route);
    return done;
  }
}
