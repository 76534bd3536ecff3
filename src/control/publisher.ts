// Ships tables to the workers. Whatever a worker asks for, and whatever changes, ends as a broadcast that every
// worker hears: an org's table, or that there is none. Runs on the main thread.
import type { CacheAnswerStatus } from '../admin/backend.js';
import type { ToWorkers } from '../worker/thread-messages.js';
import type { CacheAnswer } from './cache/cache-answer.js';
import type { OrgCache } from './cache/org-cache.js';
import type { KeptRoutes } from './cache/kept-routes.js';
import type { Quarantine, Quarantined } from './quarantine.js';

export class Publisher {
  /** How what the workers asked for was come by. */
  readonly answers: Record<CacheAnswerStatus, number> = {
    hit: 0,
    miss: 0,
    shared: 0,
    stale: 0,
    unavailable: 0,
  };
  readonly #cache: Pick<OrgCache, 'read' | 'readAtLeast' | 'refresh'>;
  readonly #broadcast: (message: ToWorkers) => void;
  readonly #quarantine: Pick<Quarantine, 'holds' | 'hold'>;
  /** Answers that are awaited, by org: any number of workers that need a table get one broadcast. */
  readonly #needed = new Map<string, Promise<void>>();
  readonly #refreshing = new Map<string, Promise<void>>();

  constructor(
    cache: Pick<OrgCache, 'read' | 'readAtLeast' | 'refresh'>,
    broadcast: (message: ToWorkers) => void,
    quarantine: Pick<Quarantine, 'holds' | 'hold'>,
  ) {
    this.#quarantine = quarantine;
    this.#cache = cache;
    this.#broadcast = broadcast;
  }

  /** A worker has requests that wait for that org's table, and perhaps for one of at least that revision. */
  need(orgId: string, minRevision = 0): Promise<void> {
    if (minRevision === 0) return this.#once(this.#needed, orgId, () => this.#cache.read(orgId));
    return this.#cache.readAtLeast(orgId, minRevision).then((answer) => {
      this.#publish(orgId, answer);
    });
  }

  /** A worker uses that org's table, and it is about to expire. */
  refresh(orgId: string): Promise<void> {
    return this.#once(this.#refreshing, orgId, () => this.#cache.refresh(orgId));
  }

  /** What the workers have of that org is out of date, and must not be used any longer. */
  expire(orgId: string): void {
    this.outdate(orgId);
    this.#broadcast({ type: 'expire', orgId });
  }

  /** Who waits for the routes as they were must not be taken for one who waits for the routes as they are. */
  outdate(orgId: string): void {
    this.#needed.delete(orgId);
    this.#refreshing.delete(orgId);
  }

  /** That org is no longer kept. */
  drop(orgId: string): void {
    this.#broadcast({ type: 'drop', orgId });
  }

  #once(pending: Map<string, Promise<void>>, orgId: string, ask: () => Promise<CacheAnswer>): Promise<void> {
    const underWay = pending.get(orgId);
    if (underWay !== undefined) return underWay;
    const published = ask().then((answer) => {
      if (pending.get(orgId) === published) pending.delete(orgId);
      this.#publish(orgId, answer);
    });
    pending.set(orgId, published);
    return published;
  }

  #publish(orgId: string, answer: CacheAnswer): void {
    this.answers[answer.status] += 1;
    if (answer.status === 'unavailable') {
      this.#broadcast({ type: 'unavailable', orgId, message: answer.message, untilMs: answer.untilMs });
      return;
    }
    const { status, routes, refreshAtMs, untilMs, lastGoodUntilMs, readBeganAtMs, settledMs } = answer;
    const block = this.#quarantine.holds(orgId, routes) ?? this.#tableOf(routes);
    if (!(block instanceof SharedArrayBuffer)) {
      this.#broadcast({ type: 'unavailable', orgId, ...block });
      return;
    }
    const { number: table, revision } = routes;
    const stale = status === 'stale';
    const times = { refreshAtMs, untilMs, lastGoodUntilMs, readBeganAtMs, settledMs };
    this.#broadcast({ type: 'table', orgId, block, table, revision, stale, ...times });
  }

  #tableOf(routes: KeptRoutes): SharedArrayBuffer | Quarantined {
    try {
      return routes.table();
    } catch (error) {
      return this.#quarantine.hold(routes.orgId, routes, error);
    }
  }
}
