// What an endpoint is: its place, what it takes, what it may answer and what it does. The one description that the
// server checks requests against, and that the OpenAPI document is made of, so that the two cannot differ.
import type { ChangeNote } from '../store/route-store.js';
import type { AdminBackend } from './backend.js';
import type { Precondition } from './preconditions.js';
import type { RefusalCode } from './refusal.js';
import type { Metrics } from './metrics.js';
import type { SchemaName } from './openapi-schemas.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export type QueryParameter =
  | { readonly type: 'uuid'; readonly about: string }
  | { readonly type: 'boolean'; readonly about: string }
  | {
      readonly type: 'integer' | 'number';
      readonly about: string;
      readonly minimum: number;
      readonly maximum: number;
      readonly default?: number;
    };

export interface Body {
  readonly schema: SchemaName;
  readonly isOptional?: true;
  readonly types: readonly string[];
}

export interface Answer {
  readonly about: string;
  readonly schema?: SchemaName;
  /** A content that isn't JSON. */
  readonly type?: string;
  readonly hasEntityTag?: true;
  readonly hasLocation?: true;
}

/** A request as a handler gets it: checked by what its endpoint says it takes. */
export interface AdminRequest {
  /** Canonical; empty where the path names none. */
  readonly orgId: string;
  readonly routeId: string;
  readonly query: ReadonlyMap<string, boolean | number | string>;
  /** Undefined: there is none. */
  readonly body: unknown;
  readonly ifMatch: Precondition;
  readonly ifNoneMatch: Precondition;
  readonly note: ChangeNote;
}

/** What handlers work with. */
export interface AdminContext {
  readonly backend: AdminBackend;
  /** Loaded by the first scrape: whoever waits for a start does not wait for it. */
  readonly metrics: () => Promise<Metrics>;
  /** Aborts when the server begins to close: what has no end by itself ends then. */
  readonly closing: AbortSignal;
  /** The OpenAPI document. */
  readonly openapi: () => string;
}

export interface Endpoint {
  readonly method: Method;
  /** Its parameters are `{org_id}` and `{route_id}`, both UUIDs. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  /** Needs no token. */
  readonly isOpen?: true;
  readonly query?: Readonly<Record<string, QueryParameter>>;
  readonly body?: Body;
  /** Honours If-Match. A write that doesn't refuses the header: a precondition is never passed over in silence. */
  readonly honoursIfMatch?: true;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Beyond those that any endpoint may answer. */
  readonly refusals?: readonly RefusalCode[];
  readonly handle: (request: AdminRequest, context: AdminContext) => Response | Promise<Response>;
}

export const JSON_TYPES = ['application/json'] as const;

export const MERGE_PATCH_TYPES = ['application/merge-patch+json', 'application/json'] as const;
