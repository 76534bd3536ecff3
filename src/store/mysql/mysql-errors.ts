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
  [1180, 'elsewhere'],
  // It doesn't let us in: wrong password, host, database; blocked for trying too often. (The rest is `asNotLetIn`'s.)
  [1044, 'elsewhere'],
  [1045, 'elsewhere'],
  [1049, 'elsewhere'],
  [1129, 'elsewhere'],
  [1130, 'elsewhere'],
  [1698, 'elsewhere'],
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
  [1927, 'elsewhere'],
  [1969, 'elsewhere'],
  [3024, 'elsewhere'],
  [3032, 'elsewhere'],
  [3168, 'elsewhere'],
  [3169, 'elsewhere'],
  [2006, 'elsewhere'],
  [2013, 'elsewhere'],
  // The last is of MySQL's Group Replication: another member was first, which shows at the commit.
  [1205, 'again'],
  [1213, 'again'],
  [3101, 'again'],
]);

export function mysqlErrorKind(error: unknown): MysqlErrorKind {
  if (error instanceof SignalboxError) return error.code === 'store_unavailable' ? 'elsewhere' : 'refused';
  const { errno, fatal, sqlState } = error as { errno?: number; fatal?: boolean; sqlState?: string };
  const known = errno === undefined ? undefined : BY_NUMBER.get(errno);
  if (known !== undefined) return known;
  // Without an SQL state it didn't come from a server: the connection is gone, or was never there.
  return fatal === true || sqlState === undefined ? 'elsewhere' : 'refused';
}

/** Whatever the reason for which a server doesn't let us in (a locked account, TLS that it asks for), another may. */
export function asNotLetIn(error: unknown): unknown {
  return error instanceof Error ? Object.assign(error, { fatal: true }) : error;
}

/** A server said no to a statement: neither is it gone, nor is the fault in our code. */
export function isRefusal(error: unknown): boolean {
  return !(error instanceof SignalboxError) && (error as { sqlState?: string }).sqlState !== undefined;
}

/** Who is no administrator creates no trigger on a server that writes a binary log, unless that was told to trust. */
export function needsTrustForTriggers(error: unknown): boolean {
  return hasNumber(error, [1419]);
}

/** The connection is gone: it wasn't the server that said no. */
export function isConnectionLost(error: unknown): boolean {
  return !(error instanceof SignalboxError) && (error as { sqlState?: string }).sqlState === undefined;
}

/** A server that refuses a write because it isn't the one for writes has not done it. */
export function isNotWritable(error: unknown): boolean {
  return hasNumber(error, [1047, 1290, 1792, 1836]);
}

/** Wrong password, or one that isn't wanted any more. */
export function isLoginRefused(error: unknown): boolean {
  return hasNumber(error, [1045, 1698]);
}

function hasNumber(error: unknown, numbers: readonly number[]): boolean {
  const { errno } = error as { errno?: number };
  return errno !== undefined && numbers.includes(errno);
}

export function storeUnavailable(error: unknown, where: string): SignalboxError {
  if (error instanceof SignalboxError) return error;
  return new SignalboxError('store_unavailable', `${where}: ${messageOf(error)}`, { cause: error });
}
