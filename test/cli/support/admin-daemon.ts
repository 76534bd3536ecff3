// The admin API's real server over a store in memory, without the daemon around it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AdminBackend, DaemonStatus, OrgHits } from '../../../src/admin/backend.js';
import type { AdminListen } from '../../../src/admin/listen-address.js';
import { startAdminServer } from '../../../src/admin/server.js';
import { silentLog } from '../../../src/log.js';
import { NONE_REFUSED, cacheOf, statusOf } from '../../support/daemon-status.js';
import { RememberingStore } from '../../support/remembering-store.js';

export const READY = statusOf({
  version: '1.2.3',
  uptime_ms: 7_384_000,
  socket: '/run/signalbox.sock',
  connections: { open: 3, max: 4096, accepted: 40, refused: NONE_REFUSED },
  store: { url: 'mysql://db/routes', up: true, last_error: null },
  cache: cacheOf({ known_orgs: 5, loads: 12 }),
  feed: { up: true, changes: 7, age_ms: 60 },
});

const NEVER = { hits: 0, last_hit: null };
const NO_HITS: OrgHits = { workers: 2, no_match: NEVER, no_such_route: NEVER, routes: [] };

export interface AdminDaemon extends AsyncDisposable {
  readonly store: RememberingStore;
  /** For `--admin`. */
  readonly admin: string;
  /** What it says of itself. */
  status: DaemonStatus;
  hits: OrgHits;
  tap: AdminBackend['tap'];
  /** A directory that goes with it. */
  readonly directory: string;
}

/** @param tcp with this token, in place of a socket. */
export async function startAdminDaemon(tcp?: { readonly token: string }): Promise<AdminDaemon> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  const store = new RememberingStore();
  const backend: AdminBackend = {
    store,
    status: () => daemon.status,
    table: () => ({
      state: 'unknown',
      revision: null,
      routes: null,
      age_ms: null,
      fresh_for_ms: null,
      last_error: null,
    }),
    hits: async () => daemon.hits,
    tap: (options, take) => daemon.tap(options, take),
    isReady: () => true,
    reload: async () => 2,
    refresh: async (orgId) => ({ revision: (await store.listForOrg(orgId)).revision, workers: 2 }),
  };
  const listen: AdminListen =
    tcp === undefined ? { path: join(directory, 'admin.sock') } : { host: '127.0.0.1', port: 0, ...tcp };
  const server = await startAdminServer({ backend, listen, log: silentLog });
  const { address } = server;
  const daemon: AdminDaemon = {
    store,
    directory,
    admin: 'path' in address ? address.path : `${address.host}:${address.port}`,
    status: READY,
    hits: NO_HITS,
    tap: () => () => undefined,
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return daemon;
}
