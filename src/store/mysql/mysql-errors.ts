// What an error of the database means for whoever asked.
import { SignalboxError, messageOf } from '../../errors.js';

/**
 * `elsewhere`: this server can't serve now, another may. `again`: the transaction was in another's way; the same once
 * more may succeed. `refused`: the statement itself is wrong, or not allowed.
 */
export type MysqlErrorKind = 'elsewhere' | 'again' | 'refused';

const BY_NUMBER: ReadonlyMap<number, MysqlErrorKind> = new Map([
  // Not ready or not for writing: a cluster without quorum, a replica, a server that is being failed over.
  [1047, 'elsewhere'],
  [1290, 'elsewhere'],
  [1792, 'elsewhere'],
  [1836, 'elsewhere'],
  // Too many connections, shutting down, lost, interrupted by a limit.
  [1040, 'elsewhere'],
  [1053, 'elsewhere'],
  [1077, 'elsewhere'],
  [1079, 'elsewhere'],
  [1158, 'elsewhere'],
  [1159, 'elsewhere'],
  [1160, 'elsewhere'],
  [1161, 'elsewhere'],
  [1203, 'elsewhere'],
  [1317, 'elsewhere'],
  [2006, 'elsewhere'],
  [2013, 'elsewhere'],
  [1205, 'again'],
  [1213, 'again'],
]);

export function mysqlErrorKind(error: unknown): MysqlErrorKind {
  if (error instanceof SignalboxError) return error.code === 'store_unavailable' ? 'elsewhere' : 'refused';
  const { errno, fatal, sqlState } = error as { errno?: number; fatal?: boolean; sqlState?: string };
  const known = errno === undefined ? undefined : BY_NUMBER.get(errno);
  if (known !== undefined) return known;
  // Without an SQL state it didn't come from a server: the connection is gone, or was never there.
  return fatal === true || sqlState === undefined ? 'elsewhere' : 'refused';
}

export function storeUnavailable(error: unknown, where: string): SignalboxError {
  if (error instanceof SignalboxError) return error;
  return new SignalboxError('store_unavailable', `${where}: ${messageOf(error)}`, { cause: error });
}
