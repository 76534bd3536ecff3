// What a team would build instead of a daemon: a Fastify server on a Unix socket that answers `POST /resolve` with a
// decision as JSON, by json-rules-engine or by our own engine, single-threaded. Fastify at its best: no logger, the
// answer's schema compiled. Prints `ready`, and ends with its standard input.
//   node http-server.js SOCKET ENGINE
import { fastify } from 'fastify';
import type { ResolveRequest } from '../../src/routing/request.js';
import { compile, decide } from './engine.js';
import { ORG } from './payloads.js';
import { jsonRulesEngine } from './peers/json-rules-engine.js';
import type { Peer } from './peers/peer.js';
import { TYPICAL_RULES, routesOf } from './typical.js';

const ours: Peer = (routes) => {
  const table = compile(routes);
  return (request) => decide(table, request);
};
const PEERS: Readonly<Record<string, Peer>> = { ours, 'json-rules-engine': jsonRulesEngine };

const [socketPath = '', engine = ''] = process.argv.slice(2);
const peer = PEERS[engine];
if (peer === undefined) throw new Error(`no engine ${engine}; there are ${Object.keys(PEERS).join(', ')}`);

const routes = routesOf(TYPICAL_RULES);
const actions = new Map(routes.map((route) => [route.name, route]));
const orgs = new Map([[ORG, peer(routes)]]);

const nullableText = { type: ['string', 'null'] };
const decisionSchema = {
  type: 'object',
  properties: {
    route_id: nullableText,
    route: nullableText,
    target_model: nullableText,
    fallbacks: { type: 'array', items: { type: 'string' } },
    disable_cache: { type: 'boolean' },
    max_cost_usd: { type: ['number', 'null'] },
    effects: { type: 'object', additionalProperties: true },
  },
};

const server = fastify({ logger: false });
server.post<{ Body: ResolveRequest & { org_id: string } }>(
  '/resolve',
  { schema: { response: { 200: decisionSchema } } },
  async ({ body }, reply) => {
    const decideFor = orgs.get(body.org_id);
    if (decideFor === undefined) return reply.code(404).send({ error: 'no such org' });
    const name = await decideFor(body);
    const route = name === null ? undefined : actions.get(name);
    return {
      route_id: route?.id ?? null,
      route: name,
      target_model: route?.then.target_model ?? null,
      fallbacks: route?.then.fallbacks ?? [],
      disable_cache: route?.then.disable_cache ?? false,
      max_cost_usd: route?.then.max_cost_usd ?? null,
      effects: route?.then.effects ?? {},
    };
  },
);
await server.listen({ path: socketPath });
const end = (): void => {
  // Nobody waits for keep-alive connections here.
  process.exit(0);
};
process.stdin.on('close', end).resume();
process.on('SIGTERM', end);
console.log('ready');
