// Connections to the database, and the rules for using one: a bound on how many are in use, a deadline around getting
// one and around everything that is done with it, a connection that was late is destroyed (mysql2's own time-out
// leaves it busy for as long as the server likes), the next server when this one can't serve, and a pause with jitter
// when none can, during which nobody waits.
import { setTimeout as sleep } from 'node:timers/promises';
import mysql, { type Pool, type PoolConnection, type RowDataPacket } from 'mysql2/promise';
import type { Clock } from '../../clock.js';
import { SignalboxError } from '../../errors.js';
import { type Backoff, nextBackoff } from '../../backoff.js';
import { mysqlErrorKind, storeUnavailable } from './mysql-errors.js';
import type { MysqlAddress, MysqlHost } from './mysql-url.js';
import { Semaphore } from './semaphore.js';

export type Row = Readonly<Record<string, unknown>>;

/** A parameter: numbers go as text, since a double can't hold every BIGINT. */
export type Parameter = string | Buffer | number | boolean | null;

export interface Session {
  /** Runs one constant statement, as a prepared one. */
  query(sql: string, parameters?: readonly Parameter[]): Promise<readonly Row[]>;
}

export interface MysqlClientOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** Connections in use at a time. */
  readonly concurrency?: number;
  readonly connectTimeoutMs?: number;
  /** For getting a connection and for all that is done with it, each. */
  readonly deadlineMs?: number;
}

const DEFAULT_CONCURRENCY = 8;
const DEFAULT_CONNECT_TIMEOUT_MS = 1000;
const DEFAULT_DEADLINE_MS = 2000;

/** Work that waits for a connection; beyond it the answer is an error at once. */
const WAITING_MAX = 20_000;

/** Shorter than any server's or proxy's patience with an idle connection. */
const IDLE_MS = 60_000;

/** A transaction that lost against another is tried this often, after pauses of random length up to these. */
const CONFLICT_ATTEMPTS = 12;
const FIRST_CONFLICT_PAUSE_MS = 5;
const LAST_CONFLICT_PAUSE_MS = 200;

/** Whatever the server's own settings are: errors are errors, times are UTC, and a lock isn't waited for for long. */
const SET_UP = `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00',
  innodb_lock_wait_timeout = 1`;

interface Server {
  readonly name: string;
  readonly pool: Pool;
}

export class MysqlClient {
  readonly #servers: readonly Server[];
  readonly #slots: Semaphore;
  readonly #setUp = new WeakSet<object>();
  readonly #options: Required<MysqlClientOptions>;
  /** The one that served last: it is asked first. */
  #preferred = 0;
  #outage: (Backoff & { readonly message: string }) | undefined;

  constructor(address: MysqlAddress, options: MysqlClientOptions) {
    this.#options = {
      concurrency: DEFAULT_CONCURRENCY,
      connectTimeoutMs: DEFAULT_CONNECT_TIMEOUT_MS,
      deadlineMs: DEFAULT_DEADLINE_MS,
      ...options,
    };
    this.#slots = new Semaphore(this.#options.concurrency, WAITING_MAX);
    this.#servers = address.hosts.map((host) => ({ name: host.name, pool: this.#createPool(address, host) }));
  }

  /** Reads; goes to another server if one can't serve. @throws SignalboxError `store_unavailable` */
  read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#run(work, true);
  }

  /**
   * Runs a transaction, again if it lost against another. @throws SignalboxError `store_unavailable`; what `work` throws
   * rolls it back. After an error in the middle of the commit it isn't known whether it took place.
   */
  async write<T>(work: (session: Session) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#run((session) => transaction(session, work), false);
      } catch (error) {
        const cause = error instanceof SignalboxError ? (error.cause ?? error) : error;
        if (attempt >= CONFLICT_ATTEMPTS || mysqlErrorKind(cause) !== 'again') throw error;
        const longestMs = Math.min(FIRST_CONFLICT_PAUSE_MS * 2 ** attempt, LAST_CONFLICT_PAUSE_MS);
        await sleep(longestMs * this.#options.random());
      }
    }
  }

  /** Runs statements on one connection, with a deadline of their own: migrations take longer than anything else. */
  session<T>(work: (session: Session) => Promise<T>, deadlineMs: number): Promise<T> {
    return this.#run(work, false, deadlineMs);
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map(({ pool }) => pool.end()));
  }

  async #run<T>(work: (session: Session) => Promise<T>, isRead: boolean, deadlineMs?: number): Promise<T> {
    const { clock, random } = this.#options;
    if (this.#outage !== undefined && clock() < this.#outage.retryAtMs) {
      throw new SignalboxError('store_unavailable', this.#outage.message);
    }
    const release = await this.#slots.acquire(this.#options.deadlineMs);
    try {
      let last: unknown;
      for (let turn = 0; turn < this.#servers.length; turn += 1) {
        const index = (this.#preferred + turn) % this.#servers.length;
        const server = this.#servers[index];
        if (server === undefined) break;
        const progress = { hasBegun: false };
        try {
          const result = await this.#runOn(server, work, progress, deadlineMs ?? this.#options.deadlineMs);
          this.#preferred = index;
          this.#outage = undefined;
          return result;
        } catch (error) {
          last = error;
          if (mysqlErrorKind(error) !== 'elsewhere') throw error;
          // A write that may have taken place must not take place twice.
          if (!isRead && progress.hasBegun && !isNotWritable(error)) break;
        }
      }
      const names = this.#servers.map(({ name }) => name).join(', ');
      const failure = storeUnavailable(last, `the database at ${names} can't be used`);
      // Work that took too long tells of that work, and one pause is enough for all who failed at the same time.
      const isNoted = this.#outage !== undefined && clock() < this.#outage.retryAtMs;
      if (!(last instanceof TookTooLong) && !isNoted) {
        this.#outage = { ...nextBackoff(this.#outage, clock(), random), message: failure.message };
      }
      throw failure;
    } finally {
      release();
    }
  }

  async #runOn<T>(
    { pool }: Server,
    work: (session: Session) => Promise<T>,
    progress: { hasBegun: boolean },
    deadlineMs: number,
  ): Promise<T> {
    const connecting = pool.getConnection();
    const connection = await inTime(connecting, deadlineMs, 'connecting', () => {
      // It may still come, and then it is nobody's.
      connecting.then((late) => late.destroy()).catch(() => undefined);
    });
    let isSound = false;
    try {
      progress.hasBegun = true;
      const session = new ConnectionSession(connection);
      const result = await inTime(
        this.#begin(session, connection, work),
        deadlineMs,
        'the database',
        () => undefined,
      );
      isSound = true;
      return result;
    } catch (error) {
      isSound = mysqlErrorKind(error) !== 'elsewhere';
      throw error;
    } finally {
      if (isSound) connection.release();
      else connection.destroy();
    }
  }

  /** Work on a connection that is set up as we need it. */
  async #begin<T>(
    session: Session,
    { connection }: PoolConnection,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    if (!this.#setUp.has(connection)) {
      await session.query(SET_UP);
      this.#setUp.add(connection);
    }
    return work(session);
  }

  #createPool({ user, password, database, tls }: MysqlAddress, { endpoint }: MysqlHost): Pool {
    const pool = mysql.createPool({
      ...endpoint,
      user,
      password,
      database,
      ...(tls === undefined ? {} : { ssl: { ...tls, rejectUnauthorized: true } }),
      charset: 'utf8mb4',
      timezone: 'Z',
      // A BIGINT comes as text and not as a rounded double, and so does JSON, which is parsed once and strictly.
      supportBigNumbers: true,
      bigNumberStrings: true,
      jsonStrings: true,
      dateStrings: true,
      // Row parsers are not compiled from what a server says of its columns.
      disableEval: true,
      // One statement is one statement, and no server may ask for our files.
      multipleStatements: false,
      flags: ['-LOCAL_FILES'],
      connectTimeout: this.#options.connectTimeoutMs,
      // The semaphore is in front: nobody ever waits inside the pool, where no deadline would reach.
      connectionLimit: this.#options.concurrency + 1,
      waitForConnections: false,
      maxIdle: this.#options.concurrency,
      idleTimeout: IDLE_MS,
      // The statements are constant, and this many.
      maxPreparedStatements: 32,
    });
    // A connection that dies while idle, or while it is held, is no uncaught exception.
    pool.on('connection', (connection) => connection.on('error', () => undefined));
    return pool;
  }
}

class ConnectionSession implements Session {
  readonly #connection: PoolConnection;

  constructor(connection: PoolConnection) {
    this.#connection = connection;
  }

  async query(sql: string, parameters?: readonly Parameter[]): Promise<readonly Row[]> {
    // Without parameters it is something that can't be prepared, such as DDL.
    if (parameters === undefined) {
      const [rows] = await this.#connection.query<RowDataPacket[]>(sql);
      return rows;
    }
    const values = parameters.map((value) => (typeof value === 'number' ? String(value) : value));
    const [rows] = await this.#connection.execute<RowDataPacket[]>(sql, values);
    return rows;
  }
}

async function transaction<T>(session: Session, work: (session: Session) => Promise<T>): Promise<T> {
  await session.query('START TRANSACTION');
  let result: T;
  try {
    result = await work(session);
  } catch (error) {
    if (mysqlErrorKind(error) !== 'elsewhere') await session.query('ROLLBACK');
    throw error;
  }
  await session.query('COMMIT');
  return result;
}

/** A server that refuses a write because it isn't the one for writes has not done it. */
function isNotWritable(error: unknown): boolean {
  const { errno } = error as { errno?: number };
  return errno !== undefined && [1047, 1290, 1792, 1836].includes(errno);
}

/** A deadline that passed while the database was at work. */
class TookTooLong extends SignalboxError {}

async function inTime<T>(
  work: Promise<T>,
  deadlineMs: number,
  what: 'connecting' | 'the database',
  onLate: () => void,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      onLate();
      const kind = what === 'connecting' ? SignalboxError : TookTooLong;
      reject(new kind('store_unavailable', `${what} took longer than ${deadlineMs} ms`));
    }, deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
