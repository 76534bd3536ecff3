// Asks the store, many times a second, which orgs changed: one question for the whole daemon. The time to live stays
// as the backstop, so a feed that fails makes changes late and loses nothing.
import { messageOf } from '../errors.js';
import type { Log } from '../log.js';
import type { RouteStore } from '../store/route-store.js';

export const FEED_INTERVAL_MS = 100;

export class ChangeFeed {
  readonly #store: Pick<RouteStore, 'changedSince'>;
  readonly #onChanged: (orgIds: readonly string[]) => void;
  readonly #log: Log;
  #cursor: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isFailing = false;
  #changes = 0;
  #closed = false;

  constructor(
    store: Pick<RouteStore, 'changedSince'>,
    onChanged: (orgIds: readonly string[]) => void,
    log: Log,
  ) {
    this.#store = store;
    this.#onChanged = onChanged;
    this.#log = log;
  }

  /** Whether the store tells changes. */
  get isUp(): boolean {
    return !this.#isFailing;
  }

  /** Changes that were told since the start. */
  get changes(): number {
    return this.#changes;
  }

  /** Resolves when changes from now on will be seen, or the store can't tell them yet. */
  async start(): Promise<void> {
    await this.#ask();
    this.#schedule();
  }

  /** A question that is under way may still be answered, and then it is nobody's. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      void this.#ask().then(() => {
        this.#schedule();
      });
    }, FEED_INTERVAL_MS);
  }

  async #ask(): Promise<void> {
    try {
      const { orgIds, cursor } = await this.#store.changedSince(this.#cursor);
      if (this.#closed) return;
      this.#cursor = cursor;
      if (this.#isFailing) this.#log('info', 'feed.recovered', 'the store tells changes again');
      this.#isFailing = false;
      this.#changes += orgIds.length;
      if (orgIds.length > 0) this.#onChanged(orgIds);
    } catch (error) {
      if (!this.#isFailing) {
        this.#log('warn', 'feed.failing', `changes come only with the time to live: ${messageOf(error)}`);
      }
      this.#isFailing = true;
    }
  }
}
