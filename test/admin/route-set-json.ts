// An org's routes as the admin API answers with them.
import type { RouteJson } from '../../src/admin/route-json.js';
import type { Answer } from './admin-under-test.js';

export interface RouteSetJson {
  readonly org_id: string;
  readonly revision: number;
  readonly routes: readonly RouteJson[];
}

export function setOf({ json }: Answer): RouteSetJson {
  return json as RouteSetJson;
}

/** The routes' names, in the order of the answer. */
export function namesOf(answer: Answer): string {
  return setOf(answer)
    .routes.map(({ name }) => name)
    .join(' ');
}
