// From a request to its response, as a Hono application made of the endpoints: who may ask, what is asked, and what
// the endpoint makes of it. Every way out is a response; a defect is logged here, and its stack stays here.
import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { messageOf } from '../errors.js';
import type { Log } from '../log.js';
import { type Access, checkHost, checkToken } from './access.js';
import type { DeniedLog } from './denied-log.js';
import type { AdminContext, Endpoint } from './endpoint.js';
import { SAFE_HEADERS, problemResponse } from './problem-details.js';
import { Refusal, refusalOf } from './refusal.js';
import type { BodyReader } from './request-body.js';
import type { RequestCounts } from './request-counts.js';
import { checkSingleHeaders, parseHead, parseTarget } from './request-head.js';

export interface AppParts {
  readonly endpoints: readonly Endpoint[];
  readonly context: AdminContext;
  /** Undefined: whoever could connect may ask. */
  readonly access: Access | undefined;
  readonly bodies: BodyReader;
  readonly counts: RequestCounts;
  readonly denied: DeniedLog;
  readonly log: Log;
  /** Called when the response is about to be sent; what it returns goes into the headers. */
  readonly answering: (request: IncomingMessage) => Readonly<Record<string, string>>;
}

interface Env {
  Bindings: HttpBindings;
}

export function adminApp(parts: AppParts): Hono<Env> {
  const { access, endpoints } = parts;
  const app = new Hono<Env>({
    // The target as it came: a URL would be normalised, and `..` make one resource of another.
    getPath: (_, options) => parseTarget((options as { env: HttpBindings }).env.incoming.url ?? '').path,
  });
  app.onError((error) => errorResponse(parts, error));
  app.notFound(() => problemResponse(new Refusal('not_found', 'there is nothing at that path')));
  app.use(finish(parts));
  app.use(async ({ env: { incoming } }, next) => {
    checkSingleHeaders(incoming);
    if (access !== undefined) checkHost(access, incoming.headers.host);
    await next();
  });
  for (const endpoint of endpoints) if (endpoint.isOpen === true) add(app, endpoint, parts);
  // Whoever has no token doesn't even learn what there is.
  if (access !== undefined) {
    app.use(async (c, next) => {
      checkToken(access, c.req.header('authorization'));
      await next();
    });
  }
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (_, methods) => {
        const allow = methods.join(', ');
        return problemResponse(
          new Refusal('method_not_allowed', `expected ${allow}`, { headers: { allow } }),
        );
      },
    }),
  );
  for (const endpoint of endpoints) if (endpoint.isOpen !== true) add(app, endpoint, parts);
  return app;
}

/** A request that isn't even one of the framework's. */
export function errorResponse({ denied, log }: Pick<AppParts, 'denied' | 'log'>, error: unknown): Response {
  const refusal = refusalOf(error);
  if (refusal === undefined) {
    log('error', 'admin.defect', `a request failed: ${messageOf(error)}`, {
      stack: error instanceof Error ? error.stack : undefined,
    });
    return problemResponse(new Refusal('internal', 'the log of the daemon says more'));
  }
  // Those who try the door are heard of; what else callers get wrong is theirs.
  if (refusal.code === 'unauthorized' || refusal.code === 'misdirected') denied.note(refusal);
  return problemResponse(refusal);
}

function finish({ answering, counts }: AppParts): MiddlewareHandler<Env> {
  return async (c, next) => {
    await next();
    const { incoming, outgoing } = c.env;
    // The client has gone, or was told already that it was too slow.
    if (outgoing.destroyed) return;
    counts.add(incoming.method ?? '', c.res.status);
    // The framework takes the head of what a GET would get; nobody would ever read the rest.
    if (incoming.method === 'HEAD') await c.res.body?.cancel();
    for (const [name, value] of Object.entries({ ...SAFE_HEADERS, ...answering(incoming) })) {
      c.res.headers.set(name, value);
    }
  };
}

function add(app: Hono<Env>, endpoint: Endpoint, { bodies, context }: AppParts): void {
  // An empty parameter is one too: it is refused as what it isn't.
  const path = endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1{[^/]*}');
  app.on(endpoint.method, path, (c: Context<Env>) => {
    const { incoming, outgoing } = c.env;
    const head = parseHead(incoming, endpoint, c.req.param());
    return bodies.withBody(incoming, outgoing, endpoint.body, async (body) =>
      endpoint.handle({ ...head, body }, context),
    );
  });
}
