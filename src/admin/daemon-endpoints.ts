// The daemon itself: whether it lives and can decide, what it is doing, its metrics, and this API's own description.
import type { Endpoint } from './endpoint.js';

/** Of the format, which is said before the library that writes it is loaded. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export const DAEMON_ENDPOINTS: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/healthz',
    operationId: 'getHealth',
    summary: 'The daemon lives.',
    isOpen: true,
    answers: { 200: { about: 'It does.', schema: 'Health' } },
    handle: () => Response.json({ status: 'ok' }),
  },
  {
    method: 'GET',
    path: '/readyz',
    operationId: 'getReadiness',
    summary:
      'The daemon can decide: it listens, at least one worker serves, and there are routes: read once, or of the snapshot.',
    isOpen: true,
    answers: {
      200: { about: 'It can.', schema: 'Readiness' },
      503: { about: 'It cannot, yet or any more.', schema: 'Readiness' },
    },
    handle: (_, { backend }) =>
      backend.isReady()
        ? Response.json({ status: 'ready' })
        : Response.json({ status: 'not_ready' }, { status: 503 }),
  },
  {
    method: 'GET',
    path: '/v1/status',
    operationId: 'getStatus',
    summary: 'What the daemon is doing.',
    answers: { 200: { about: 'The status.', schema: 'Status' } },
    handle: (_, { backend }) => Response.json(backend.status()),
  },
  {
    method: 'POST',
    path: '/v1/reload',
    operationId: 'reload',
    summary:
      'Reads again what was read at the start: the route file, or the password of the database. Checked first; answers when every worker goes by it.',
    answers: { 200: { about: 'Done.', schema: 'Reloaded' } },
    refusals: ['reload_refused', 'store_unavailable'],
    handle: async (_, { backend }) => Response.json({ workers: await backend.reload() }),
  },
  {
    method: 'GET',
    path: '/metrics',
    operationId: 'getMetrics',
    summary: 'Metrics in the Prometheus text format 0.0.4. No label is of an org, a route or a model.',
    answers: { 200: { about: 'The metrics.', type: METRICS_TYPE } },
    handle: async (_, { metrics }) =>
      new Response(await (await metrics()).text(), { headers: { 'content-type': METRICS_TYPE } }),
  },
  {
    method: 'GET',
    path: '/openapi.json',
    operationId: 'getOpenApi',
    summary: 'This API, as an OpenAPI 3.1 document.',
    answers: { 200: { about: 'The document.', schema: 'OpenApi' } },
    handle: (_, { openapi }) => new Response(openapi(), { headers: { 'content-type': 'application/json' } }),
  },
];
