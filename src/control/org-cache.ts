// The cache of orgs' routes: per org a time to live with single-flight refresh, and what to answer when the store
// can't be read. Runs on the main thread.
//
// The entries are held by lru-cache; the policy is here, for that library's `fetch` asks a failing loader again on
// every access and can't tell "failed" from "nothing there". Invariants: at most one load of an org is waited for at
// a time; a load that began before an invalidation never becomes the org's table; a good table outlives any error
// until `maxStaleMs`; orgs that the store knows are never evicted by ids that it doesn't.
import { LRUCache } from 'lru-cache';
import { SignalboxError, messageOf } from '../errors.js';
import { isOlder } from '../store/org-routes.js';
import type { OrgRoutes } from '../store/route-store.js';
import { nextBackoff } from '../backoff.js';
import type { CacheAnswer } from './cache-answer.js';
import {
  type Entry,
  type OrgState,
  answerFresh,
  answerStale,
  isFlawed,
  newEntry,
  refreshAt,
} from './cache-entry.js';
import type { CacheOptions } from './cache-options.js';

interface Flight {
  /** Resolves, never rejects: the entry says how it ended. `undefined`: it was overtaken by an invalidation. */
  readonly landed: Promise<Entry | undefined>;
  overtaken: boolean;
}

/** The part of the time to live after which the first use starts a refresh. */
const REFRESH_AHEAD = 0.8;
const TTL_JITTER = 0.1;

const TOO_MANY_UNKNOWN =
  'too many orgs without routes are asked for, and this one has not been read yet: try again later';

/** Reads that clients force by naming a revision come no closer together, for one org. */
const FORCED_READ_SPACING_MS = 20;

export class OrgCache {
  readonly #loadOrg: (orgId: string) => Promise<OrgRoutes>;
  readonly #options: CacheOptions;
  readonly #known: LRUCache<string, Entry>;
  /** Orgs that the store doesn't know, or that could never be read. */
  readonly #unknown: LRUCache<string, Entry>;
  readonly #flights = new Map<string, Flight>();
  /** Reads for revisions that aren't here, which haven't begun. */
  readonly #forced = new Map<string, Promise<CacheAnswer>>();

  /** @param loadOrg reads an org's routes from the store; a rejection is a failed load. */
  constructor(loadOrg: (orgId: string) => Promise<OrgRoutes>, options: CacheOptions) {
    this.#loadOrg = loadOrg;
    this.#options = options;
    const dispose = (_: Entry, orgId: string, reason: LRUCache.DisposeReason): void => {
      if (reason === 'evict') options.onEvict(orgId);
    };
    this.#known = new LRUCache({ max: options.maxKnownOrgs, dispose });
    this.#unknown = new LRUCache({ max: options.maxUnknownOrgs, dispose });
  }

  /** The number of orgs that are kept. */
  get size(): { readonly known: number; readonly unknown: number } {
    return { known: this.#known.size, unknown: this.#unknown.size };
  }

  /** The org's routes as they may be used now. Never rejects. */
  async read(orgId: string): Promise<CacheAnswer> {
    const now = this.#options.clock();
    const entry = this.#entry(orgId);
    if (entry !== undefined) {
      if (now < entry.freshUntilMs) return this.#answerFrom(entry, now);
      const { failure } = entry;
      if (failure !== undefined && now < failure.retryAtMs) return this.#answerFrom(entry, now);
      if (failure !== undefined && this.#isUsable(entry, now)) {
        // Nobody waits for a store that has just been failing; who comes after the refresh has the newer routes.
        void this.#flight(orgId).landed;
        return this.#answerFrom(entry, now);
      }
    }
    return this.#wait(orgId, true);
  }

  /**
   * The org's routes, read anew if those at hand are of a lower revision. One read that begins after this call is
   * enough, whatever it finds, and all who call until it begins share it. Never rejects.
   */
  async readAtLeast(orgId: string, revision: number): Promise<CacheAnswer> {
    const now = this.#options.clock();
    const entry = this.#entry(orgId);
    const hasIt = entry !== undefined && now < entry.freshUntilMs && (entry.value?.revision ?? 0) >= revision;
    if (hasIt || (entry?.failure !== undefined && now < entry.failure.retryAtMs))
      return this.#answerFrom(entry, now);
    let forced = this.#forced.get(orgId);
    if (forced === undefined) {
      forced = this.#readAnew(orgId);
      this.#forced.set(orgId, forced);
    }
    return forced;
  }

  /** Whoever names revisions that don't exist must not keep the store busy. */
  async #readAnew(orgId: string): Promise<CacheAnswer> {
    const { readBeganAtMs = -Infinity } = this.#entry(orgId) ?? {};
    const pauseMs = readBeganAtMs + FORCED_READ_SPACING_MS - this.#options.clock();
    if (pauseMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(pauseMs, FORCED_READ_SPACING_MS)));
    }
    // One that is under way began before somebody asked.
    await this.#flights.get(orgId)?.landed;
    this.#forced.delete(orgId);
    return this.#wait(orgId, true);
  }

  /** Reads the store ahead of the expiry; the answer is what may be used then. Never rejects. */
  async refresh(orgId: string): Promise<CacheAnswer> {
    const now = this.#options.clock();
    const entry = this.#entry(orgId);
    // Another worker's refresh may have come first, or the store may have been failing just now.
    if (entry !== undefined && now < refreshAt(entry)) return this.#answerFrom(entry, now);
    return this.#wait(orgId, false);
  }

  /** Forgets that what is kept of the org is fresh, and that the store failed. It stays as the last good. */
  invalidate(orgId: string): void {
    const flight = this.#flights.get(orgId);
    if (flight !== undefined) {
      flight.overtaken = true;
      this.#flights.delete(orgId);
    }
    this.#unknown.delete(orgId);
    const entry = this.#known.peek(orgId);
    if (entry !== undefined) {
      entry.freshUntilMs = entry.refreshAtMs = -Infinity;
      entry.failure = undefined;
    }
    this.#options.onInvalidate(orgId);
  }

  /** What is kept of an org; undefined: nothing. Looking changes nothing. */
  peek(orgId: string): OrgState | undefined {
    const entry = this.#known.peek(orgId) ?? this.#unknown.peek(orgId);
    if (entry === undefined) return undefined;
    const now = this.#options.clock();
    const { value: routes, loadedAtMs, freshUntilMs, failure } = entry;
    return { routes, ageMs: now - loadedAtMs, freshForMs: freshUntilMs - now, lastError: failure?.message };
  }

  /** How many orgs have last good routes in force because newer ones can't be read, and how old the oldest are. */
  staleness(): { readonly staleOrgs: number; readonly oldestStaleMs: number } {
    const now = this.#options.clock();
    let staleOrgs = 0;
    let oldestStaleMs = 0;
    for (const entry of this.#known.values()) {
      if (entry.failure === undefined || now < entry.freshUntilMs || !this.#isUsable(entry, now)) continue;
      staleOrgs += 1;
      oldestStaleMs = Math.max(oldestStaleMs, now - entry.loadedAtMs);
    }
    return { staleOrgs, oldestStaleMs };
  }

  /** Every org whose routes are good, and how long ago they were read: as they are now, however long it is looked at. */
  lastGood(): readonly { readonly routes: OrgRoutes; readonly ageMs: number }[] {
    const now = this.#options.clock();
    return [...this.#known.values()].flatMap(({ value, loadedAtMs }) =>
      value === undefined ? [] : [{ routes: value, ageMs: now - loadedAtMs }],
    );
  }

  /** Takes routes for last good that were read some time ago. They are used only where the store can't be read. */
  restore(routes: OrgRoutes, ageMs: number): void {
    const { orgId } = routes;
    if (this.#known.has(orgId)) return;
    const loadedAtMs = this.#options.clock() - ageMs;
    this.#keep({ ...newEntry(orgId), value: routes, loadedAtMs });
  }

  /** Whether anything of that org was handed out, or is about to be. */
  isInUse(orgId: string): boolean {
    return this.#flights.has(orgId) || this.#known.has(orgId) || this.#unknown.has(orgId);
  }

  #entry(orgId: string): Entry | undefined {
    return this.#known.get(orgId) ?? this.#unknown.get(orgId);
  }

  /** @param hasPatience whoever asks would rather have the last good routes than wait for long. */
  async #wait(orgId: string, hasPatience: boolean): Promise<CacheAnswer> {
    for (;;) {
      const status = this.#flights.has(orgId) ? 'shared' : 'miss';
      const before = this.#entry(orgId);
      const { landed } = this.#flight(orgId);
      const isUsable = before !== undefined && this.#isUsable(before, this.#options.clock());
      const entry = hasPatience && isUsable ? await this.#waitPatiently(landed) : await landed;
      const now = this.#options.clock();
      if (entry === 'late') {
        // What is kept may be another by now, and fresh.
        const kept = this.#entry(orgId);
        if (kept !== undefined && this.#isUsable(kept, now)) return this.#answerFrom(kept, now);
      } else if (entry !== undefined) {
        // Also where the time to live is so short that it is over by now: this read was for whoever waited.
        if (entry.failure === undefined && entry.value !== undefined)
          return answerFresh(entry, entry.value, status, this.#options.maxStaleMs);
        return this.#answerFrom(entry, now);
      }
      // An invalidation overtook the load: what it read may be from before. Unless somebody has read since, read once
      // more.
      const since = this.#entry(orgId);
      if (since !== undefined && now < since.freshUntilMs) return this.#answerFrom(since, now);
    }
  }

  async #waitPatiently(landed: Promise<Entry | undefined>): Promise<Entry | undefined | 'late'> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, this.#options.patienceMs, 'late');
    });
    try {
      return await Promise.race([landed, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The org's load that is under way, or a new one. */
  #flight(orgId: string): Flight {
    const underWay = this.#flights.get(orgId);
    if (underWay !== undefined) return underWay;
    const isFirst = this.#entry(orgId) === undefined;
    if (isFirst && this.#options.unknownLookups?.isEmpty === true) return this.#refuse(orgId);
    const flight: Flight = { overtaken: false, landed: this.#load(orgId, isFirst, () => flight.overtaken) };
    this.#flights.set(orgId, flight);
    return flight;
  }

  /** Without reading anything: too many ids that the store doesn't know were asked for, and this may be another. */
  #refuse(orgId: string): Flight {
    const { clock, random } = this.#options;
    const failure = { message: TOO_MANY_UNKNOWN, ...nextBackoff(undefined, clock(), random) };
    const entry = { ...newEntry(orgId), failure };
    this.#keep(entry);
    return { overtaken: false, landed: Promise.resolve(entry) };
  }

  /** @param isFirst nothing is kept of the org. */
  async #load(orgId: string, isFirst: boolean, isOvertaken: () => boolean): Promise<Entry | undefined> {
    const { clock, random, ttlMs, unknownLookups } = this.#options;
    const beganAtMs = clock();
    let loaded: OrgRoutes | undefined;
    let failure: string | undefined;
    try {
      loaded = await this.#listInTime(orgId);
      if (!isOvertaken()) failure = this.#whyNotTakenOver(loaded);
    } catch (error) {
      failure = messageOf(error);
    }
    if (isOvertaken()) return undefined;
    this.#flights.delete(orgId);
    if (isFirst && loaded?.revision === 0) unknownLookups?.take();
    const now = clock();
    const entry = this.#entry(orgId) ?? newEntry(orgId);
    const isNew = loaded !== undefined && loaded.revision !== entry.value?.revision;
    if (loaded === undefined || failure !== undefined) {
      entry.failure = { message: failure ?? '', ...nextBackoff(entry.failure, now, random) };
    } else {
      const lifetimeMs = ttlMs * (1 - TTL_JITTER * random());
      entry.value = loaded;
      entry.readBeganAtMs = beganAtMs;
      entry.failure = undefined;
      entry.loadedAtMs = now;
      entry.freshUntilMs = now + lifetimeMs;
      entry.refreshAtMs = now + lifetimeMs * REFRESH_AHEAD;
    }
    this.#keep(entry);
    const refusedRows = loaded?.refused?.length ?? 0;
    this.#options.onLoad({ orgId, failure, isNew, elapsedMs: now - beganAtMs, refusedRows });
    if (entry.value === loaded && loaded !== undefined && isFlawed(loaded)) this.#options.onFlawed(loaded);
    return entry;
  }

  /** The store's own deadlines should come first; this one keeps a flight from never landing. */
  async #listInTime(orgId: string): Promise<OrgRoutes> {
    const { loadTimeoutMs } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(
          new SignalboxError('store_unavailable', `the store did not answer within ${loadTimeoutMs} ms`),
        );
      }, loadTimeoutMs);
    });
    try {
      return await Promise.race([this.#loadOrg(orgId), timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  #keep(entry: Entry): void {
    const isKnown = (entry.value?.revision ?? 0) > 0;
    (isKnown ? this.#unknown : this.#known).delete(entry.orgId);
    (isKnown ? this.#known : this.#unknown).set(entry.orgId, entry);
  }

  /** A good table is only given up for one that is as good and no older, for as long as it may be used. */
  #whyNotTakenOver(loaded: OrgRoutes): string | undefined {
    const entry = this.#entry(loaded.orgId);
    if (entry?.value === undefined || !this.#isUsable(entry, this.#options.clock())) return undefined;
    const good = entry.value;
    if (isOlder(loaded, good)) {
      return (
        `the store is at revision ${loaded.revision}, and revision ${good.revision} was seen before; if it was ` +
        'restored from a backup, say so: signalbox restored'
      );
    }
    const [refused] = loaded.refused ?? [];
    if (refused === undefined || isFlawed(good)) return undefined;
    return `route ${refused.routeId} in the store is no route: ${refused.message}`;
  }

  #isUsable({ value, loadedAtMs }: Entry, now: number): boolean {
    return value !== undefined && now < loadedAtMs + this.#options.maxStaleMs;
  }

  /** From what is kept, without reading anything. */
  #answerFrom(entry: Entry, now: number): CacheAnswer {
    const { value, failure } = entry;
    if (value !== undefined && now < entry.freshUntilMs)
      return answerFresh(entry, value, 'hit', this.#options.maxStaleMs);
    const retryAtMs = failure?.retryAtMs ?? now;
    if (this.#isUsable(entry, now)) return answerStale(entry, retryAtMs, this.#options.maxStaleMs);
    const message = `the org's routes can't be read: ${failure?.message ?? 'the last good ones are too old'}`;
    return { status: 'unavailable', message, untilMs: retryAtMs };
  }
}
