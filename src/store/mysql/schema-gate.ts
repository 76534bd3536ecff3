// The schema is looked at, and brought up to date, before anything else is done with a database; if it couldn't be, the
// next that comes tries again; but not at once where the database itself refused, for want of a privilege say, which will
// be so until somebody has done something about it. A daemon that may not change the schema works with the one before, so
// that an upgrade doesn't wait for whoever may.
import { type Backoff, nextBackoff } from '../../backoff.js';
import type { Clock } from '../../clock.js';
import { SignalboxError } from '../../errors.js';
import type { Log } from '../../log.js';
import { type MigrationMode, migrate, usableOldVersion } from './migrate.js';
import type { MysqlClient } from './mysql-client.js';
import { isRefusal, storeUnavailable } from './mysql-errors.js';

export interface SchemaGateOptions {
  readonly client: MysqlClient;
  readonly migrate: MigrationMode;
  readonly clock: Clock;
  /** From 0 up to 1, for jitter. */
  readonly random: () => number;
  readonly log: Log;
}

export class SchemaGate {
  readonly #options: SchemaGateOptions;
  #isOpen = false;
  #opening: Promise<void> | undefined;
  #refusal: (Backoff & { readonly error: SignalboxError }) | undefined;

  constructor(options: SchemaGateOptions) {
    this.#options = options;
  }

  /**
   * @throws SignalboxError `configuration` if the schema isn't one to work with, `store_unavailable` if it can't be
   *   looked at.
   */
  async pass(): Promise<void> {
    if (this.#isOpen) return;
    if (this.#refusal !== undefined && this.#options.clock() < this.#refusal.retryAtMs)
      throw this.#refusal.error;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    await this.#opening;
  }

  async #open(): Promise<void> {
    const { client, migrate: mode, clock, random, log } = this.#options;
    try {
      const { from, to } = await migrate(client, mode);
      this.#isOpen = true;
      if (from !== to) log('info', 'store.migrated', `the schema went from version ${from} to ${to}`);
    } catch (error) {
      const failure = storeUnavailable(error, 'the database refused');
      if (await this.#isUsableAsItIs(failure)) return;
      // Servers that can't be reached are paused for by the client.
      if (!(error instanceof SignalboxError))
        this.#refusal = { ...nextBackoff(this.#refusal, clock(), random), error: failure };
      throw failure;
    }
  }

  async #isUsableAsItIs(failure: SignalboxError): Promise<boolean> {
    const { client, migrate: mode, log } = this.#options;
    if (mode === 'check' || failure.cause === undefined || !isRefusal(failure.cause)) return false;
    const version = await usableOldVersion(client).catch(() => undefined);
    if (version === undefined) return false;
    this.#isOpen = true;
    const message = `the schema stays at version ${version}, with which this daemon can work: ${failure.message}`;
    log('warn', 'store.not_migrated', message);
    return true;
  }
}
