// What an org's routes were, and the way back to it. Only stores that remember can do either.
import { checkFields, describe, isMap } from '../routing/checks.js';
import { Problems } from '../routing/problem.js';
import type { RouteHistory, RouteStore } from '../store/route-store.js';
import { type AdminContext, type AdminRequest, type Endpoint, JSON_TYPES } from './endpoint.js';
import { replaceAll } from './org-routes-endpoints.js';
import { Refusal } from './refusal.js';
import { historyJson } from './route-json.js';

const ENTRIES_MAX = 1000;
const ENTRIES_DEFAULT = 50;

export const HISTORY_ENDPOINTS: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/v1/orgs/{org_id}/history',
    operationId: 'listHistory',
    summary: "The changes of an org's routes, the newest first.",
    query: {
      limit: {
        type: 'integer',
        about: 'How many entries at most.',
        minimum: 1,
        maximum: ENTRIES_MAX,
        default: ENTRIES_DEFAULT,
      },
      before: {
        type: 'integer',
        about: 'Only changes before this revision.',
        minimum: 1,
        maximum: Number.MAX_SAFE_INTEGER,
      },
    },
    answers: { 200: { about: 'The changes.', schema: 'History' } },
    refusals: ['not_supported', 'store_unavailable'],
    handle: listHistory,
  },
  {
    method: 'POST',
    path: '/v1/orgs/{org_id}/rollback',
    operationId: 'rollBack',
    summary: "Makes an org's routes what they were at a revision. That is a change like any other.",
    body: { schema: 'Rollback', types: JSON_TYPES },
    honoursIfMatch: true,
    answers: { 200: { about: 'All the routes.', schema: 'OrgRoutes', hasEntityTag: true } },
    refusals: ['not_found', 'conflict', 'not_supported', 'store_unavailable'],
    handle: rollBack,
  },
];

async function listHistory({ orgId, query }: AdminRequest, { backend }: AdminContext): Promise<Response> {
  const [limit, before] = [query.get('limit'), query.get('before')];
  const entries = await historyOf(backend.store).list(orgId, {
    limit: typeof limit === 'number' ? limit : ENTRIES_DEFAULT,
    before: typeof before === 'number' ? before : undefined,
  });
  return Response.json(historyJson(orgId, entries));
}

async function rollBack(request: AdminRequest, context: AdminContext): Promise<Response> {
  const { orgId, note } = request;
  const history = historyOf(context.backend.store);
  const revision = parseRollback(request.body);
  const routes = await history.routesAt(orgId, revision);
  if (routes === undefined) throw new Refusal('not_found', `org ${orgId} never had a revision ${revision}`);
  const told = { ...note, reason: note.reason ?? `rollback to revision ${revision}` };
  return replaceAll({ ...request, note: told }, context, () => routes);
}

function historyOf({ history }: RouteStore): RouteHistory {
  if (history !== undefined) return history;
  throw new Refusal('not_supported', 'this store keeps no history; a mysql: store does');
}

/** @throws Refusal `bad_request` */
function parseRollback(body: unknown): number {
  const problems = new Problems();
  checkFields(body, { revision: () => undefined }, [], problems);
  const [problem] = problems.list;
  if (problem !== undefined)
    throw new Refusal('bad_request', `${problem.path || 'body'}: ${problem.message}`);
  const revision = isMap(body) ? body['revision'] : undefined;
  if (typeof revision === 'number' && Number.isSafeInteger(revision) && revision >= 0) return revision;
  throw new Refusal(
    'bad_request',
    `revision: expected a whole number of at least 0, got ${describe(revision)}`,
  );
}
