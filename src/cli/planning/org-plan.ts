// What a file's routes would change in each org, as the daemon itself says it: a dry run of the very call that applies it.
import { messageOf, SignalboxError } from '../../errors.js';
import type { PlacedRoute } from '../../store/route-store.js';
import type { AdminClient } from '../admin/admin-client.js';
import type { OrgDiff } from '../admin/answers.js';
import { startProgress } from '../output/progress.js';
import { mergeRoutes, placeRoutes, type WantedRoute } from './place-routes.js';

export interface OrgPlan {
  readonly orgId: string;
  /** The org's, when this was planned; it is applied to no other. */
  readonly revision: number;
  /** All that the org is to have. */
  readonly routes: readonly PlacedRoute[];
  readonly diff: OrgDiff;
}

export type WantedOrgs = ReadonlyMap<string, readonly WantedRoute[]>;

/** `replace`: the org is to have these and no others. `add`: none goes. */
export type PlanMode = 'replace' | 'add';

export async function planOrgs(admin: AdminClient, wanted: WantedOrgs, mode: PlanMode): Promise<OrgPlan[]> {
  const progress = startProgress('planning', wanted.size);
  const plans: OrgPlan[] = [];
  try {
    for (const [orgId, routes] of wanted) {
      progress.at(plans.length);
      try {
        plans.push(await planOrg(admin, orgId, routes, mode));
      } catch (error) {
        if (!(error instanceof SignalboxError) || error.code === 'unreachable') throw error;
        throw new SignalboxError(error.code, `org ${orgId}: ${messageOf(error)}`, { cause: error });
      }
    }
  } finally {
    progress.end();
  }
  return plans;
}

async function planOrg(
  admin: AdminClient,
  orgId: string,
  wanted: readonly WantedRoute[],
  mode: PlanMode,
): Promise<OrgPlan> {
  const { routes: current, revision } = await admin.routes(orgId);
  const placed = placeRoutes(orgId, wanted, current);
  // Table order may stand for creation order: among routes of one priority, where that decides, they are the same.
  const routes = mode === 'replace' ? placed : mergeRoutes(current, placed);
  const { diff } = await admin.plan(orgId, routes, revision);
  return { orgId, revision, routes, diff };
}

export function hasChanges({ diff }: OrgPlan): boolean {
  return diff.create.length + diff.update.length + diff.delete.length > 0 || diff.reordered === true;
}
