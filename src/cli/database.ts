// The database of a command that works on it beside the daemons.
import { monotonicClock } from '../clock.js';
import { credentialsDirectory } from '../config.js';
import { SignalboxError } from '../errors.js';
import { MysqlClient } from '../store/mysql/mysql-client.js';
import { isRefusal, storeUnavailable } from '../store/mysql/mysql-errors.js';
import { parseMysqlUrl } from '../store/mysql/mysql-url.js';

/**
 * Connects, and lets go whatever becomes of it.
 *
 * @throws SignalboxError `usage` for a store that is no database, `store_unavailable` for one that can't be used or
 *   says no.
 */
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
  } catch (error) {
    throw isRefusal(error) ? storeUnavailable(error, 'the database refused') : error;
  } finally {
    await client.close();
  }
}
