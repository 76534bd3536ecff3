// What a handler answers, as a value: the server alone writes to sockets. Errors are problem details (RFC 9457).
import { REFUSALS, type Refusal } from './refusal.js';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: no content. */
  readonly body?: string | undefined;
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  const type = { 'content-type': 'application/json; charset=utf-8' };
  return { status, headers: { ...type, ...headers }, body: JSON.stringify(value) };
}

/** The answer to a refusal. */
export function problemDetails({ code, message, headers, problems }: Refusal): Reply {
  const { status, title } = REFUSALS[code];
  const details = {
    type: `urn:signalbox:${code}`,
    title,
    status,
    detail: message,
    code,
    ...(problems === undefined
      ? {}
      : {
          problems: problems.map(({ path, code: which, message: why }) => ({
            path,
            code: which,
            message: why,
          })),
        }),
  };
  return json(status, details, { 'content-type': 'application/problem+json', ...headers });
}
