// Routes as the admin API shows them: JSON in the dialect's own names, always all the fields.
import type { Route } from '../routing/route.js';
import type { HistoryEntry, OrgRoutes, StoredRoute } from '../store/route-store.js';

export type RouteJson = Route & { readonly revision: number };

export function routeJson(route: StoredRoute): RouteJson {
  return { ...bareRouteJson(route), revision: route.revision };
}

/** A route that has no revision: of the past, or of a future that may not come. */
export function bareRouteJson({ id, name, priority, enabled, paused, when, then }: Route): Route {
  return { id, name, priority, enabled, paused, when, then };
}

export function orgRoutesJson({ orgId, revision, routes, refused }: OrgRoutes): Record<string, unknown> {
  return {
    org_id: orgId,
    revision,
    routes: routes.map(routeJson),
    ...(refused === undefined
      ? {}
      : { refused: refused.map(({ routeId, message }) => ({ route_id: routeId, message })) }),
  };
}

export function historyJson(orgId: string, entries: readonly HistoryEntry[]): Record<string, unknown> {
  return {
    org_id: orgId,
    entries: entries.map(({ revision, operation, actor, reason, at, route }) => ({
      revision,
      operation,
      actor,
      reason,
      at,
      route: bareRouteJson(route),
    })),
  };
}
