// What the workers decide by: the state of an org's table, and a reload of it.
import type { Endpoint } from './endpoint.js';

export const TABLE_ENDPOINTS: readonly Endpoint[] = [
  {
    method: 'POST',
    path: '/v1/orgs/{org_id}/invalidate',
    operationId: 'invalidateTable',
    summary: "Reads an org's routes now; answers when every worker decides by them.",
    answers: { 200: { about: 'What the workers decide by.', schema: 'Invalidated' } },
    refusals: ['store_unavailable'],
    handle: async ({ orgId }, { backend }) => {
      const { revision, workers } = await backend.refresh(orgId);
      return Response.json({ org_id: orgId, revision, workers });
    },
  },
  {
    method: 'GET',
    path: '/v1/orgs/{org_id}/table',
    operationId: 'getTable',
    summary: "The state of an org's table. Reads nothing from the store.",
    answers: { 200: { about: 'The state.', schema: 'Table' } },
    handle: ({ orgId }, { backend }) => Response.json({ org_id: orgId, ...backend.table(orgId) }),
  },
  {
    method: 'GET',
    path: '/v1/orgs/{org_id}/hits',
    operationId: 'getHits',
    summary:
      "How often each route was decided for, and when last, since the org's routes were loaded. A worker that was " +
      'replaced took its counts with it. Routes that nothing reaches are there too.',
    answers: { 200: { about: 'The hits, of all workers together.', schema: 'Hits' } },
    handle: async ({ orgId }, { backend }) =>
      Response.json({ org_id: orgId, ...(await backend.hits(orgId)) }),
  },
];
