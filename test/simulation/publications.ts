// What the main thread reads and publishes, judged from outside: an org is read once at a time, good routes never give way
// to bad ones, and what is published is just what a read of the store brought.
import type { OrgRoutes } from '../../src/store/route-store.js';
import type { TableMessage, ToWorkers } from '../../src/worker/thread-messages.js';
import type { Settings } from './settings.js';
import type { SimulatedStore, StoreRead } from './simulated-store.js';
import { isBefore } from './store-history.js';
import { check } from './violation.js';

/** What was published of one org last, while the cache keeps it. */
interface Published {
  readonly routes: OrgRoutes;
  readonly readEndedMs: number;
  readonly knownSinceMs: number;
}

/** Where a table comes from. */
interface Source {
  readonly routes: OrgRoutes;
  /** Undefined: the daemon began with it. */
  readonly read: StoreRead | undefined;
}

export class Publications {
  readonly counts = { loads: 0, invalidations: 0 };
  /** What the daemon began with. */
  readonly #restored = new Map<string, OrgRoutes>();
  readonly #published = new Map<string, Published>();
  readonly #invalidatedMs = new Map<string, number[]>();
  readonly #saidMs = new WeakMap<ToWorkers, number>();

  constructor(
    private readonly settings: Settings,
    private readonly clock: () => number,
    private readonly store: SimulatedStore,
  ) {}

  /** The daemon began with these as its last good routes. */
  restored(routes: OrgRoutes, ageMs: number): void {
    this.#restored.set(routes.orgId, routes);
    const readEndedMs = this.clock() - ageMs;
    this.#published.set(routes.orgId, { routes, readEndedMs, knownSinceMs: -Infinity });
  }

  invalidated(orgId: string): void {
    this.counts.invalidations += 1;
    const before = this.#invalidatedMs.get(orgId);
    if (before === undefined) this.#invalidatedMs.set(orgId, [this.clock()]);
    else before.push(this.clock());
  }

  /** When the org was last invalidated. */
  invalidatedMs(orgId: string): number {
    return this.#invalidatedMs.get(orgId)?.at(-1) ?? -Infinity;
  }

  /** When it first was after that moment; undefined: never. */
  invalidatedAfter(orgId: string, moment: number): number | undefined {
    return this.#invalidatedMs.get(orgId)?.find((ms) => ms > moment);
  }

  /** One load of an org at a time, and after an invalidation one more. */
  loadBegan(read: StoreRead): void {
    this.counts.loads += 1;
    const now = this.clock();
    const overMs = now - this.settings.loadTimeoutMs + 1;
    const others = this.store
      .readsOf(read.orgId)
      .filter((other) => other !== read && other.endedMs > now && other.beganMs > overMs);
    const last = others.at(-1);
    if (last === undefined) return;
    const isOvertaken = this.invalidatedMs(read.orgId) >= last.beganMs;
    check(isOvertaken, `two loads of ${read.orgId} are under way, and nothing changed`);
    check(others.length < 2, `${others.length + 1} loads of ${read.orgId} are under way`);
  }

  /** What the main thread says to all workers. */
  said(message: ToWorkers): void {
    this.#saidMs.set(message, this.clock());
    if (message.type === 'drop') this.#published.delete(message.orgId);
    if (message.type === 'unavailable') {
      const isKnown = this.isKnownSince(message.orgId, this.clock());
      check(!isKnown, `${message.orgId} has good routes, and is said to be unavailable: ${message.message}`);
    }
    if (message.type === 'table') this.#judge(message);
  }

  /** When that was said. */
  saidMs(message: ToWorkers): number | undefined {
    return this.#saidMs.get(message);
  }

  /** The very read that a table comes from, for of one revision there may have been several sets of routes. */
  sourceOf({ orgId, revision, readBeganAtMs }: TableMessage): Source {
    const read = this.store
      .readsOf(orgId)
      .findLast(({ beganMs, result }) => beganMs === readBeganAtMs && result?.revision === revision);
    const begunWith = readBeganAtMs === -Infinity ? this.#restored.get(orgId) : undefined;
    const routes = read?.result ?? begunWith;
    check(
      routes?.revision === revision,
      `${orgId} is published at revision ${revision}, as which nobody read it`,
    );
    return { routes, read };
  }

  /** The org's routes have been good since then, or for longer, and may be used now. */
  isKnownSince(orgId: string, sinceMs: number): boolean {
    const published = this.#published.get(orgId);
    if (published === undefined || published.routes.revision === 0) return false;
    return (
      published.knownSinceMs <= sinceMs && this.clock() < published.readEndedMs + this.settings.maxStaleMs
    );
  }

  /** When the read ended that brought what was published of that org last. */
  readEndedMs(orgId: string): number | undefined {
    return this.#published.get(orgId)?.readEndedMs;
  }

  #judge(message: TableMessage): void {
    const { orgId, revision, stale, readBeganAtMs } = message;
    const { routes, read } = this.sourceOf(message);
    const before = this.#published.get(orgId);
    const now = this.clock();
    const wasUsable = before !== undefined && now < before.readEndedMs + this.settings.maxStaleMs;
    if (wasUsable) {
      const isWorse =
        routes.refused !== undefined && before.routes.refused === undefined && before.routes.revision > 0;
      check(
        !isWorse || this.#wasGone(orgId, before),
        `the good routes of ${orgId} gave way to revision ${revision}, which has a bad one`,
      );
    }
    if (stale) this.#assertTriedInVain(orgId, readBeganAtMs);
    this.#published.set(orgId, {
      routes,
      readEndedMs: read?.endedMs ?? before?.readEndedMs ?? -Infinity,
      knownSinceMs: wasUsable && before.routes.revision > 0 ? before.knownSinceMs : now,
    });
  }

  /** The store was read since, and had been restored to a time when it knew nothing of that org: nobody was told, yet. */
  #wasGone(orgId: string, { routes, readEndedMs }: Published): boolean {
    return this.store
      .readsOf(orgId)
      .some(
        ({ endedMs, result }) => endedMs > readEndedMs && result?.revision === 0 && !isBefore(result, routes),
      );
  }

  /** Stale is what is served while newer can't be had: a read since has failed or not ended, or something changed. */
  #assertTriedInVain(orgId: string, readBeganAtMs: number): void {
    const last = this.store.readsOf(orgId).at(-1);
    const isTried = last !== undefined && last.beganMs > readBeganAtMs;
    const isOutdated = this.invalidatedMs(orgId) >= readBeganAtMs;
    check(isTried || isOutdated, `${orgId} is served stale, and nobody has tried to read it since`);
  }
}
