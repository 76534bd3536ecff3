// The orgs of a soak. Some are edited by plain SQL, the others through the admin API, each by one editor.
import type { Decision } from '../../src/client/client.js';
import { org } from '../support/routes.js';
import { versionOf } from '../support/versioned-routes.js';

export const SQL_ORGS: readonly string[] = Array.from({ length: 200 }, (_, index) => org(index + 1));
export const ADMIN_ORGS: readonly string[] = Array.from({ length: 100 }, (_, index) => org(index + 1001));

/** The one route of the latter. */
export const ADMIN_ROUTE = 'only';

const ADMIN: ReadonlySet<string> = new Set(ADMIN_ORGS);

/** Says its version in every part. */
export function adminAction(version: number): Readonly<Record<string, unknown>> {
  return { target_model: `v${version}`, fallbacks: [`f${version}`], effects: { version } };
}

/** The version that a decision was made from; a text says why there is none that it can be of. */
export function versionOfDecision(decision: Decision, orgId: string, model: string): number | string {
  if (!ADMIN.has(orgId)) return versionOf(decision, model);
  const { route, targetModel, fallbacks, effects, revision } = decision;
  const version = Number(effects['version']);
  const said = [route, targetModel, fallbacks.join()].join(' ');
  const expected = `${ADMIN_ROUTE} v${version} f${version}`;
  return said === expected ? version : `revision ${revision} says "${said}" instead of "${expected}"`;
}
