// The OpenAPI 3.1 document of the admin API, made of the endpoints themselves.
import { ACTOR_LENGTH_MAX, REASON_LENGTH_MAX } from './change-note.js';
import type { Answer, Endpoint, QueryParameter } from './endpoint.js';
import { SCHEMAS, type SchemaName } from './openapi-schemas.js';
import { REFUSALS, type RefusalCode } from './refusal.js';

type Json = Readonly<Record<string, unknown>>;

const TAG = { schema: { type: 'string' }, description: 'The revision, in quotes.' } as const;

export function openApiDocument(version: string, endpoints: readonly Endpoint[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const endpoint of endpoints) {
    (paths[endpoint.path] ??= {})[endpoint.method.toLowerCase()] = operation(endpoint);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'signalbox admin API', version, description: ABOUT },
    paths,
    components: { schemas: SCHEMAS, securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    security: [{ token: [] }],
  };
}

const ABOUT =
  'Routes of orgs, and the daemon that decides by them. On the Unix socket no token is needed: the mode of its file ' +
  'is the permission.';

function operation(endpoint: Endpoint): Json {
  const { operationId, summary, isOpen, body, answers } = endpoint;
  return {
    operationId,
    summary,
    ...(isOpen === true ? { security: [] } : {}),
    parameters: [...pathParameters(endpoint), ...queryParameters(endpoint), ...headerParameters(endpoint)],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: body.isOptional !== true,
            content: Object.fromEntries(body.types.map((type) => [type, { schema: ref(body.schema) }])),
          },
        }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, response(answer)])),
      ...refusalResponses(endpoint),
    },
  };
}

function pathParameters({ path }: Endpoint): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', format: 'uuid' },
  }));
}

function queryParameters({ query = {} }: Endpoint): Json[] {
  return Object.entries(query).map(([name, parameter]) => ({
    name,
    in: 'query',
    description: parameter.about,
    schema: querySchema(parameter),
  }));
}

function querySchema(parameter: QueryParameter): Json {
  if (parameter.type === 'uuid') return { type: 'string', format: 'uuid' };
  if (parameter.type === 'boolean') return { type: 'boolean', default: false };
  const { type, minimum, maximum, default: otherwise } = parameter;
  return { type, minimum, maximum, ...(otherwise === undefined ? {} : { default: otherwise }) };
}

function headerParameters({ method, honoursIfMatch, answers }: Endpoint): Json[] {
  const header = (name: string, description: string, maxLength?: number): Json => ({
    name,
    in: 'header',
    description,
    schema: { type: 'string', ...(maxLength === undefined ? {} : { maxLength }) },
  });
  return [
    ...(honoursIfMatch === true ? [header('If-Match', 'Only if it is at that revision.')] : []),
    ...(304 in answers ? [header('If-None-Match', 'Only if it is not at that revision.')] : []),
    ...(method === 'GET'
      ? []
      : [
          header('X-Actor', 'Who does it: for the history.', ACTOR_LENGTH_MAX),
          header('X-Reason', 'And why.', REASON_LENGTH_MAX),
        ]),
  ];
}

function response({ about, schema, type = 'application/json', hasEntityTag, hasLocation }: Answer): Json {
  const headers = {
    ...(hasEntityTag === true ? { ETag: TAG } : {}),
    ...(hasLocation === true ? { Location: { schema: { type: 'string' } } } : {}),
  };
  const hasContent = schema !== undefined || type !== 'application/json';
  return {
    description: about,
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(hasContent
      ? { content: { [type]: { schema: schema === undefined ? { type: 'string' } : ref(schema) } } }
      : {}),
  };
}

/** What any endpoint may answer, what its kind may, and its own. */
function refusalCodes({ isOpen, body, refusals = [] }: Endpoint): readonly RefusalCode[] {
  return [
    'bad_request',
    ...(isOpen === true ? [] : (['unauthorized'] as const)),
    'request_timeout',
    'misdirected',
    'headers_too_large',
    'internal',
    ...(body === undefined ? [] : (['payload_too_large', 'unsupported_media_type', 'overloaded'] as const)),
    ...refusals,
  ];
}

function refusalResponses(endpoint: Endpoint): Readonly<Record<string, Json>> {
  const titles = new Map<number, string[]>();
  for (const code of refusalCodes(endpoint)) {
    const { status, title } = REFUSALS[code];
    // An endpoint's own answer of that status, as /readyz has one, is the one that is documented.
    if (status in endpoint.answers) continue;
    titles.set(status, [...(titles.get(status) ?? []), `\`${code}\`: ${title}.`]);
  }
  const content = { 'application/problem+json': { schema: ref('Problem') } };
  return Object.fromEntries(
    [...titles].map(([status, texts]) => [String(status), { description: texts.join(' '), content }]),
  );
}

function ref(name: SchemaName): Json {
  return { $ref: `#/components/schemas/${name}` };
}
