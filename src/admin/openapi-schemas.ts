// The shapes of what the admin API takes and gives, as JSON Schema 2020-12 for the OpenAPI document. They describe;
// what is checked is checked by the project's own parsers.
import { CONTENT_TYPES, DEFAULT_PRIORITY, UINT32_MAX } from '../routing/route.js';
import { ANSWERS } from '../figures.js';
import { CACHE_ANSWER_STATUSES, CONNECTION_REFUSALS, DROPPED_KINDS, WORKER_ENDS } from './backend.js';
import { REASON_LENGTH_MAX } from './change-note.js';

type Schema = Readonly<Record<string, unknown>>;
type Members = Readonly<Record<string, Schema>>;

const text = { type: 'string' } as const;
const uuid = { type: 'string', format: 'uuid' } as const;
const boolean = { type: 'boolean' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const uint32 = { type: 'integer', minimum: 0, maximum: UINT32_MAX } as const;
const texts = { type: 'array', items: { type: 'string', minLength: 1 }, uniqueItems: true } as const;

function orNull(schema: Schema & { readonly type: string }): Schema {
  return { ...schema, type: [schema.type, 'null'] };
}

function list(items: Schema): Schema {
  return { type: 'array', items };
}

function ref(name: SchemaName): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** A closed object; members that `optional` doesn't name are required. */
function object(properties: Members, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  const closed = { type: 'object', properties, additionalProperties: false };
  return required.length === 0 ? closed : { ...closed, required };
}

function counts(names: readonly string[]): Schema {
  return object(Object.fromEntries(names.map((name) => [name, count])));
}

const duration = { type: 'number', minimum: 0 } as const;
const durations: Schema = {
  ...object({ bounds_ms: list(duration), counts: list(count), sum_ms: duration }),
  description: 'A count more than bounds, for what takes longer; no count includes another.',
};
const hitMembers: Members = { hits: count, last_hit: { type: ['string', 'null'], format: 'date-time' } };
const hitCount = object(hitMembers);

const draft: Members = {
  name: { type: 'string', minLength: 1 },
  priority: { ...uint32, default: DEFAULT_PRIORITY, description: 'The highest is tried first.' },
  enabled: { ...boolean, default: true },
  when: ref('Conditions'),
  then: ref('Action'),
};
const DEFAULTED = ['priority', 'enabled', 'when'];
const route: Members = { id: uuid, ...draft, paused: boolean };
const revision: Members = { revision: count };
const newRoute = object({ ...route, id: orNull(uuid) });
const refusedRows = list(object({ route_id: text, message: text }));
const orgRoutes = object({ org_id: uuid, ...revision, routes: list(ref('Route')), refused: refusedRows }, [
  'refused',
]);

const conditions: Members = {
  model_in: texts,
  input_tokens_lt: orNull(uint32),
  input_tokens_gt: orNull(uint32),
  tag_equals: orNull(text),
  has_images: orNull(boolean),
  has_audio: orNull(boolean),
  has_documents: orNull(boolean),
  prompt_contains_any_of: texts,
  estimated_cost_gt: orNull({ type: 'number', minimum: 0 }),
  estimated_cost_lt: orNull({ type: 'number', minimum: 0 }),
  content_type: { enum: [...CONTENT_TYPES, null] },
  upstream_latency_ms_p95_gt: orNull(uint32),
  not_reasoning_class: boolean,
};
const action: Members = {
  target_model: orNull({ type: 'string', minLength: 1 }),
  fallbacks: texts,
  disable_cache: { ...boolean, default: false },
  max_cost_usd: orNull({ type: 'number', exclusiveMinimum: 0 }),
  effects: { type: 'object' },
};

export type SchemaName =
  | 'Conditions'
  | 'Action'
  | 'RouteDraft'
  | 'RoutePatch'
  | 'Route'
  | 'RouteSet'
  | 'OrgRoutes'
  | 'Replaced'
  | 'Reason'
  | 'Rollback'
  | 'History'
  | 'Invalidated'
  | 'Table'
  | 'Hits'
  | 'Health'
  | 'Readiness'
  | 'Reloaded'
  | 'Status'
  | 'OpenApi'
  | 'Problem';

export const SCHEMAS: Readonly<Record<SchemaName, Schema>> = {
  Conditions: { ...object(conditions, Object.keys(conditions)), description: 'All must hold.' },
  Action: { ...object(action, Object.keys(action)), minProperties: 1 },
  RouteDraft: object(draft, DEFAULTED),
  RoutePatch: { type: 'object', description: 'A JSON merge patch on a RouteDraft.' },
  Route: object({ ...route, ...revision }),
  RouteSet: object({
    routes: {
      ...list(object(route, ['id', 'paused', ...DEFAULTED])),
      description: 'In creation order. A route that says nothing of a pause stays as it is.',
    },
  }),
  OrgRoutes: orgRoutes,
  Replaced: {
    oneOf: [
      orgRoutes,
      object({
        org_id: uuid,
        ...revision,
        diff: object({
          create: list(newRoute),
          update: list(object({ before: ref('Route'), after: object(route) })),
          delete: list(ref('Route')),
          unchanged: count,
          reordered: boolean,
        }),
      }),
    ],
  },
  Reason: object({ reason: { type: 'string', maxLength: REASON_LENGTH_MAX } }, ['reason']),
  Rollback: object(revision),
  History: object({
    org_id: uuid,
    entries: list(
      object({
        ...revision,
        operation: { enum: ['create', 'update', 'delete'] },
        actor: orNull(text),
        reason: orNull(text),
        at: { type: 'string', format: 'date-time' },
        route: object(route),
      }),
    ),
  }),
  Invalidated: object({ org_id: uuid, ...revision, workers: count }),
  Table: object({
    org_id: uuid,
    state: { enum: ['fresh', 'stale', 'quarantined', 'unknown'] },
    revision: orNull(count),
    routes: orNull(count),
    age_ms: orNull(count),
    fresh_for_ms: orNull({ type: 'integer' }),
    last_error: orNull(text),
  }),
  Hits: object({
    org_id: uuid,
    workers: count,
    no_match: hitCount,
    no_such_route: hitCount,
    routes: list(object({ route_id: uuid, name: text, ...hitMembers })),
  }),
  Health: object({ status: { const: 'ok' } }),
  Readiness: object({ status: { enum: ['ready', 'not_ready'] } }),
  Reloaded: object({ workers: { ...count, description: 'How many go by what was loaded.' } }),
  Status: object({
    version: text,
    node: text,
    pid: count,
    state: { enum: ['starting', 'ready', 'draining', 'stopped', 'failed'] },
    uptime_ms: count,
    socket: text,
    connections: object({ open: count, max: count, accepted: count, refused: counts(CONNECTION_REFUSALS) }),
    requests: object({ answers: counts(ANSWERS), stale: count, waited: count, latency: durations }),
    workers: object({
      running: count,
      wanted: count,
      started: count,
      ended: counts(WORKER_ENDS),
      loop_lag_ms: list(duration),
    }),
    main_loop_lag_ms: duration,
    store: object({ url: text, up: boolean, last_error: orNull(text) }),
    cache: object({
      known_orgs: count,
      unknown_orgs: count,
      stale_orgs: count,
      oldest_stale_ms: count,
      quarantined_orgs: count,
      loads: count,
      failed_loads: count,
      load_time: durations,
      answers: counts(CACHE_ANSWER_STATUSES),
      refused_rows: count,
    }),
    feed: object({ up: boolean, changes: count, age_ms: count }),
    snapshot: { oneOf: [object({ up: boolean, age_ms: orNull(count) }), { type: 'null' }] },
    dropped: counts(DROPPED_KINDS),
    process: object({ resident_bytes: count, cpu_ms: count, open_fds: orNull(count), max_fds: count }),
  }),
  OpenApi: { type: 'object' },
  Problem: {
    ...object(
      {
        type: text,
        title: text,
        status: count,
        detail: text,
        code: text,
        problems: list(object({ path: text, code: text, message: text })),
      },
      ['problems'],
    ),
    description: 'Problem details (RFC 9457). Match on the code.',
  },
};
