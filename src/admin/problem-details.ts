// A refusal as problem details (RFC 9457): as a response of the API, or as bytes for a client that the API never saw.
import { REFUSALS, type Refusal } from './refusal.js';

/** No page may read an answer, nor a cache keep one. */
export const SAFE_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

export function problemResponse(refusal: Refusal): Response {
  const { status, headers, body } = problemParts(refusal);
  return new Response(body, { status, headers });
}

/** For a connection that is closed after it. */
export function rawProblem(refusal: Refusal): string {
  const { status, headers, body } = problemParts(refusal);
  const length = String(Buffer.byteLength(body));
  const all = { ...headers, 'content-length': length, connection: 'close' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} \r\n${lines.join('')}\r\n${body}`;
}

function problemParts({ code, message, headers, problems }: Refusal): {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
} {
  const { status, title } = REFUSALS[code];
  const told = problems?.map(({ path, code: which, message: why }) => ({ path, code: which, message: why }));
  const details = {
    type: `urn:signalbox:${code}`,
    title,
    status,
    detail: message,
    code,
    ...(told === undefined ? {} : { problems: told }),
  };
  return {
    status,
    headers: { ...SAFE_HEADERS, 'content-type': 'application/problem+json', ...headers },
    body: JSON.stringify(details),
  };
}
