// The database of a command that works on it beside the daemons.
import { monotonicClock } from '../clock.js';
import { credentialsDirectory } from '../config.js';
import { SignalboxError } from '../errors.js';
import { MysqlClient } from '../store/mysql/mysql-client.js';
import { parseMysqlUrl } from '../store/mysql/mysql-url.js';

/** Connects, and lets go whatever becomes of it. @throws SignalboxError `usage` for a store that is no database */
export async function withDatabase<T>(store: string, use: (client: MysqlClient) => Promise<T>): Promise<T> {
  if (!/^mysql:/i.test(store)) {
    throw new SignalboxError(
      'usage',
      'this is for databases: --store mysql://USER@HOST/DATABASE; a route file is read again when it is touched',
    );
  }
  const address = parseMysqlUrl(store, credentialsDirectory());
  const client = new MysqlClient(address, { clock: monotonicClock, random: Math.random });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}
