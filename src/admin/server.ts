// The admin API's HTTP server, on the main thread, beside the data path and never in its way: everything a caller can
// take of it has a limit. Node's server reads HTTP and keeps the time, Hono finds the endpoint: its router compiles
// nothing from text, which the daemon couldn't run.
import { once } from 'node:events';
import { type IncomingMessage, type Server, createServer } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { RequestError, getRequestListener } from '@hono/node-server';
import { monotonicClock } from '../clock.js';
import { messageOf, systemCode } from '../errors.js';
import type { Log } from '../log.js';
import { type AppParts, adminApp, errorResponse } from './app.js';
import type { AdminBackend } from './backend.js';
import { DeniedLog } from './denied-log.js';
import { ENDPOINTS } from './endpoints.js';
import { type AdminAddress, type AdminListen, listen } from './listen-address.js';
import type { Metrics } from './metrics.js';
import { openApiDocument } from './openapi.js';
import { rawProblem } from './problem-details.js';
import { REFUSALS, Refusal, type RefusalCode } from './refusal.js';
import type { Access } from './access.js';
import { BodyReader, type BodyLimits } from './request-body.js';
import { RequestCounts } from './request-counts.js';

export interface AdminLimits extends BodyLimits {
  /** From the first byte to the last of the headers, and of the whole request. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** A connection on which nothing moves: a reply that isn't read, say. */
  readonly idleTimeoutMs: number;
  readonly connectionsMax: number;
  /** How long a close waits for the requests that are being worked on. */
  readonly closeTimeoutMs: number;
}

const MIB = 1024 * 1024;

const LIMITS: AdminLimits = {
  bodyBytesMax: 8 * MIB,
  bodyBytesHeldMax: 32 * MIB,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  connectionsMax: 256,
  closeTimeoutMs: 5000,
};

const HEADER_BYTES_MAX = 16 * 1024;

/** How often Node looks for requests that are late. */
const CHECKS_PER_TIMEOUT = 10;

/** What a client that is refused at the level of HTTP has to read the answer. */
const LINGER_MS = 1000;

export interface AdminServerOptions {
  readonly backend: AdminBackend;
  readonly listen: AdminListen;
  readonly log: Log;
  readonly limits?: Partial<AdminLimits>;
}

/** @throws SignalboxError `configuration` if there is nothing to listen on. */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  return AdminServer.start(options);
}

export class AdminServer {
  readonly #server: Server;
  readonly #parts: Omit<AppParts, 'access'>;
  readonly #limits: AdminLimits;
  readonly #counts = new RequestCounts();
  readonly #ending = new AbortController();
  /** Connections whose current request has been answered though it hasn't all come. */
  readonly #answered = new WeakSet<Duplex>();
  #address: AdminAddress | undefined;
  #closing: Promise<void> | undefined;

  private constructor({ backend, log, limits }: AdminServerOptions) {
    this.#limits = { ...LIMITS, ...limits };
    let metrics: Promise<Metrics> | undefined;
    let document: string | undefined;
    const openapi = (): string =>
      (document ??= JSON.stringify(openApiDocument(backend.status().version, ENDPOINTS)));
    this.#parts = {
      endpoints: ENDPOINTS,
      context: {
        backend,
        metrics: () => (metrics ??= this.#loadMetrics(backend)),
        openapi,
        closing: this.#ending.signal,
      },
      counts: this.#counts,
      bodies: new BodyReader(this.#limits),
      denied: new DeniedLog(monotonicClock, log),
      log,
      answering: (request) => this.#answering(request),
    };
    const { headersTimeoutMs, requestTimeoutMs, idleTimeoutMs, connectionsMax } = this.#limits;
    this.#server = createServer({
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(headersTimeoutMs, requestTimeoutMs) / CHECKS_PER_TIMEOUT,
    });
    this.#server.timeout = idleTimeoutMs;
    this.#server.maxConnections = connectionsMax;
  }

  async #loadMetrics(backend: AdminBackend): Promise<Metrics> {
    const { Metrics } = await import('./metrics.js');
    return new Metrics(() => backend.status(), this.#counts);
  }

  static async start(options: AdminServerOptions): Promise<AdminServer> {
    const admin = new AdminServer(options);
    const { address, access } = await listen(admin.#server, options.listen);
    admin.#address = address;
    admin.#answerRequests(access);
    return admin;
  }

  get address(): AdminAddress {
    if (this.#address === undefined) throw new Error('an admin server is given out only when it listens');
    return this.#address;
  }

  /** Accepts no more, answers what has come, but for no longer than a bound. Idempotent. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Begins when it is known who may ask, and not before. */
  #answerRequests(access: Access | undefined): void {
    const { fetch } = adminApp({ ...this.#parts, access });
    const listener = getRequestListener(fetch, {
      overrideGlobalObjects: false,
      // For HTTP/1.0, which names no host.
      hostname: 'localhost',
      // Node itself reads on what is refused, for as long as the request's timeout: a client that is cut while it
      // writes never reads why.
      autoCleanupIncoming: false,
      errorHandler: (error) => this.#unreadable(error),
    });
    this.#server.on('request', (request, response) => void listener(request, response));
    // A client that asks before it sends its body is told of a refusal before it does.
    this.#server.on('checkContinue', (request, response) => void listener(request, response));
    this.#server.on('clientError', (error, socket) => {
      this.#refuse(error, socket);
    });
    // A connection that can't be accepted must not end the daemon.
    this.#server.on('error', (error) => {
      this.#parts.log('warn', 'admin.accept', `a connection was not accepted: ${messageOf(error)}`);
    });
  }

  async #close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#ending.abort();
    this.#server.close();
    const timer = setTimeout(() => {
      this.#server.closeAllConnections();
    }, this.#limits.closeTimeoutMs);
    await closed;
    clearTimeout(timer);
  }

  #answering(request: IncomingMessage): Readonly<Record<string, string>> {
    const { socket } = request;
    if (!request.complete) {
      this.#answered.add(socket);
      request.once('end', () => this.#answered.delete(socket));
    }
    // A connection that outlives its server's close would keep the process waiting.
    return this.#closing === undefined ? {} : { connection: 'close' };
  }

  /** HTTP, but no request that the framework can take. */
  #unreadable(error: unknown): Response {
    const refused = error instanceof RequestError ? new Refusal('bad_request', error.message) : error;
    const response = errorResponse(this.#parts, refused);
    this.#counts.add('other', response.status);
    return response;
  }

  /** A request that can't be read as HTTP, or didn't come in time. */
  #refuse(error: Error, socket: Duplex): void {
    if (!socket.writable || this.#answered.has(socket) || systemCode(error) === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const refusal = clientRefusal(error);
    this.#counts.add('other', REFUSALS[refusal.code].status);
    socket.end(rawProblem(refusal));
    // What is late must not be carried out after all, should the rest of it come now; what is no HTTP can't be.
    if (refusal.code === 'request_timeout' && socket instanceof Socket) socket.destroySoon();
    else setTimeout(() => socket.destroy(), LINGER_MS).unref();
  }
}

const CLIENT_ERRORS: Readonly<Record<string, RefusalCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
};

function clientRefusal(error: Error): Refusal {
  const code = CLIENT_ERRORS[systemCode(error) ?? ''] ?? 'bad_request';
  return new Refusal(code, code === 'bad_request' ? 'expected an HTTP/1.1 request' : error.message);
}
