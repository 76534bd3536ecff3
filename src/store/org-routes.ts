// The routes of one org in memory, as the memory and the file store hold them: immutable, in creation order, with
// the rules of revisions that all stores share.
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { SignalboxError } from '../errors.js';
import { type Route, type RouteDraft, inTableOrder } from '../routing/route.js';
import type { OrgRoutes, PlacedRoute, StoredRoute } from './route-store.js';

export interface OrgRecord {
  readonly revision: number;
  /** In creation order. */
  readonly routes: readonly StoredRoute[];
}

export const UNKNOWN_ORG: OrgRecord = { revision: 0, routes: [] };

export function listEnabled(orgId: string, { revision, routes }: OrgRecord): OrgRoutes {
  return { orgId, revision, routes: inTableOrder(routes.filter((route) => route.enabled)) };
}

export function listAll(orgId: string, { revision, routes }: OrgRecord): OrgRoutes {
  return { orgId, revision, routes: inTableOrder(routes) };
}

/**
 * The record with these routes in place of its own. Routes that stay as they are keep their revision; if all do, and
 * their order too, the record itself comes back.
 */
export function withRoutes(record: OrgRecord, routes: readonly Route[], revision: number): OrgRecord {
  const before = new Map(record.routes.map((route) => [route.id, route]));
  const after = routes.map((route): StoredRoute => {
    const known = before.get(route.id);
    return known !== undefined && isDeepStrictEqual({ ...route, revision: known.revision }, known)
      ? known
      : { ...route, revision };
  });
  const same =
    after.length === record.routes.length && after.every((route, index) => route === record.routes[index]);
  return same && record.revision > 0 ? record : { revision, routes: after };
}

interface Version {
  readonly revision: number;
  readonly epoch?: number | undefined;
}

/** Whether routes are of an earlier time than others of the same org, as a replica has them that is behind. */
export function isOlder(routes: Version, others: Version): boolean {
  const { epoch = 0 } = routes;
  const { epoch: otherEpoch = 0 } = others;
  return epoch === otherEpoch ? routes.revision < others.revision : epoch < otherEpoch;
}

/** A copy, for a draft stays its writer's, of what a writer may say: a whole route may be given as a draft too. */
export function draftOf({ name, priority, enabled, when, then }: RouteDraft): RouteDraft {
  return structuredClone({ name, priority, enabled, when, then });
}

/** The route with what its writer says now. */
export function withDraft(route: StoredRoute, draft: RouteDraft): Route {
  return { id: route.id, paused: route.paused, ...draftOf(draft) };
}

/** A whole set as it is to be kept: routes without an id get one. */
export function placed(routes: readonly PlacedRoute[]): Route[] {
  return routes.map((route) => ({
    id: route.id ?? randomUUID(),
    paused: route.paused ?? false,
    ...draftOf(route),
  }));
}

/** @throws SignalboxError `conflict` if the org isn't as its writer saw it. */
export function assertOrgRevision(orgId: string, current: number, revision: number | undefined): void {
  if (revision === undefined || current === revision) return;
  throw new SignalboxError(
    'conflict',
    `org ${orgId} is at revision ${current}, not ${revision}: read it again`,
  );
}

/** @throws SignalboxError `conflict` if the route isn't as its writer saw it. */
export function assertRevision(route: StoredRoute, revision: number): void {
  if (route.revision === revision) return;
  throw new SignalboxError(
    'conflict',
    `route ${route.id} is at revision ${route.revision}, not ${revision}: read it again`,
  );
}
