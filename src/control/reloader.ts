// A reload, from the question to the last worker: the store reads again what it read at the start and refuses what
// isn't right, what changed is shipped, and it is over when every worker goes by it. One at a time; who asks while one
// is under way gets another after it, for it may have read already what is to be read now.
import { SignalboxError, messageOf } from '../errors.js';
import type { Log } from '../log.js';
import type { RouteStore } from '../store/route-store.js';
import type { ChangeFeed } from './change-feed.js';
import type { OutdatedOrgs } from './outdated-orgs.js';

export interface ReloaderParts {
  readonly store: Pick<RouteStore, 'reload'>;
  readonly feed: Pick<ChangeFeed, 'catchUp'>;
  readonly outdated: Pick<OutdatedOrgs, 'expire'>;
  /** Reads who may do what, and returns what puts it in force. */
  readonly readAccess: () => Promise<() => void>;
  /** Resolves, with their number, when the workers have taken in what was shipped. */
  readonly sync: () => Promise<number>;
  /** Is told of each, and calls it. */
  readonly around: <T>(reload: () => Promise<T>) => Promise<T>;
  readonly log: Log;
}

export class Reloader {
  readonly #parts: ReloaderParts;
  #underWay: Promise<unknown> = Promise.resolve();
  #next: Promise<number> | undefined;

  constructor(parts: ReloaderParts) {
    this.#parts = parts;
  }

  /**
   * Resolves with the number of workers.
   *
   * @throws SignalboxError `refused` or `store_unavailable`, and all stays as it was.
   */
  reload(): Promise<number> {
    return (this.#next ??= this.#after(this.#underWay));
  }

  async #after(before: Promise<unknown>): Promise<number> {
    await before.catch(() => undefined);
    const reload = this.#parts.around(() => this.#reload());
    this.#underWay = reload;
    this.#next = undefined;
    return reload;
  }

  async #reload(): Promise<number> {
    const { store, feed, outdated, readAccess, sync, log } = this.#parts;
    try {
      const applyAccess = await readAccess();
      await store.reload();
      await feed.catchUp();
      // What was loaded is in force when this is over, though a table that serves until then would do otherwise.
      outdated.expire();
      applyAccess();
    } catch (error) {
      log('error', 'reload.refused', `all stays as it was: ${messageOf(error)}`, {
        code: error instanceof SignalboxError ? error.code : undefined,
      });
      throw error;
    }
    const workers = await sync();
    log('info', 'reload.done', `${workers} workers go by what was loaded`);
    return workers;
  }
}
