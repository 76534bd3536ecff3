// What the admin API answers when it does not do what was asked: one table of codes, and the error that carries one
// to the edge. Programs match codes; the title says what a code means, the detail what came.
import { SignalboxError } from '../errors.js';
import type { Problem } from '../routing/problem.js';

export const REFUSALS = {
  bad_request: { status: 400, title: 'The request cannot be understood' },
  unauthorized: { status: 401, title: 'A bearer token is needed' },
  not_found: { status: 404, title: 'There is no such thing' },
  method_not_allowed: { status: 405, title: 'The method is not one of this resource' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  conflict: { status: 412, title: 'What was to be changed has changed since it was read' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body is not of a type that is taken here' },
  misdirected: { status: 421, title: 'This server does not go by that name' },
  invalid_route: { status: 422, title: 'A route is not one to be stored' },
  reload_refused: { status: 422, title: 'What was to be loaded is not right, and all stays as it was' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  internal: { status: 500, title: 'A defect of signalbox' },
  not_supported: { status: 501, title: 'This store cannot do that' },
  store_unavailable: { status: 503, title: 'The store cannot be read or written now' },
  overloaded: { status: 503, title: 'A limit is reached' },
} as const;

export type RefusalCode = keyof typeof REFUSALS;

export interface RefusalExtras {
  readonly headers?: Readonly<Record<string, string>>;
  readonly problems?: readonly Problem[];
}

/** Thrown by whatever finds a reason, answered at one place. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly headers: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[] | undefined;

  constructor(code: RefusalCode, detail: string, { headers = {}, problems }: RefusalExtras = {}) {
    super(detail);
    this.code = code;
    this.headers = headers;
    this.problems = problems;
  }
}

/** When a caller may ask a failing store, or a full server, again. */
const RETRY_AFTER_S = { store_unavailable: '5', overloaded: '1' } as const;

/** The refusal in an error of the inside; undefined: the error is a defect. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (!(error instanceof SignalboxError)) return undefined;
  switch (error.code) {
    case 'conflict':
      return new Refusal('conflict', error.message);
    case 'refused':
      return new Refusal('reload_refused', error.message);
    case 'store_unavailable':
    case 'overloaded':
      return new Refusal(error.code, error.message, {
        headers: { 'retry-after': RETRY_AFTER_S[error.code] },
      });
    default:
      return undefined;
  }
}

/** A full server says so with a code, and keeps nobody waiting. */
export function overloaded(detail: string): Refusal {
  return new Refusal('overloaded', detail, { headers: { 'retry-after': RETRY_AFTER_S.overloaded } });
}
