// The contract of a store: where an org's routes are kept. Implementations stand beside this file and pass one
// conformance suite; the cache (control/cache/caching-store.ts) wraps any of them and implements the same contract.
// Orgs are canonical UUID text (protocol/org-id.ts). Every read and write is scoped by org: another org's route is
// not there.
import type { Route, RouteDraft } from '../routing/route.js';

/** A route as it is kept. */
export interface StoredRoute extends Route {
  /** The org's revision at which the route came to be as it is. An update or delete must name it. */
  readonly revision: number;
}

/** One org's routes, read at one moment. */
export interface OrgRoutes {
  readonly orgId: string;
  /** Grows with every change of the org's routes, and only grows; 0: the store knows nothing of that org. */
  readonly revision: number;
  /**
   * Grows when somebody says that the store was restored from a backup; absent: nobody ever did. Revisions may begin
   * anew then, so they are compared within one epoch.
   */
  readonly epoch?: number;
  /** In table order. */
  readonly routes: readonly StoredRoute[];
  /** What the store has of that org that is no route, as somebody may have written by hand. */
  readonly refused?: readonly RefusedRow[];
}

export interface RefusedRow {
  readonly routeId: string;
  readonly message: string;
}

/** The orgs that changed; `all`: whatever is known of any org may be out of date, even of those that are gone. */
export type ChangedOrgs = readonly string[] | 'all';

/** What changed, and where to ask from next. */
export interface Changes {
  readonly orgIds: ChangedOrgs;
  readonly cursor: string;
}

/** Who changes something, and why: for the history. */
export interface ChangeNote {
  readonly actor?: string | undefined;
  readonly reason?: string | undefined;
}

/** A route of a whole set. With the id of a route that the org has, it is that one, changed. */
export interface PlacedRoute extends RouteDraft {
  readonly id?: string | undefined;
  readonly paused?: boolean | undefined;
}

/** One version of one route, as the history has it. */
export interface HistoryEntry {
  /** The org's revision that this change made. */
  readonly revision: number;
  readonly operation: 'create' | 'update' | 'delete';
  /** As it was from then on; of a deleted one, as it was last. */
  readonly route: Route;
  readonly actor: string | null;
  readonly reason: string | null;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** What a store remembers of the past. Not every store does. */
export interface RouteHistory {
  /** The newest first. */
  list(
    orgId: string,
    options: { readonly limit: number; readonly before?: number | undefined },
  ): Promise<readonly HistoryEntry[]>;
  /** The org's routes at that revision, in creation order; undefined if the org never had it. */
  routesAt(orgId: string, revision: number): Promise<readonly Route[] | undefined>;
}

/** What an update did. */
export interface Updated {
  readonly route: StoredRoute;
  /** False: the route was so already, and nothing was written. */
  readonly changed: boolean;
}

/**
 * Errors are SignalboxErrors: `store_unavailable` when the store can't be read or written now, `conflict` when the
 * given revision isn't the route's.
 */
export interface RouteStore {
  /** The enabled routes, in table order. An unknown org has none, which is not an error. */
  listForOrg(orgId: string): Promise<OrgRoutes>;
  /** Disabled ones too. */
  listAllForOrg(orgId: string): Promise<OrgRoutes>;
  getRoute(orgId: string, routeId: string): Promise<StoredRoute | undefined>;
  /** Assigns the id; the route is the last of its priority. */
  createRoute(orgId: string, draft: RouteDraft, note?: ChangeNote): Promise<StoredRoute>;
  /** Undefined: the org has no such route. */
  updateRoute(
    orgId: string,
    routeId: string,
    draft: RouteDraft,
    revision: number,
    note?: ChangeNote,
  ): Promise<Updated | undefined>;
  /** False: the org has no such route. */
  deleteRoute(orgId: string, routeId: string, revision: number, note?: ChangeNote): Promise<boolean>;
  /** Pauses a route, or lets it go on, whatever its revision is. Undefined: the org has no such route. */
  pauseRoute(
    orgId: string,
    routeId: string,
    paused: boolean,
    note?: ChangeNote,
  ): Promise<Updated | undefined>;
  /**
   * Makes these, in creation order, all the routes of the org, in one transaction. With a revision, only if that is the
   * org's. Returns all of them.
   */
  replaceRoutes(
    orgId: string,
    routes: readonly PlacedRoute[],
    revision: number | undefined,
    note?: ChangeNote,
  ): Promise<OrgRoutes>;
  /** Undefined: this store keeps none. */
  readonly history: RouteHistory | undefined;
  /** The orgs whose routes changed since a cursor was given out; without one, none, and a cursor to begin with. */
  changedSince(cursor: string | undefined): Promise<Changes>;
  /**
   * Reads again what was read when the store was opened, and goes by it if it is right.
   *
   * @throws SignalboxError `refused` if it isn't, `store_unavailable` if it can't be read: all stays as it was.
   */
  reload(): Promise<void>;
  close(): Promise<void>;
}
