// `--store URL` → a store. Each kind is loaded when it is asked for: a daemon that has a database never reads the YAML
// library, nor one with a route file the database's, and both are a good part of a start.
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Clock } from '../clock.js';
import { SignalboxError } from '../errors.js';
import type { Log } from '../log.js';
import type { MigrationMode } from './mysql/migrate.js';
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

const MYSQL = /^mysql:/i;

const LINEAGE_CHARACTERS = 16;

/**
 * Tells a store whose revisions go on growing over restarts of the daemon from every other; undefined: this one's may
 * begin anew. A database keeps them. A file's are its time of modification, and an older copy that somebody puts in its
 * place is meant.
 */
export function lineageOf(url: string): string | undefined {
  if (!MYSQL.test(url)) return undefined;
  return createHash('sha256').update(url).digest('hex').slice(0, LINEAGE_CHARACTERS);
}

/** @throws SignalboxError `configuration` for a URL that names no store, or one that can't be opened. */
export async function openStore(url: string, options: StoreOptions): Promise<RouteStore> {
  if (url === 'memory:') {
    const { MemoryStore } = await import('./memory-store.js');
    return new MemoryStore();
  }
  if (url.startsWith('file:')) {
    const path = url.slice('file:'.length);
    if (path === '') {
      throw new SignalboxError('configuration', 'the store file: needs a path, as in file:routes.yaml');
    }
    const { FileStore } = await import('./file-store.js');
    return FileStore.open(resolve(path.startsWith('//') ? path.slice(2) : path), options.log);
  }
  if (MYSQL.test(url)) {
    const { parseMysqlUrl } = await import('./mysql/mysql-url.js');
    const parsed = parseMysqlUrl(url, options.credentialsDirectory);
    const { MysqlStore } = await import('./mysql/mysql-store.js');
    return MysqlStore.open(parsed, options);
  }
  throw new SignalboxError(
    'configuration',
    `${JSON.stringify(withoutLogin(url))} is no store; expected file:PATH, mysql://USER@HOST/DATABASE or memory:`,
  );
}

/** Somebody may have put a password there, and what is said ends in a log. */
function withoutLogin(url: string): string {
  return url.replace(/\/\/.*@/s, '//…@');
}
