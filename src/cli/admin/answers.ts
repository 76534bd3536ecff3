// The bodies of the admin API, in its own snake_case names: what --json prints is what came.
import type { DecisionJson, OrgHits } from '../../admin/backend.js';
import type { HistoryEntry, PlacedRoute, StoredRoute } from '../../store/route-store.js';

export interface OrgAnswer {
  readonly org_id: string;
  /** Of the org. */
  readonly revision: number;
  /** In table order. */
  readonly routes: readonly StoredRoute[];
  /** What the store has of that org that is no route. */
  readonly refused?: readonly { readonly route_id: string; readonly message: string }[];
}

/** A route that isn't kept, yet or as it is: it has no revision, and a new one may have no id. */
export type RouteToBe = Omit<PlacedRoute, 'id'> & { readonly id: string | null };

export interface OrgDiff {
  readonly create: readonly RouteToBe[];
  readonly update: readonly { readonly before: StoredRoute; readonly after: RouteToBe }[];
  readonly delete: readonly StoredRoute[];
  /** How many routes stay as they are. */
  readonly unchanged: number;
  /** Routes of one priority that stay would be tried in another order than now. */
  readonly reordered?: boolean;
}

export interface DryRunAnswer {
  readonly org_id: string;
  /** The one that the org has now. */
  readonly revision: number;
  readonly diff: OrgDiff;
}

export interface HistoryAnswer {
  readonly org_id: string;
  /** The newest first. */
  readonly entries: readonly HistoryEntry[];
}

/** A decision, or how many decisions could not be told since the last such line. */
export type TapLine = DecisionJson | { readonly dropped: number };

export type HitsAnswer = OrgHits & { readonly org_id: string };

/** RFC 9457. */
export interface ProblemAnswer {
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly code?: string;
  readonly problems?: readonly { readonly path: string; readonly code: string; readonly message: string }[];
}

export interface ReloadAnswer {
  /** How many go by what was loaded. */
  readonly workers: number;
}
