// A memory store that remembers: its history is the routes after every write, and what each write was told.
import { isDeepStrictEqual } from 'node:util';
import type { Route, RouteDraft } from '../../src/routing/route.js';
import { MemoryStore } from '../../src/store/memory-store.js';
import type {
  ChangeNote,
  Changes,
  HistoryEntry,
  OrgRoutes,
  PlacedRoute,
  RouteHistory,
  RouteStore,
  StoredRoute,
  Updated,
} from '../../src/store/route-store.js';

export class RememberingStore implements RouteStore {
  readonly #inner = new MemoryStore();
  readonly #entries: (HistoryEntry & { readonly orgId: string })[] = [];
  /** The sets by `org revision`. */
  readonly #sets = new Map<string, readonly Route[]>();

  readonly history: RouteHistory = {
    list: async (orgId, { limit, before = Infinity }) =>
      this.#entries
        .filter((entry) => entry.orgId === orgId && entry.revision < before)
        .reverse()
        .slice(0, limit),
    routesAt: async (orgId, revision) => this.#sets.get(`${orgId} ${revision}`),
  };

  listForOrg(orgId: string): Promise<OrgRoutes> {
    return this.#inner.listForOrg(orgId);
  }

  listAllForOrg(orgId: string): Promise<OrgRoutes> {
    return this.#inner.listAllForOrg(orgId);
  }

  getRoute(orgId: string, routeId: string): Promise<StoredRoute | undefined> {
    return this.#inner.getRoute(orgId, routeId);
  }

  createRoute(orgId: string, draft: RouteDraft, note?: ChangeNote): Promise<StoredRoute> {
    return this.#remember(orgId, note, () => this.#inner.createRoute(orgId, draft));
  }

  updateRoute(
    orgId: string,
    routeId: string,
    draft: RouteDraft,
    revision: number,
    note?: ChangeNote,
  ): Promise<Updated | undefined> {
    return this.#remember(orgId, note, () => this.#inner.updateRoute(orgId, routeId, draft, revision));
  }

  deleteRoute(orgId: string, routeId: string, revision: number, note?: ChangeNote): Promise<boolean> {
    return this.#remember(orgId, note, () => this.#inner.deleteRoute(orgId, routeId, revision));
  }

  pauseRoute(
    orgId: string,
    routeId: string,
    paused: boolean,
    note?: ChangeNote,
  ): Promise<Updated | undefined> {
    return this.#remember(orgId, note, () => this.#inner.pauseRoute(orgId, routeId, paused));
  }

  replaceRoutes(
    orgId: string,
    routes: readonly PlacedRoute[],
    revision: number | undefined,
    note?: ChangeNote,
  ): Promise<OrgRoutes> {
    return this.#remember(orgId, note, () => this.#inner.replaceRoutes(orgId, routes, revision));
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

  async #remember<T>(orgId: string, note: ChangeNote = {}, write: () => Promise<T>): Promise<T> {
    const before = new Map((await this.listAllForOrg(orgId)).routes.map((route) => [route.id, route]));
    const result = await write();
    const { revision, routes } = await this.listAllForOrg(orgId);
    this.#sets.set(`${orgId} ${revision}`, routes.map(withoutRevision));
    const add = (operation: HistoryEntry['operation'], route: StoredRoute): void => {
      const { actor = null, reason = null } = note;
      const at = '2026-01-02T03:04:05.678Z';
      this.#entries.push({ orgId, revision, operation, route: withoutRevision(route), actor, reason, at });
    };
    for (const route of routes) {
      const old = before.get(route.id);
      before.delete(route.id);
      if (old === undefined) add('create', route);
      else if (!isDeepStrictEqual(old, route)) add('update', route);
    }
    for (const route of before.values()) add('delete', route);
    return result;
  }
}

function withoutRevision({ id, name, priority, enabled, paused, when, then }: StoredRoute): Route {
  return { id, name, priority, enabled, paused, when, then };
}
