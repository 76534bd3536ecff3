// How often a user may connect. To open a connection takes a worker as long as a hundred decisions, so whoever connects
// and breaks off all the time would be felt by everybody; of one user, no more come in than cost next to nothing. Kept
// apart by user, for one that runs wild must not keep the others out.
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../clock.js';
import { TokenBucket } from '../../token-bucket.js';

/** At once, as after a restart, when every client comes back. */
export const NEWCOMERS_BURST = 4096;

/** From then on. A gateway keeps its connections. */
export const NEWCOMERS_PER_SECOND = 500;

/** Users that are remembered; whoever was forgotten begins anew. */
const USERS_MAX = 4096;

export class Newcomers {
  readonly #clock: Clock;
  readonly #byUser = new LRUCache<number, TokenBucket>({ max: USERS_MAX });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether one more of that user's connections may come in. @param uid undefined: nobody knows whose it is. */
  admit(uid = -1): boolean {
    let bucket = this.#byUser.get(uid);
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#clock, NEWCOMERS_BURST, NEWCOMERS_PER_SECOND);
      this.#byUser.set(uid, bucket);
    }
    if (bucket.isEmpty) return false;
    bucket.take();
    return true;
  }
}
