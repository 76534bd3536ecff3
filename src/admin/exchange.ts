// From a request to its reply: who may ask, what is asked, and what the endpoint makes of it. Every way out is a
// reply; a defect is logged here, and its stack stays here.
import type { IncomingMessage } from 'node:http';
import { messageOf } from '../errors.js';
import type { Log } from '../log.js';
import { type Access, checkHost, checkToken } from './access.js';
import type { AdminContext, Endpoint } from './endpoint.js';
import type { DeniedLog } from './denied-log.js';
import { findEndpoint } from './find-endpoint.js';
import { Refusal, refusalOf } from './refusal.js';
import { type Reply, problemDetails } from './reply.js';
import type { BodyReader } from './request-body.js';
import { checkSingleHeaders, parseHead, parseTarget } from './request-head.js';

export interface ExchangeParts {
  readonly endpoints: readonly Endpoint[];
  readonly context: AdminContext;
  readonly bodies: BodyReader;
  readonly denied: DeniedLog;
  readonly log: Log;
}

/**
 * @param access undefined: whoever could connect may ask.
 * @param begin is called before the body is read.
 */
export async function exchange(
  parts: ExchangeParts,
  access: Access | undefined,
  request: IncomingMessage,
  begin: () => void,
): Promise<Reply> {
  try {
    return await answer(parts, access, request, begin);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal !== undefined) {
      // Those who try the door are heard of; what else callers get wrong is theirs.
      if (refusal.code === 'unauthorized' || refusal.code === 'misdirected') parts.denied.note(refusal);
      return problemDetails(refusal);
    }
    parts.log('error', 'admin.defect', `${request.method ?? ''} failed: ${messageOf(error)}`, {
      stack: error instanceof Error ? error.stack : undefined,
    });
    return problemDetails(new Refusal('internal', 'the log of the daemon says more'));
  }
}

async function answer(
  { endpoints, context, bodies }: ExchangeParts,
  access: Access | undefined,
  request: IncomingMessage,
  begin: () => void,
): Promise<Reply> {
  checkSingleHeaders(request);
  if (access !== undefined) checkHost(access, request.headers.host);
  const { path, search } = parseTarget(request.url ?? '');
  const found = findEndpoint(endpoints, request.method ?? '', path);
  // Whoever has no token doesn't even learn what there is.
  const isOpen = found.kind === 'found' && found.endpoint.isOpen === true;
  if (access !== undefined && !isOpen) checkToken(access, request.headers.authorization);
  if (found.kind === 'not_found') throw new Refusal('not_found', 'there is nothing at that path');
  if (found.kind === 'method_not_allowed') {
    const { allow } = found;
    throw new Refusal('method_not_allowed', `expected ${allow}`, { headers: { allow } });
  }
  const { endpoint, parameters } = found;
  const head = parseHead(request, endpoint, parameters, search);
  return bodies.withBody(request, endpoint.body, begin, async (body) =>
    endpoint.handle({ ...head, body }, context),
  );
}
