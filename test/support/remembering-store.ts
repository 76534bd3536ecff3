// A memory store that remembers: its history is the routes after every write, and what each write was told.
import { isDeepStrictEqual } from 'node:util';
import type { Route, RouteDraft } from '../../src/routing/route.js';
import { MemoryStore } from '../../src/store/memory-store.js';
import type {
  ChangeNote,
  HistoryEntry,
  OrgRoutes,
  PlacedRoute,
  RouteHistory,
  StoredRoute,
  Updated,
} from '../../src/store/route-store.js';

export class RememberingStore extends MemoryStore {
  readonly #entries: (HistoryEntry & { readonly orgId: string })[] = [];
  /** The sets by `org revision`. */
  readonly #sets = new Map<string, readonly Route[]>();

  readonly #history: RouteHistory = {
    list: async (orgId, { limit, before = Infinity }) =>
      this.#entries
        .filter((entry) => entry.orgId === orgId && entry.revision < before)
        .reverse()
        .slice(0, limit),
    routesAt: async (orgId, revision) => this.#sets.get(`${orgId} ${revision}`),
  };

  override get history(): RouteHistory {
    return this.#history;
  }

  override createRoute(orgId: string, draft: RouteDraft, note?: ChangeNote): Promise<StoredRoute> {
    return this.#remember(orgId, note, () => super.createRoute(orgId, draft));
  }

  override updateRoute(
    orgId: string,
    routeId: string,
    draft: RouteDraft,
    revision: number,
    note?: ChangeNote,
  ): Promise<Updated | undefined> {
    return this.#remember(orgId, note, () => super.updateRoute(orgId, routeId, draft, revision));
  }

  override deleteRoute(
    orgId: string,
    routeId: string,
    revision: number,
    note?: ChangeNote,
  ): Promise<boolean> {
    return this.#remember(orgId, note, () => super.deleteRoute(orgId, routeId, revision));
  }

  override pauseRoute(
    orgId: string,
    routeId: string,
    paused: boolean,
    note?: ChangeNote,
  ): Promise<Updated | undefined> {
    return this.#remember(orgId, note, () => super.pauseRoute(orgId, routeId, paused));
  }

  override replaceRoutes(
    orgId: string,
    routes: readonly PlacedRoute[],
    revision: number | undefined,
    note?: ChangeNote,
  ): Promise<OrgRoutes> {
    return this.#remember(orgId, note, () => super.replaceRoutes(orgId, routes, revision));
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
