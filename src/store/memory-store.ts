// `memory:` — routes that end with the process, for tests and benches.
import { randomUUID } from 'node:crypto';
import type { Route, RouteDraft } from '../routing/route.js';
import { ChangeLog } from './change-log.js';
import {
  type OrgRecord,
  UNKNOWN_ORG,
  assertOrgRevision,
  assertRevision,
  draftOf,
  listAll,
  listEnabled,
  placed,
  withDraft,
  withRoutes,
} from './org-routes.js';
import type {
  Changes,
  OrgRoutes,
  PlacedRoute,
  RouteHistory,
  RouteStore,
  StoredRoute,
  Updated,
} from './route-store.js';

export class MemoryStore implements RouteStore {
  readonly #orgs = new Map<string, OrgRecord>();
  readonly #changes = new ChangeLog();

  async listForOrg(orgId: string): Promise<OrgRoutes> {
    return listEnabled(orgId, this.#org(orgId));
  }

  async listAllForOrg(orgId: string): Promise<OrgRoutes> {
    return listAll(orgId, this.#org(orgId));
  }

  async getRoute(orgId: string, routeId: string): Promise<StoredRoute | undefined> {
    return this.#route(orgId, routeId);
  }

  async createRoute(orgId: string, draft: RouteDraft): Promise<StoredRoute> {
    const route: Route = { id: randomUUID(), paused: false, ...draftOf(draft) };
    const { revision } = this.setRoutes(orgId, [...this.#org(orgId).routes, route]);
    return { ...route, revision };
  }

  async updateRoute(
    orgId: string,
    routeId: string,
    draft: RouteDraft,
    revision: number,
  ): Promise<Updated | undefined> {
    const route = this.#route(orgId, routeId);
    if (route === undefined) return undefined;
    assertRevision(route, revision);
    const routes = this.#org(orgId).routes.map((other) =>
      other === route ? withDraft(route, draft) : other,
    );
    this.setRoutes(orgId, routes);
    const updated = this.#route(orgId, routeId) ?? route;
    return { route: updated, changed: updated !== route };
  }

  async deleteRoute(orgId: string, routeId: string, revision: number): Promise<boolean> {
    const route = this.#route(orgId, routeId);
    if (route === undefined) return false;
    assertRevision(route, revision);
    const routes = this.#org(orgId).routes.filter((other) => other !== route);
    this.setRoutes(orgId, routes);
    return true;
  }

  async pauseRoute(orgId: string, routeId: string, paused: boolean): Promise<Updated | undefined> {
    const route = this.#route(orgId, routeId);
    if (route === undefined) return undefined;
    this.setRoutes(
      orgId,
      this.#org(orgId).routes.map((other) => (other === route ? { ...route, paused } : other)),
    );
    const updated = this.#route(orgId, routeId) ?? route;
    return { route: updated, changed: updated !== route };
  }

  async replaceRoutes(
    orgId: string,
    routes: readonly PlacedRoute[],
    revision: number | undefined,
  ): Promise<OrgRoutes> {
    assertOrgRevision(orgId, this.#org(orgId).revision, revision);
    return listAll(orgId, this.setRoutes(orgId, placed(routes)));
  }

  get history(): RouteHistory | undefined {
    return undefined;
  }

  async changedSince(cursor: string | undefined): Promise<Changes> {
    return this.#changes.since(cursor);
  }

  async reload(): Promise<void> {
    // There is nothing but what was written.
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  /** Sets all of an org's routes, in creation order, as they are: what a writer may say isn't looked at here. */
  setRoutes(orgId: string, routes: readonly Route[]): OrgRecord {
    const before = this.#org(orgId);
    const after = withRoutes(before, routes, before.revision + 1);
    if (after !== before) {
      this.#orgs.set(orgId, after);
      this.#changes.add(orgId);
    }
    return after;
  }

  /** Puts a record in the place of an org's, as a backup has it that is restored. */
  putBack(orgId: string, record: OrgRecord): void {
    this.#orgs.set(orgId, record);
    this.#changes.add(orgId);
  }

  #org(orgId: string): OrgRecord {
    return this.#orgs.get(orgId) ?? UNKNOWN_ORG;
  }

  #route(orgId: string, routeId: string): StoredRoute | undefined {
    return this.#org(orgId).routes.find((route) => route.id === routeId);
  }
}
