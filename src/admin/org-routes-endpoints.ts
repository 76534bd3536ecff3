// The routes of an org as a whole: list, create one, replace all.
import type { OrgRoutes, PlacedRoute } from '../store/route-store.js';
import { type AdminContext, type AdminRequest, type Endpoint, JSON_TYPES } from './endpoint.js';
import { entityTag, isNotModified } from './preconditions.js';
import { parseDraft, parseRouteSet } from './route-input.js';
import { orgRoutesJson, routeJson } from './route-json.js';
import { diffRouteSets, identify } from './route-set.js';
import { writeOnCurrent } from './write-attempts.js';

const PATH = '/v1/orgs/{org_id}/routes';

export const ORG_ROUTES_ENDPOINTS: readonly Endpoint[] = [
  {
    method: 'GET',
    path: PATH,
    operationId: 'listRoutes',
    summary: "An org's routes in table order, as the store has them now. An unknown org has none.",
    query: { all: { type: 'boolean', about: 'Disabled routes too.' } },
    answers: {
      200: { about: 'The routes.', schema: 'OrgRoutes', hasEntityTag: true },
      304: { about: 'They are as If-None-Match says.', hasEntityTag: true },
    },
    refusals: ['store_unavailable'],
    handle: list,
  },
  {
    method: 'POST',
    path: PATH,
    operationId: 'createRoute',
    summary: 'Creates a route, the last of its priority.',
    body: { schema: 'RouteDraft', types: JSON_TYPES },
    answers: { 201: { about: 'The route.', schema: 'Route', hasEntityTag: true, hasLocation: true } },
    refusals: ['invalid_route', 'store_unavailable'],
    handle: create,
  },
  {
    method: 'PUT',
    path: PATH,
    operationId: 'replaceRoutes',
    summary:
      "Makes these, in creation order, all the org's routes, in one transaction. A route with an id is that route; " +
      'one without is the existing one of its name, if the name is unique on both sides.',
    query: { dry_run: { type: 'boolean', about: 'Only says what would change.' } },
    body: { schema: 'RouteSet', types: JSON_TYPES },
    honoursIfMatch: true,
    answers: {
      200: { about: 'All the routes; of a dry run, the difference.', schema: 'Replaced', hasEntityTag: true },
    },
    refusals: ['conflict', 'invalid_route', 'store_unavailable'],
    handle: replace,
  },
];

async function list(
  { orgId, query, ifNoneMatch }: AdminRequest,
  { backend }: AdminContext,
): Promise<Response> {
  // Not through the cache: whoever changes routes has to see what they change.
  const all = await backend.store.listAllForOrg(orgId);
  const headers = { etag: entityTag(all.revision) };
  if (isNotModified(ifNoneMatch, all.revision)) return new Response(null, { status: 304, headers });
  const routes = query.get('all') === true ? all.routes : all.routes.filter(({ enabled }) => enabled);
  return Response.json(orgRoutesJson({ ...all, routes }), { headers });
}

async function create({ orgId, body, note }: AdminRequest, { backend }: AdminContext): Promise<Response> {
  const route = await backend.store.createRoute(orgId, parseDraft(body), note);
  const headers = { etag: entityTag(route.revision), location: `/v1/orgs/${orgId}/routes/${route.id}` };
  return Response.json(routeJson(route), { status: 201, headers });
}

async function replace(request: AdminRequest, context: AdminContext): Promise<Response> {
  const { orgId, query, ifMatch } = request;
  const given = parseRouteSet(request.body);
  if (query.get('dry_run') !== true) {
    return replaceAll(request, context, ({ routes }) => identify(given, routes));
  }
  const { store } = context.backend;
  return writeOnCurrent(
    ifMatch,
    () => store.listAllForOrg(orgId),
    async ({ revision, routes }) => {
      const diff = diffRouteSets(identify(given, routes), routes);
      return Response.json({ org_id: orgId, revision, diff }, { headers: { etag: entityTag(revision) } });
    },
  );
}

/** Replaces all the routes of an org with what `choose` makes of those it has. */
export async function replaceAll(
  { orgId, ifMatch, note }: AdminRequest,
  { backend: { store } }: AdminContext,
  choose: (current: OrgRoutes) => readonly PlacedRoute[],
): Promise<Response> {
  const replaced = await writeOnCurrent(
    ifMatch,
    () => store.listAllForOrg(orgId),
    (current) => store.replaceRoutes(orgId, choose(current), current.revision, note),
  );
  return Response.json(orgRoutesJson(replaced), { headers: { etag: entityTag(replaced.revision) } });
}
