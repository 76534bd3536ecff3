// A route as a person names it: by its id, or by its name where just one of the org's routes has it.
import { SignalboxError } from '../../errors.js';
import { parseOrgId as parseUuid } from '../../protocol/org-id.js';
import type { StoredRoute } from '../../store/route-store.js';
import type { AdminClient } from '../admin/admin-client.js';

export const ROUTE_ARGUMENT = ['<route>', "a route's id, or its name"] as const;

/** @throws SignalboxError `refused` if the org has no such route, or several. */
export async function findRoute(admin: AdminClient, orgId: string, text: string): Promise<StoredRoute> {
  const id = parseUuid(text);
  if (id !== undefined) return admin.route(orgId, id);
  const { routes } = await admin.routes(orgId);
  const [route, ...others] = routes.filter(({ name }) => name === text);
  if (route === undefined)
    throw new SignalboxError('refused', `org ${orgId} has no route named ${JSON.stringify(text)}`);
  if (others.length === 0) return route;
  const ids = [route, ...others].map((each) => each.id).join(', ');
  throw new SignalboxError('refused', `several routes are named ${JSON.stringify(text)}; say which: ${ids}`);
}
