// The schema is looked at, and brought up to date, before anything else is done with a database; if it couldn't be, the
// next that comes tries again.
import type { Log } from '../../log.js';
import { type MigrationMode, migrate } from './migrate.js';
import type { MysqlClient } from './mysql-client.js';
import { storeUnavailable } from './mysql-errors.js';

export class SchemaGate {
  readonly #client: MysqlClient;
  readonly #mode: MigrationMode;
  readonly #log: Log;
  #isOpen = false;
  #opening: Promise<void> | undefined;

  constructor(client: MysqlClient, mode: MigrationMode, log: Log) {
    this.#client = client;
    this.#mode = mode;
    this.#log = log;
  }

  /**
   * @throws SignalboxError `configuration` if the schema isn't one to work with, `store_unavailable` if it can't be
   *   looked at.
   */
  async pass(): Promise<void> {
    if (this.#isOpen) return;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    await this.#opening;
  }

  async #open(): Promise<void> {
    try {
      const { from, to } = await migrate(this.#client, this.#mode);
      this.#isOpen = true;
      if (from !== to) this.#log('info', 'store.migrated', `the schema went from version ${from} to ${to}`);
    } catch (error) {
      throw storeUnavailable(error, 'the database refused');
    }
  }
}
