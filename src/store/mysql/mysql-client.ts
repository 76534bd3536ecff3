// The database as the store uses it, on whichever of its servers works: a bound on how much is done at a time, the next
// server when this one can't serve, transactions that are made again when they lost against another, and a pause with
// jitter when no server can be used, during which nobody waits.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Backoff, nextBackoff } from '../../backoff.js';
import type { Clock } from '../../clock.js';
import { SignalboxError } from '../../errors.js';
import { isNotWritable, mysqlErrorKind, storeUnavailable } from './mysql-errors.js';
import { MysqlServer } from './mysql-server.js';
import type { Session } from './mysql-session.js';
import type { MysqlAddress } from './mysql-url.js';
import { Semaphore } from './semaphore.js';
import { TookTooLong } from './time-limit.js';

export interface MysqlClientOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** Connections in use at a time. */
  readonly concurrency?: number;
  readonly connectTimeoutMs?: number;
  /** For getting a connection and for all that is done with it, each. */
  readonly deadlineMs?: number;
}

/** Connections in use at a time, of all that reads and writes routes. */
export const DEFAULT_CONCURRENCY = 8;
const DEFAULT_CONNECT_TIMEOUT_MS = 1000;
const DEFAULT_DEADLINE_MS = 2000;

/** Work that waits for a connection; beyond it the answer is an error at once. */
const WAITING_MAX = 20_000;

/** A transaction that lost against another is tried this often, after pauses of random length up to these. */
const CONFLICT_ATTEMPTS = 12;
const FIRST_CONFLICT_PAUSE_MS = 5;
const LAST_CONFLICT_PAUSE_MS = 200;

export class MysqlClient {
  readonly #address: MysqlAddress;
  readonly #options: Required<MysqlClientOptions>;
  readonly #servers: readonly MysqlServer[];
  readonly #slots: Semaphore;
  /** The one that served last: it is asked first. */
  readonly #preferred: { index: number };
  #outage: (Backoff & { readonly message: string }) | undefined;

  /** @param preferred shared with other clients of the same database. */
  constructor(address: MysqlAddress, options: MysqlClientOptions, preferred = { index: 0 }) {
    this.#preferred = preferred;
    this.#address = address;
    this.#options = {
      concurrency: DEFAULT_CONCURRENCY,
      connectTimeoutMs: DEFAULT_CONNECT_TIMEOUT_MS,
      deadlineMs: DEFAULT_DEADLINE_MS,
      ...options,
    };
    this.#slots = new Semaphore(this.#options.concurrency, WAITING_MAX);
    this.#servers = address.hosts.map((host) => new MysqlServer(address, host, this.#options));
  }

  /**
   * Another client of the same database, with one connection, for work that doesn't queue behind anything else; to be
   * closed. The two keep to the same server: what one has heard of, the other must find there, and servers of a cluster
   * aren't all as far at the same time.
   */
  beside(deadlineMs = this.#options.deadlineMs): MysqlClient {
    return new MysqlClient(this.#address, { ...this.#options, concurrency: 1, deadlineMs }, this.#preferred);
  }

  /**
   * Logs in anew everywhere, with the password as it is now, if that works somewhere.
   *
   * @throws SignalboxError `store_unavailable` or `configuration`, and all connections stay.
   */
  async renew(): Promise<void> {
    const fresh = this.beside(this.#options.deadlineMs);
    try {
      await fresh.read((session) => session.query('SELECT 1'));
    } finally {
      await fresh.close();
    }
    for (const server of this.#servers) server.renew();
  }

  /** Reads, or does what may be done twice. @throws SignalboxError `store_unavailable` */
  read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#run(work, () => true);
  }

  /**
   * Runs a transaction, and again if it lost against another or its server was lost before it was told to commit.
   *
   * @throws SignalboxError `store_unavailable`, and then it says whether the change may have taken place; what `work`
   *   throws rolls it back.
   */
  async write<T>(work: (session: Session) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const progress = { isCommitting: false };
      const attemptWork = (session: Session): Promise<T> => {
        progress.isCommitting = false;
        return transaction(session, work, () => {
          progress.isCommitting = true;
        });
      };
      try {
        return await this.#run(attemptWork, () => !progress.isCommitting);
      } catch (error) {
        const cause = error instanceof SignalboxError ? (error.cause ?? error) : error;
        if (attempt >= CONFLICT_ATTEMPTS || mysqlErrorKind(cause) !== 'again') {
          throw progress.isCommitting && mysqlErrorKind(cause) === 'elsewhere'
            ? outcomeUnknown(error)
            : error;
        }
        const longestMs = Math.min(FIRST_CONFLICT_PAUSE_MS * 2 ** attempt, LAST_CONFLICT_PAUSE_MS);
        await sleep(longestMs * this.#options.random());
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
  }

  /** @param mayRepeat after an error: whether it would do no harm if what was begun has taken place. */
  async #run<T>(work: (session: Session) => Promise<T>, mayRepeat: () => boolean): Promise<T> {
    if (this.#outage !== undefined && this.#options.clock() < this.#outage.retryAtMs) {
      throw new SignalboxError('store_unavailable', this.#outage.message);
    }
    const release = await this.#slots.acquire(this.#options.deadlineMs);
    try {
      let last: unknown;
      for (let turn = 0; turn < this.#servers.length; turn += 1) {
        const index = (this.#preferred.index + turn) % this.#servers.length;
        const server = this.#servers[index];
        if (server === undefined) break;
        try {
          const result = await server.run(work, mayRepeat);
          this.#preferred.index = index;
          this.#outage = undefined;
          return result;
        } catch (error) {
          last = error;
          if (mysqlErrorKind(error) !== 'elsewhere') throw error;
          // A server that refuses a write because it isn't the one for writes has not done it.
          if (!mayRepeat() && !isNotWritable(error)) break;
        }
      }
      throw this.#noServer(last);
    } finally {
      release();
    }
  }

  #noServer(last: unknown): SignalboxError {
    const { clock, random } = this.#options;
    const names = this.#servers.map(({ name }) => name).join(', ');
    const failure = storeUnavailable(last, `the database at ${names} can't be used`);
    // Work that took too long tells of that work, and one pause is enough for all who failed at the same time.
    const isNoted = this.#outage !== undefined && clock() < this.#outage.retryAtMs;
    if (!(last instanceof TookTooLong) && !isNoted) {
      this.#outage = { ...nextBackoff(this.#outage, clock(), random), message: failure.message };
    }
    return failure;
  }
}

async function transaction<T>(
  session: Session,
  work: (session: Session) => Promise<T>,
  onCommit: () => void,
): Promise<T> {
  await session.query('START TRANSACTION');
  let result: T;
  try {
    result = await work(session);
  } catch (error) {
    if (mysqlErrorKind(error) !== 'elsewhere') await session.query('ROLLBACK');
    throw error;
  }
  onCommit();
  await session.query('COMMIT');
  return result;
}

function outcomeUnknown(error: unknown): SignalboxError {
  const failure = storeUnavailable(error, 'the database was lost');
  const message = `${failure.message}; whether the change took place isn't known, so look before it is made again`;
  return new SignalboxError('store_unavailable', message, { cause: failure.cause });
}
