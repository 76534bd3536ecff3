// One database server and our connections to it. A deadline is around getting a connection and around all that is done
// with one; a connection that was late is destroyed, for mysql2's own time-out leaves it busy for as long as the server
// likes. A password that was changed is read again when the old one is refused.
import { setTimeout as sleep } from 'node:timers/promises';
import mysql, { type Pool, type PoolConnection } from 'mysql2/promise';
import { asNotLetIn, isConnectionLost, isLoginRefused, mysqlErrorKind } from './mysql-errors.js';
import { ConnectionSession, type Session } from './mysql-session.js';
import type { MysqlAddress, MysqlHost } from './mysql-url.js';
import { inTime } from './time-limit.js';

export interface MysqlServerOptions {
  /** Connections in use at a time. */
  readonly concurrency: number;
  readonly connectTimeoutMs: number;
  /** For getting a connection and for all that is done with it, each. */
  readonly deadlineMs: number;
}

/** Shorter than any server's or proxy's patience with an idle connection. */
const IDLE_MS = 60_000;

/** The server gives a statement up by itself, but after us: it is we who say what became of it. */
const SERVER_LIMIT_AFTER_MS = 1000;

// Whatever the server's own settings are: errors are errors, times are UTC, a statement is a transaction, a lock isn't
// waited for for long, and what nobody waits for any more comes to an end. MariaDB and MySQL have different names for
// the last, and each takes the other's for a comment. MySQL's is of reads only, so that a write which waits for a table
// that somebody is changing needs a limit of its own; it takes numbers, and a parameter is text.
const SET_UP = `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00',
  autocommit = 1, innodb_lock_wait_timeout = 1, lock_wait_timeout = CAST(? AS UNSIGNED)
  /*M!100600 , max_statement_time = ? / 1000 */ /*!80000 , max_execution_time = CAST(? AS UNSIGNED) */`;

/** A read is of what was committed, at one moment. */
const SET_ISOLATION = 'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ';

export class MysqlServer {
  readonly name: string;
  readonly #address: MysqlAddress;
  readonly #host: MysqlHost;
  readonly #options: MysqlServerOptions;
  readonly #setUp = new WeakSet<object>();
  /** The one that is used, and those with an old password that are still in use. */
  readonly #pools = new Set<Pool>();
  #pool: Pool;
  #password: string;

  constructor(address: MysqlAddress, host: MysqlHost, options: MysqlServerOptions) {
    this.name = host.name;
    this.#address = address;
    this.#host = host;
    this.#options = options;
    this.#password = address.password();
    this.#pool = this.#createPool();
  }

  /** Does it on one connection, once more if that had been cut while it was idle and `mayRepeat` says so. */
  async run<T>(work: (session: Session) => Promise<T>, mayRepeat: () => boolean): Promise<T> {
    // Each that was cut is gone then, so in the end there is a new one.
    for (;;) {
      const connection = await this.#connect();
      const wasIdle = this.#setUp.has(connection.connection);
      try {
        return await this.#runOn(connection, work);
      } catch (error) {
        if (!wasIdle || !isConnectionLost(error) || !mayRepeat()) throw error;
      }
    }
  }

  /** Logs in anew, with the password as it is now; what is under way ends on the old connections. */
  renew(): void {
    this.#use(this.#address.password());
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools].map((pool) => this.#end(pool)));
  }

  async #connect(): Promise<PoolConnection> {
    const password = this.#password;
    try {
      return await this.#connectOnce();
    } catch (error) {
      if (!isLoginRefused(error)) throw error;
      // Whoever was refused at the same time may have seen to it already.
      if (password === this.#password && !this.#takeNewPassword()) throw error;
      return this.#connectOnce();
    }
  }

  async #connectOnce(): Promise<PoolConnection> {
    const connecting = this.#pool.getConnection().catch((error: unknown) => {
      throw asNotLetIn(error);
    });
    return inTime(connecting, this.#options.deadlineMs, 'connecting', () => {
      // It may still come, and then it is nobody's.
      connecting.then((late) => late.destroy()).catch(() => undefined);
    });
  }

  async #runOn<T>(connection: PoolConnection, work: (session: Session) => Promise<T>): Promise<T> {
    let isSound = false;
    try {
      const result = await inTime(this.#begin(connection, work), this.#options.deadlineMs, 'the database');
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
  async #begin<T>(connection: PoolConnection, work: (session: Session) => Promise<T>): Promise<T> {
    const session = new ConnectionSession(connection);
    if (!this.#setUp.has(connection.connection)) {
      const limitMs = this.#options.deadlineMs + SERVER_LIMIT_AFTER_MS;
      await session.query(SET_UP, [Math.ceil(limitMs / 1000), limitMs]);
      await session.query(SET_ISOLATION);
      this.#setUp.add(connection.connection);
    }
    return work(session);
  }

  /** False: it is the one that we have. */
  #takeNewPassword(): boolean {
    const password = this.#address.password();
    if (password === this.#password) return false;
    this.#use(password);
    return true;
  }

  #use(password: string): void {
    this.#password = password;
    const old = this.#pool;
    this.#pool = this.#createPool();
    // By then whoever uses one of its connections is done with it, or late.
    void sleep(this.#options.deadlineMs, undefined, { ref: false }).then(() => this.#end(old));
  }

  async #end(pool: Pool): Promise<void> {
    if (this.#pools.delete(pool)) await pool.end();
  }

  #createPool(): Pool {
    const { user, database, tls } = this.#address;
    const pool = mysql.createPool({
      ...this.#host.endpoint,
      user,
      password: this.#password,
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
      // A semaphore is in front: nobody ever waits inside the pool, where no deadline would reach.
      connectionLimit: this.#options.concurrency + 1,
      waitForConnections: false,
      maxIdle: this.#options.concurrency,
      idleTimeout: IDLE_MS,
      // The statements are constant, and this many.
      maxPreparedStatements: 32,
    });
    // A connection that dies while idle, or while it is held, is no uncaught exception.
    pool.on('connection', (connection) => connection.on('error', () => undefined));
    this.#pools.add(pool);
    return pool;
  }
}
