// Asks the store, many times a second, which orgs changed: one question for the whole daemon. The time to live stays
// as the backstop, so a feed that is off or fails makes changes late and loses nothing.
import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import type { Log } from '../log.js';
import type { ChangedOrgs, RouteStore } from '../store/route-store.js';

export interface ChangeFeedOptions {
  readonly store: Pick<RouteStore, 'changedSince'>;
  readonly onChanged: (orgIds: ChangedOrgs) => void;
  /** 0: off. Then the store is only asked until it has answered once, which tells that it is there. */
  readonly intervalMs: number;
  /** From 0 up to 1: daemons that started together must not ask together for ever. */
  readonly random: () => number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Each pause is longer or shorter by up to this part. */
const JITTER = 0.1;

/** How long after a failure an answer is tried for again if the feed is off. */
const FIRST_ANSWER_INTERVAL_MS = 1000;

export class ChangeFeed {
  readonly #options: ChangeFeedOptions;
  #heardAtMs: number;
  #cursor: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** One question at a time: an answer that is overtaken by a later one would set the cursor back. */
  #asking: Promise<void> = Promise.resolve();
  #isFailing = false;
  #changes = 0;
  #closed = false;

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
    this.#heardAtMs = options.clock();
  }

  /** Whether the store tells changes. */
  get isUp(): boolean {
    return !this.#isFailing;
  }

  /** Whether the store has answered since the start. */
  get hasAnswered(): boolean {
    return this.#cursor !== undefined;
  }

  /** Changes that were told since the start. */
  get changes(): number {
    return this.#changes;
  }

  /** Since the store last told all changes. */
  get ageMs(): number {
    return this.#options.clock() - this.#heardAtMs;
  }

  /** Resolves when changes from now on will be seen, or the store can't tell them yet. */
  async start(): Promise<void> {
    await this.#ask();
    this.#schedule();
  }

  /** Resolves when what has changed up to now has been told; if the store can tell it. */
  catchUp(): Promise<void> {
    return this.#ask();
  }

  /** A question that is under way may still be answered, and then it is nobody's. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    const { intervalMs, random } = this.#options;
    if (this.#closed || (intervalMs === 0 && this.hasAnswered)) return;
    const pauseMs = intervalMs === 0 ? FIRST_ANSWER_INTERVAL_MS : intervalMs;
    this.#timer = setTimeout(
      () => {
        void this.#ask().then(() => {
          this.#schedule();
        });
      },
      pauseMs * (1 + JITTER * (2 * random() - 1)),
    );
  }

  #ask(): Promise<void> {
    return (this.#asking = this.#asking.then(() => this.#askNow()));
  }

  async #askNow(): Promise<void> {
    const { store, onChanged, clock, log } = this.#options;
    const askedAtMs = clock();
    try {
      const { orgIds, cursor } = await store.changedSince(this.#cursor);
      if (this.#closed) return;
      this.#cursor = cursor;
      this.#heardAtMs = askedAtMs;
      if (this.#isFailing) log('info', 'feed.recovered', 'the store tells changes again');
      this.#isFailing = false;
      this.#changes += orgIds === 'all' ? 1 : orgIds.length;
      if (orgIds.length > 0) onChanged(orgIds);
    } catch (error) {
      if (!this.#isFailing) {
        log('warn', 'feed.failing', `changes come only with the time to live: ${messageOf(error)}`);
      }
      this.#isFailing = true;
    }
  }
}
