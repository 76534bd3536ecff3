// `--store URL` → a store.
import { resolve } from 'node:path';
import type { Clock } from '../clock.js';
import { SignalboxError } from '../errors.js';
import type { Log } from '../log.js';
import { FileStore } from './file-store.js';
import { MemoryStore } from './memory-store.js';
import type { MigrationMode } from './mysql/migrate.js';
import { MysqlStore } from './mysql/mysql-store.js';
import { parseMysqlUrl } from './mysql/mysql-url.js';
import type { RouteStore } from './route-store.js';

export interface StoreOptions {
  readonly clock: Clock;
  /** From 0 up to 1, for jitter. */
  readonly random: () => number;
  readonly log: Log;
  /** What a database store does about a schema that is too old. */
  readonly migrate: MigrationMode;
  /** Where systemd put this service's credentials, if it did. */
  readonly credentialsDirectory?: string | undefined;
}

/** @throws SignalboxError `configuration` for a URL that names no store, or one that can't be opened. */
export async function openStore(url: string, options: StoreOptions): Promise<RouteStore> {
  if (url === 'memory:') return new MemoryStore();
  if (url.startsWith('file:')) {
    const path = url.slice('file:'.length);
    if (path === '') {
      throw new SignalboxError('configuration', 'the store file: needs a path, as in file:routes.yaml');
    }
    return FileStore.open(resolve(path.startsWith('//') ? path.slice(2) : path), options.log);
  }
  if (/^mysql:/i.test(url)) {
    return MysqlStore.open(parseMysqlUrl(url, options.credentialsDirectory), options);
  }
  throw new SignalboxError(
    'configuration',
    `${JSON.stringify(url)} is no store; expected file:PATH, mysql://USER@HOST/DATABASE or memory:`,
  );
}
