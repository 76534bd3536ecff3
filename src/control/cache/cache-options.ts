// How the cache is set, and whom it tells.
import type { Clock } from '../../clock.js';
import type { TokenBucket } from '../../token-bucket.js';
import type { KeptRoutes } from './kept-routes.js';

/** A load has ended. */
export interface LoadEnd {
  readonly orgId: string;
  /** Why it failed, or what it brought was not taken over. */
  readonly failure: string | undefined;
  /** It brought another revision. */
  readonly isNew: boolean;
  readonly elapsedMs: number;
  /** Rows of the store that are no routes. */
  readonly refusedRows: number;
}

export interface CacheOptions {
  readonly clock: Clock;
  /** From 0 up to 1, for jitter. */
  readonly random: () => number;
  /** Routes are fresh for this long after they were read, less up to a tenth. 0: every read goes to the store. */
  readonly ttlMs: number;
  /** The last good routes outlive errors for this long after they were read. */
  readonly maxStaleMs: number;
  /** A load that takes longer has failed. */
  readonly loadTimeoutMs: number;
  /** Whoever has last good routes at hand waits only this long for newer ones. */
  readonly patienceMs: number;
  readonly maxKnownOrgs: number;
  readonly maxUnknownOrgs: number;
  /** Reads of orgs never read before that found nothing. While it is empty, no such org is read; unless told, all are. */
  readonly unknownLookups?: TokenBucket;
  /** An org is no longer kept. */
  readonly onEvict: (orgId: string) => void;
  /** What was handed out of an org must not be used again. */
  readonly onInvalidate: (orgId: string) => void;
  /** The store has newer routes of an org than what was handed out. */
  readonly onOutdate: (orgId: string) => void;
  readonly onLoad: (end: LoadEnd) => void;
  /** Routes were taken over of which the store has more that are no routes: there were none better. */
  readonly onFlawed: (routes: KeptRoutes) => void;
}
