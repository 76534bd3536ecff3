// What the cache answers of an org: routes and how they were come by, or that there are none to be had.
import type { KeptRoutes } from './kept-routes.js';

export type CacheStatus = 'hit' | 'miss' | 'shared' | 'stale';

export interface CachedRoutes {
  /**
   * `hit`: was there and fresh. `miss`: this call read the store. `shared`: it waited for another call's read.
   * `stale`: the store can't be read, and these are the last good routes.
   */
  readonly status: CacheStatus;
  readonly routes: KeptRoutes;
  /** From when on a use of them should ask for newer ones. */
  readonly refreshAtMs: number;
  /** Until when they may be used. */
  readonly untilMs: number;
  /** Until when they may be used as the last good ones, if no newer ones come. */
  readonly lastGoodUntilMs: number;
  /** When the read of the store began that they come from. */
  readonly readBeganAtMs: number;
  /** Whoever asked before this gets no newer ones: the store was read then, or doesn't answer. */
  readonly settledMs: number;
}

export interface NoRoutes {
  readonly status: 'unavailable';
  readonly message: string;
  /** Asking before this gets the same answer. */
  readonly untilMs: number;
}

export type CacheAnswer = CachedRoutes | NoRoutes;
