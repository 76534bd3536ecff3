// A real admin server for a test: on a Unix socket in a directory of its own, or on a free port; a memory store behind
// it; and a client that tells what came back.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type Dispatcher } from 'undici';
import type { AdminBackend, OrgHits, TableState } from '../../src/admin/backend.js';
import { type AdminLimits, type AdminServer, startAdminServer } from '../../src/admin/server.js';
import type { Log } from '../../src/log.js';
import { MemoryStore } from '../../src/store/memory-store.js';
import type { RouteStore } from '../../src/store/route-store.js';
import { NONE_ENDED, NONE_REFUSED, cacheOf, statusOf } from '../support/daemon-status.js';

export const TOKEN = 'a-token-of-this-test';

export const STATUS = statusOf({
  uptime_ms: 61_500,
  connections: {
    open: 7,
    max: 4096,
    accepted: 90,
    refused: { ...NONE_REFUSED, connections: 8, no_worker: 1 },
  },
  workers: { running: 1, wanted: 2, started: 3, ended: { ...NONE_ENDED, stuck: 1 }, loop_lag_ms: [2.5] },
  cache: cacheOf({ known_orgs: 3, unknown_orgs: 4, loads: 50, failed_loads: 6 }),
  feed: { up: false, changes: 9, age_ms: 250 },
});

export const TABLE: TableState = {
  state: 'fresh',
  revision: 5,
  routes: 2,
  age_ms: 100,
  fresh_for_ms: 59_900,
  last_error: null,
};

export const HITS: OrgHits = {
  workers: 2,
  no_match: { hits: 3, last_hit: '2026-01-02T03:04:05.678Z' },
  no_such_route: { hits: 0, last_hit: null },
  routes: [{ route_id: '0190a000-0000-7000-8000-0000000000aa', name: 'a', hits: 0, last_hit: null }],
};

export interface Answer {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly text: string;
  /** Undefined: it is no JSON. */
  readonly json: unknown;
}

export interface Call {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, as application/json unless the headers say otherwise. */
  readonly body?: string | Buffer;
}

export interface LogEntry {
  readonly level: string;
  readonly event: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface AdminOptions {
  readonly store?: RouteStore;
  readonly backend?: Partial<AdminBackend>;
  readonly tcp?: true;
  readonly limits?: Partial<AdminLimits>;
}

export class AdminUnderTest {
  readonly logs: LogEntry[];
  readonly server: AdminServer;
  readonly store: RouteStore;
  readonly client: Client;
  readonly directory: string;

  constructor(server: AdminServer, store: RouteStore, directory: string, logs: LogEntry[]) {
    this.server = server;
    this.store = store;
    this.directory = directory;
    this.logs = logs;
    const { address } = server;
    this.client =
      'path' in address
        ? new Client('http://localhost', { socketPath: address.path, pipelining: 1 })
        : new Client(`http://${address.host}:${address.port}`);
  }

  /** The Unix socket's path. */
  get path(): string {
    const { address } = this.server;
    if (!('path' in address)) throw new Error('this server listens on TCP');
    return address.path;
  }

  get port(): number {
    const { address } = this.server;
    if (!('port' in address)) throw new Error('this server listens on a Unix socket');
    return address.port;
  }

  async call(method: string, path: string, call: Call = {}): Promise<Answer> {
    return callWith(this.client, method, path, call);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.destroy();
    await this.server.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}

export async function callWith(
  client: Client,
  method: string,
  path: string,
  { headers, json, body = json === undefined ? undefined : JSON.stringify(json) }: Call = {},
): Promise<Answer> {
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await client.request({
    method: method,
    path,
    headers: { ...type, ...headers },
    body: body ?? null,
  });
  const text = await response.body.text();
  const isJson = String(response.headers['content-type']).includes('json');
  return {
    status: response.statusCode,
    headers: response.headers,
    text,
    json: isJson && text !== '' ? (JSON.parse(text) as unknown) : undefined,
  };
}

/** A daemon that is ready and serves what the store has. */
export function backendOf(store: RouteStore = new MemoryStore()): AdminBackend {
  return {
    store,
    status: () => STATUS,
    table: () => TABLE,
    hits: () => Promise.resolve(HITS),
    tap: () => () => undefined,
    isReady: () => true,
    reload: async () => 2,
    refresh: async (orgId) => ({ revision: (await store.listForOrg(orgId)).revision, workers: 2 }),
  };
}

export async function startAdmin(options: AdminOptions = {}): Promise<AdminUnderTest> {
  const { store = new MemoryStore(), backend = {}, tcp, limits = {} } = options;
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-admin-'));
  const logs: LogEntry[] = [];
  const log: Log = (level, event, message, fields) => {
    logs.push({ ...fields, level, event, message });
  };
  const server = await startAdminServer({
    backend: { ...backendOf(store), ...backend },
    listen:
      tcp === true ? { host: '127.0.0.1', port: 0, token: TOKEN } : { path: join(directory, 'admin.sock') },
    log,
    limits,
  });
  return new AdminUnderTest(server, store, directory, logs);
}
