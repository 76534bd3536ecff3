// One route of an org: read, replace, patch, delete, pause and resume.
import { checkFields, isMap, text } from '../routing/checks.js';
import { Problems } from '../routing/problem.js';
import type { RouteDraft } from '../routing/route.js';
import type { ChangeNote, StoredRoute } from '../store/route-store.js';
import { REASON_LENGTH_MAX, noteText } from './change-note.js';
import {
  type AdminContext,
  type AdminRequest,
  type Endpoint,
  JSON_TYPES,
  MERGE_PATCH_TYPES,
} from './endpoint.js';
import { mergePatch } from './merge-patch.js';
import { entityTag, isNotModified } from './preconditions.js';
import { Refusal } from './refusal.js';
import { parseDraft } from './route-input.js';
import { routeJson } from './route-json.js';
import { writeOnCurrent } from './write-attempts.js';

const PATH = '/v1/orgs/{org_id}/routes/{route_id}';

const ROUTE = { about: 'The route.', schema: 'Route', hasEntityTag: true } as const;

export const ROUTE_ENDPOINTS: readonly Endpoint[] = [
  {
    method: 'GET',
    path: PATH,
    operationId: 'getRoute',
    summary: 'A route, as the store has it now.',
    answers: { 200: ROUTE, 304: { about: 'It is as If-None-Match says.', hasEntityTag: true } },
    refusals: ['not_found', 'store_unavailable'],
    handle: get,
  },
  {
    method: 'PUT',
    path: PATH,
    operationId: 'updateRoute',
    summary: 'Replaces what a writer says of a route; what the draft leaves out gets its default.',
    body: { schema: 'RouteDraft', types: JSON_TYPES },
    honoursIfMatch: true,
    answers: { 200: ROUTE },
    refusals: ['not_found', 'conflict', 'invalid_route', 'store_unavailable'],
    handle: put,
  },
  {
    method: 'PATCH',
    path: PATH,
    operationId: 'patchRoute',
    summary: 'Changes parts of what a writer says of a route, by a JSON merge patch (RFC 7396).',
    body: { schema: 'RoutePatch', types: MERGE_PATCH_TYPES },
    honoursIfMatch: true,
    answers: { 200: ROUTE },
    refusals: ['not_found', 'conflict', 'invalid_route', 'store_unavailable'],
    handle: patch,
  },
  {
    method: 'DELETE',
    path: PATH,
    operationId: 'deleteRoute',
    summary: 'Deletes a route.',
    honoursIfMatch: true,
    answers: { 204: { about: 'It is gone.' } },
    refusals: ['not_found', 'conflict', 'store_unavailable'],
    handle: remove,
  },
  {
    method: 'POST',
    path: `${PATH}/pause`,
    operationId: 'pauseRoute',
    summary: 'The route goes on to match and to be attributed, but changes neither model nor fallbacks.',
    body: { schema: 'Reason', isOptional: true, types: JSON_TYPES },
    answers: { 200: ROUTE },
    refusals: ['not_found', 'store_unavailable'],
    handle: (request, context) => setPaused(request, context, true),
  },
  {
    method: 'POST',
    path: `${PATH}/resume`,
    operationId: 'resumeRoute',
    summary: 'Ends a pause.',
    body: { schema: 'Reason', isOptional: true, types: JSON_TYPES },
    answers: { 200: ROUTE },
    refusals: ['not_found', 'store_unavailable'],
    handle: (request, context) => setPaused(request, context, false),
  },
];

async function get(request: AdminRequest, context: AdminContext): Promise<Response> {
  const route = await read(request, context);
  if (isNotModified(request.ifNoneMatch, route.revision)) {
    return new Response(null, { status: 304, headers: { etag: entityTag(route.revision) } });
  }
  return reply(route);
}

async function put(request: AdminRequest, context: AdminContext): Promise<Response> {
  const draft = parseDraft(request.body);
  return update(request, context, () => draft);
}

async function patch(request: AdminRequest, context: AdminContext): Promise<Response> {
  return update(request, context, ({ name, priority, enabled, when, then }) =>
    parseDraft(mergePatch({ name, priority, enabled, when, then }, request.body)),
  );
}

async function remove(request: AdminRequest, context: AdminContext): Promise<Response> {
  const { orgId, routeId, ifMatch, note } = request;
  const isDeleted = await writeOnCurrent(
    ifMatch,
    () => read(request, context),
    ({ revision }) => context.backend.store.deleteRoute(orgId, routeId, revision, note),
  );
  if (!isDeleted) throw noSuchRoute(request);
  return new Response(null, { status: 204 });
}

async function setPaused(request: AdminRequest, context: AdminContext, paused: boolean): Promise<Response> {
  const { orgId, routeId } = request;
  const updated = await context.backend.store.pauseRoute(orgId, routeId, paused, pauseNote(request));
  if (updated === undefined) throw noSuchRoute(request);
  return reply(updated.route);
}

/** The body's reason, which is of this pause, goes before the header's. */
function pauseNote({ body, note }: AdminRequest): ChangeNote {
  if (body === undefined) return note;
  const problems = new Problems();
  checkFields(body, { reason: text }, [], problems);
  const [problem] = problems.list;
  if (problem !== undefined)
    throw new Refusal('bad_request', `${problem.path || 'body'}: ${problem.message}`);
  const reason = isMap(body) ? (body['reason'] as string | undefined) : undefined;
  return { ...note, reason: noteText('reason', reason, REASON_LENGTH_MAX) ?? note.reason };
}

async function update(
  request: AdminRequest,
  context: AdminContext,
  draftOf: (current: StoredRoute) => RouteDraft,
): Promise<Response> {
  const { orgId, routeId, ifMatch, note } = request;
  const updated = await writeOnCurrent(
    ifMatch,
    () => read(request, context),
    (current) => context.backend.store.updateRoute(orgId, routeId, draftOf(current), current.revision, note),
  );
  if (updated === undefined) throw noSuchRoute(request);
  return reply(updated.route);
}

async function read(request: AdminRequest, { backend }: AdminContext): Promise<StoredRoute> {
  const route = await backend.store.getRoute(request.orgId, request.routeId);
  if (route === undefined) throw noSuchRoute(request);
  return route;
}

function reply(route: StoredRoute): Response {
  return Response.json(routeJson(route), { headers: { etag: entityTag(route.revision) } });
}

function noSuchRoute({ orgId, routeId }: AdminRequest): Refusal {
  return new Refusal('not_found', `org ${orgId} has no route ${routeId}`);
}
