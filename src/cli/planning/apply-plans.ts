// Makes plans true, an org at a time, each in one call that is refused if the org has changed since it was planned.
// The first failure ends it: whoever applies must know what is done and what isn't, and look before going on.
import { SignalboxError } from '../../errors.js';
import type { AdminClient } from '../admin/admin-client.js';
import { startProgress } from '../output/progress.js';
import { count } from '../output/words.js';
import { type OrgPlan, hasChanges } from './org-plan.js';

export interface OrgOutcome {
  readonly org_id: string;
  /** `unknown`: the answer got lost. */
  readonly outcome: 'applied' | 'unchanged' | 'failed' | 'unknown' | 'not_tried';
  /** The org's revision now, so far as it is known. */
  readonly revision: number;
  readonly error?: { readonly code: string; readonly message: string };
}

/** In the order of the plans, each org's outcome. */
export async function applyPlans(admin: AdminClient, plans: readonly OrgPlan[]): Promise<OrgOutcome[]> {
  const progress = startProgress('applying', plans.length);
  const outcomes: OrgOutcome[] = [];
  let hasFailed = false;
  for (const plan of plans) {
    progress.at(outcomes.length);
    if (!hasChanges(plan)) {
      outcomes.push({ org_id: plan.orgId, outcome: 'unchanged', revision: plan.revision });
    } else if (hasFailed) {
      outcomes.push({ org_id: plan.orgId, outcome: 'not_tried', revision: plan.revision });
    } else {
      const outcome = await applyPlan(admin, plan);
      hasFailed = outcome.outcome !== 'applied';
      outcomes.push(outcome);
    }
  }
  progress.end();
  return outcomes;
}

async function applyPlan(admin: AdminClient, { orgId, routes, revision }: OrgPlan): Promise<OrgOutcome> {
  try {
    const after = await admin.replace(orgId, routes, revision);
    return { org_id: orgId, outcome: 'applied', revision: after.revision };
  } catch (error) {
    if (!(error instanceof SignalboxError)) throw error;
    const { code, message } = error;
    const outcome = code === 'timeout' ? 'unknown' : 'failed';
    return { org_id: orgId, outcome, revision, error: { code, message } };
  }
}

/** A line for each org that has changed or was to change. */
export function outcomeLines(outcomes: readonly OrgOutcome[]): string[] {
  return outcomes
    .filter(({ outcome }) => outcome !== 'unchanged')
    .map(({ org_id: org, outcome, revision, error }) => {
      switch (outcome) {
        case 'applied':
          return `org ${org}: applied, now at revision ${revision}`;
        case 'not_tried':
          return `org ${org}: not applied`;
        default:
          return `org ${org}: ${outcome}: ${error?.message ?? ''}`;
      }
    });
}

/** Undefined: everything is as planned. */
export function failureOf(outcomes: readonly OrgOutcome[]): SignalboxError | undefined {
  const failed = outcomes.find(({ error }) => error !== undefined);
  if (failed === undefined) return undefined;
  const applied = outcomes.filter(({ outcome }) => outcome === 'applied').length;
  const left = outcomes.filter(({ outcome }) => outcome !== 'applied' && outcome !== 'unchanged').length;
  const advice = 'read the lines above, and plan again';
  return new SignalboxError(
    'refused',
    `stopped at org ${failed.org_id}: ${count(applied, 'org')} applied, ${left} not; ${advice}`,
  );
}
