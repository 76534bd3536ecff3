// A file's routes beside those that the org has: which of them are the same ones. Pure.
import { nameBasedRouteId } from '../../store/route-id.js';
import type { PlacedRoute, StoredRoute } from '../../store/route-store.js';

/** A route of a file: it has an id in any case, and is paused, or not, only if the file says so. */
export type WantedRoute = PlacedRoute & { readonly id: string };

/**
 * The file's routes with the ids that they have in the org. A route that the file gives no id is the org's one of that
 * name, if there is just one on both sides; so a file that was written by hand changes what is there, and doesn't
 * replace it by the same under another id.
 */
export function placeRoutes(
  orgId: string,
  wanted: readonly WantedRoute[],
  current: readonly StoredRoute[],
): WantedRoute[] {
  const ids = new Set(current.map(({ id }) => id));
  const claimed = new Set(wanted.map(({ id }) => id));
  const currentByName = uniqueByName(current);
  const wantedByName = uniqueByName(wanted);
  return wanted.map((route, index) => {
    if (ids.has(route.id) || !isMadeOfName(orgId, route, index)) return route;
    const namesake = currentByName.get(route.name);
    const isUnique = wantedByName.get(route.name) !== undefined;
    if (namesake === undefined || !isUnique || claimed.has(namesake.id)) return route;
    return { ...route, id: namesake.id };
  });
}

/** The org's routes, with these added or, where they have the id of one, in its place. None goes. */
export function mergeRoutes(current: readonly StoredRoute[], added: readonly WantedRoute[]): WantedRoute[] {
  const byId = new Map(added.map((route) => [route.id, route]));
  const kept = current.map(({ revision: _revision, ...route }) => byId.get(route.id) ?? route);
  const ids = new Set(current.map(({ id }) => id));
  return [...kept, ...added.filter(({ id }) => !ids.has(id))];
}

/** As a route file gives an id to a route that has none. */
function isMadeOfName(orgId: string, { id, name }: WantedRoute, index: number): boolean {
  return id === nameBasedRouteId(orgId, name) || id === nameBasedRouteId(orgId, `${name}\n${index}`);
}

/** Undefined stands for several. */
function uniqueByName<R extends { readonly name: string }>(routes: readonly R[]): Map<string, R | undefined> {
  const byName = new Map<string, R | undefined>();
  for (const route of routes) byName.set(route.name, byName.has(route.name) ? undefined : route);
  return byName;
}
