// A whole set of routes against the one that an org has: which given route is which existing one, and what would
// change. Pure.
import { isDeepStrictEqual } from 'node:util';
import { type Route, inTableOrder } from '../routing/route.js';
import type { PlacedRoute, StoredRoute } from '../store/route-store.js';
import { type RouteJson, bareRouteJson, routeJson } from './route-json.js';

/**
 * The given routes, each with the id of the existing route that it is: the one it names by id, else the one of its
 * name, if the name is unique on both sides. So ids, and pauses that the set says nothing of, survive when a set
 * that was kept elsewhere is applied again. Routes that are new keep the id they came with, if any.
 */
export function identify(
  given: readonly PlacedRoute[],
  existing: readonly StoredRoute[],
): readonly PlacedRoute[] {
  const byId = new Map(existing.map((route) => [route.id, route]));
  const existingByName = uniqueByName(existing);
  const givenByName = uniqueByName(given);
  const taken = new Set(given.flatMap(({ id }) => id ?? []));
  return given.map((route) => {
    let known = route.id === undefined ? undefined : byId.get(route.id);
    if (route.id === undefined && givenByName.get(route.name) === route) {
      const namesake = existingByName.get(route.name);
      if (namesake !== undefined && !taken.has(namesake.id)) known = namesake;
    }
    if (known === undefined) return route;
    return { ...route, id: known.id, paused: route.paused ?? known.paused };
  });
}

/** A route that doesn't exist yet: its id is null unless the caller chose it. */
export type NewRouteJson = Omit<Route, 'id'> & { readonly id: string | null };

export interface RouteSetDiff {
  readonly create: readonly NewRouteJson[];
  readonly update: readonly { readonly before: RouteJson; readonly after: Route }[];
  readonly delete: readonly RouteJson[];
  readonly unchanged: number;
  /** Routes of one priority that stay would be tried in another order than now. */
  readonly reordered: boolean;
}

/** @param given as {@link identify} returns them. */
export function diffRouteSets(given: readonly PlacedRoute[], existing: readonly StoredRoute[]): RouteSetDiff {
  const byId = new Map(existing.map((route) => [route.id, route]));
  const create: NewRouteJson[] = [];
  const update: { before: RouteJson; after: Route }[] = [];
  const staying: StoredRoute[] = [];
  for (const { id = null, paused = false, ...draft } of inTableOrder(given)) {
    const known = id === null ? undefined : byId.get(id);
    if (known === undefined) {
      create.push({ ...bareRouteJson({ id: '', paused, ...draft }), id });
      continue;
    }
    byId.delete(known.id);
    if (draft.priority === known.priority) staying.push(known);
    const after = bareRouteJson({ id: known.id, paused, ...draft });
    if (!isDeepStrictEqual(after, bareRouteJson(known))) update.push({ before: routeJson(known), after });
  }
  const stays = new Set(staying);
  return {
    create,
    update,
    delete: [...byId.values()].map(routeJson),
    unchanged: given.length - create.length - update.length,
    reordered: !isDeepStrictEqual(
      staying,
      existing.filter((route) => stays.has(route)),
    ),
  };
}

function uniqueByName<R extends { readonly name: string }>(routes: readonly R[]): ReadonlyMap<string, R> {
  const byName = new Map<string, R>();
  const repeated = new Set<string>();
  for (const route of routes) {
    if (byName.has(route.name)) repeated.add(route.name);
    byName.set(route.name, route);
  }
  for (const name of repeated) byName.delete(name);
  return byName;
}
