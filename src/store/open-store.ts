// `--store URL` → a store.
import { resolve } from 'node:path';
import { SignalboxError } from '../errors.js';
import type { Log } from '../log.js';
import { FileStore } from './file-store.js';
import { MemoryStore } from './memory-store.js';
import type { RouteStore } from './route-store.js';

/** @throws SignalboxError `configuration` for a URL that names no store, or one that can't be opened. */
export async function openStore(url: string, log: Log): Promise<RouteStore> {
  if (url === 'memory:') return new MemoryStore();
  if (url.startsWith('file:')) {
    const path = url.slice('file:'.length);
    if (path === '')
      throw new SignalboxError('configuration', 'the store file: needs a path, as in file:routes.yaml');
    return FileStore.open(resolve(path.startsWith('//') ? path.slice(2) : path), log);
  }
  if (/^mysql:\/\//i.test(url)) {
    // A MySQL store goes here, beside the others, and passes the same conformance suite.
    throw new SignalboxError(
      'configuration',
      'the store mysql:// is not available in this build; use file:PATH',
    );
  }
  throw new SignalboxError(
    'configuration',
    `${JSON.stringify(url)} is no store; expected file:PATH or memory:`,
  );
}
