// Parses what comes before a request's body: target, headers, query. Whatever isn't understood is refused rather than
// passed over: a mistyped `dry_run` must not become the real thing.
import type { IncomingMessage } from 'node:http';
import { parseOrgId } from '../protocol/org-id.js';
import type { ChangeNote } from '../store/route-store.js';
import { noteOfHeaders } from './change-note.js';
import type { Endpoint, QueryParameter } from './endpoint.js';
import { type Precondition, parsePrecondition } from './preconditions.js';
import { Refusal } from './refusal.js';

type QueryValue = boolean | number | string;

const WHOLE = /^\d{1,16}$/;
const DECIMAL = /^\d{1,16}(\.\d{1,16})?$/;

export interface RequestHead {
  readonly orgId: string;
  readonly routeId: string;
  readonly query: ReadonlyMap<string, QueryValue>;
  readonly ifMatch: Precondition;
  readonly ifNoneMatch: Precondition;
  readonly note: ChangeNote;
}

export interface Target {
  /** Still percent-encoded. */
  readonly path: string;
  readonly search: string;
}

/** Headers that are said once or not at all; Node would keep the first, or join them. */
const SINGLE_HEADERS = [
  'host',
  'authorization',
  'content-type',
  'content-encoding',
  'x-actor',
  'x-reason',
] as const;

/** @throws Refusal `bad_request` */
export function checkSingleHeaders({ headersDistinct }: IncomingMessage): void {
  for (const name of SINGLE_HEADERS) {
    if ((headersDistinct[name]?.length ?? 0) > 1) {
      throw new Refusal('bad_request', `expected one ${name} header, got several`);
    }
  }
}

/** @throws Refusal `bad_request` for a target that is no path, as a proxy would get it. */
export function parseTarget(url: string): Target {
  if (!url.startsWith('/')) throw new Refusal('bad_request', 'expected a path as the request target');
  const index = url.indexOf('?');
  return index === -1
    ? { path: url, search: '' }
    : { path: url.slice(0, index), search: url.slice(index + 1) };
}

/** @throws Refusal `bad_request` */
export function parseHead(
  request: IncomingMessage,
  endpoint: Endpoint,
  parameters: Readonly<Record<string, string>>,
): RequestHead {
  const ifMatch = parsePrecondition('If-Match', header(request, 'if-match'));
  const isRead = endpoint.method === 'GET';
  if (ifMatch !== 'none' && endpoint.honoursIfMatch !== true && !isRead) {
    throw new Refusal('bad_request', 'If-Match is not honoured here: leave it out');
  }
  return {
    orgId: uuid(parameters, 'org_id'),
    routeId: uuid(parameters, 'route_id'),
    query: parseQuery(parseTarget(request.url ?? '').search, endpoint.query ?? {}),
    ifMatch,
    ifNoneMatch: isRead ? parsePrecondition('If-None-Match', header(request, 'if-none-match')) : 'none',
    note: isRead ? {} : noteOfHeaders(header(request, 'x-actor'), header(request, 'x-reason')),
  };
}

function header({ headersDistinct }: IncomingMessage, name: string): string | undefined {
  return headersDistinct[name]?.join(', ');
}

function uuid(parameters: Readonly<Record<string, string>>, name: string): string {
  const text = parameters[name];
  if (text === undefined) return '';
  const id = parseOrgId(text);
  if (id === undefined) throw new Refusal('bad_request', `${name}: expected a UUID in the path, got ${text}`);
  return id;
}

function parseQuery(
  search: string,
  known: Readonly<Record<string, QueryParameter>>,
): ReadonlyMap<string, QueryValue> {
  const query = new Map<string, QueryValue>();
  for (const [name, value] of new URLSearchParams(search)) {
    const parameter = Object.hasOwn(known, name) ? known[name] : undefined;
    if (parameter === undefined) {
      const names = Object.keys(known);
      const expected = names.length === 0 ? 'none' : `one of ${names.join(', ')}`;
      throw new Refusal(
        'bad_request',
        `unknown query parameter ${JSON.stringify(name)}; expected ${expected}`,
      );
    }
    if (query.has(name)) throw new Refusal('bad_request', `the query parameter ${name} is there twice`);
    query.set(name, parseParameter(name, value, parameter));
  }
  return query;
}

function parseParameter(name: string, value: string, parameter: QueryParameter): QueryValue {
  if (parameter.type === 'uuid') {
    const id = parseOrgId(value);
    if (id !== undefined) return id;
    throw new Refusal('bad_request', `${name}: expected a UUID, got ${JSON.stringify(value)}`);
  }
  if (parameter.type === 'boolean') {
    if (value === 'true' || value === 'false') return value === 'true';
    throw new Refusal('bad_request', `${name}: expected true or false, got ${JSON.stringify(value)}`);
  }
  const { minimum, maximum, type } = parameter;
  const [pattern, what] = type === 'integer' ? [WHOLE, 'a whole number'] : [DECIMAL, 'a number'];
  const number = pattern.test(value) ? Number(value) : NaN;
  if (number >= minimum && number <= maximum) return number;
  throw new Refusal(
    'bad_request',
    `${name}: expected ${what} from ${minimum} to ${maximum}, got ${JSON.stringify(value)}`,
  );
}
