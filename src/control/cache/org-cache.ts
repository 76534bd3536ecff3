// The cache of orgs' routes: per org a time to live with single-flight refresh, and what to answer when the store
// can't be read. Runs on the main thread.
//
// Which entries are kept is org-entries.ts; the policy is here, for lru-cache's `fetch` asks a failing loader again on every
// access and can't tell "failed" from "nothing there". Invariants: what a load brings that began before an invalidation
// is never fresh; a good table outlives any error until `maxStaleMs`.
import type { OrgRoutes } from '../../store/route-store.js';
import { nextBackoff } from '../../backoff.js';
import type { CacheAnswer } from './cache-answer.js';
import { type Entry, type OrgState, answerFresh, answerStale, newEntry, refreshAt } from './cache-entry.js';
import type { CacheOptions } from './cache-options.js';
import { type Flight, Flights, type Landing } from './flights.js';
import { ForcedReads } from './forced-reads.js';
import { KeptRoutes } from './kept-routes.js';
import { OrgEntries } from './org-entries.js';
import { whyNotTakenOver } from './takeover.js';

/** The part of the time to live after which the first use starts a refresh. */
const REFRESH_AHEAD = 0.8;
const TTL_JITTER = 0.1;

const TOO_MANY_UNKNOWN =
  'too many orgs without routes are asked for, and this one has not been read yet: try again later';

export class OrgCache {
  readonly #options: CacheOptions;
  readonly #entries: OrgEntries;
  readonly #flights: Flights;
  readonly #forced: ForcedReads<CacheAnswer>;

  /** @param loadOrg reads an org's routes from the store; a rejection is a failed load. */
  constructor(loadOrg: (orgId: string) => Promise<OrgRoutes>, options: CacheOptions) {
    this.#options = options;
    const { clock, loadTimeoutMs } = options;
    const onLanded = (flight: Flight, landing: Landing): boolean => this.#land(flight, landing);
    this.#flights = new Flights(loadOrg, { clock, loadTimeoutMs, onLanded });
    this.#entries = new OrgEntries(options);
    this.#forced = new ForcedReads({
      clock,
      patienceMs: options.patienceMs,
      lastBeganAtMs: (orgId) => this.#entries.get(orgId)?.readBeganAtMs,
      underWay: (orgId) => this.#flights.current(orgId)?.over,
      read: (orgId) => this.#wait(orgId),
    });
  }

  /** The number of orgs that are kept. */
  get size(): { readonly known: number; readonly unknown: number } {
    return this.#entries.size;
  }

  /** The org's routes as they may be used now. Never rejects. */
  async read(orgId: string): Promise<CacheAnswer> {
    const now = this.#options.clock();
    const entry = this.#entries.get(orgId);
    if (entry !== undefined) {
      if (now < entry.freshUntilMs) return this.#answerFrom(entry, now);
      const { failure } = entry;
      if (failure !== undefined && now < failure.retryAtMs) return this.#answerFrom(entry, now);
      if (failure !== undefined && this.#isUsable(entry, now)) {
        // Nobody waits for a store that has just been failing; who comes after the refresh has the newer routes.
        this.#flights.join(orgId);
        return this.#answerFrom(entry, now);
      }
    }
    return this.#patiently(orgId, this.#wait(orgId));
  }

  /**
   * The org's routes, read anew if those at hand are of a lower revision. One read that begins after this call is
   * enough, whatever it finds. Never rejects.
   */
  async readAtLeast(orgId: string, revision: number): Promise<CacheAnswer> {
    const now = this.#options.clock();
    const entry = this.#entries.get(orgId);
    const hasIt = entry !== undefined && now < entry.freshUntilMs && (entry.value?.revision ?? 0) >= revision;
    const isHopeless = entry?.failure !== undefined && now < entry.failure.retryAtMs;
    if (hasIt || isHopeless) return this.#answerFrom(entry, now, isHopeless ? now : undefined);
    return this.#patiently(orgId, this.#forced.join(orgId));
  }

  /** Reads the store ahead of the expiry; the answer is what may be used then. Never rejects. */
  async refresh(orgId: string): Promise<CacheAnswer> {
    const now = this.#options.clock();
    const entry = this.#entries.get(orgId);
    // Another worker's refresh may have come first, or the store may have been failing just now.
    if (entry !== undefined && now < refreshAt(entry)) return this.#answerFrom(entry, now);
    return this.#wait(orgId);
  }

  /** Forgets that what is kept of the org is fresh, and that the store failed. It stays as the last good. */
  invalidate(orgId: string): void {
    this.#overtake(orgId);
    this.#options.onInvalidate(orgId);
    // That the store knew nothing of it is nothing to fall back on.
    if (this.#entries.forgetUnknown(orgId)) this.#options.onEvict(orgId);
  }

  /** The store has newer routes. As `invalidate`, but what was handed out of a known org may be used until they come. */
  outdate(orgId: string): void {
    if (this.#entries.has(orgId) && !this.#entries.isKnown(orgId)) {
      this.invalidate(orgId);
      return;
    }
    this.#overtake(orgId);
    this.#options.onOutdate(orgId);
  }

  #overtake(orgId: string): void {
    this.#flights.overtake(orgId);
    const entry = this.#entries.peek(orgId);
    if (entry === undefined) return;
    entry.freshUntilMs = entry.refreshAtMs = -Infinity;
    entry.failure = undefined;
  }

  /** What is kept of an org; undefined: nothing. Looking changes nothing. */
  peek(orgId: string): OrgState | undefined {
    const entry = this.#entries.peek(orgId);
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
    for (const entry of this.#entries.known()) {
      if (entry.failure === undefined || now < entry.freshUntilMs || !this.#isUsable(entry, now)) continue;
      staleOrgs += 1;
      oldestStaleMs = Math.max(oldestStaleMs, now - entry.loadedAtMs);
    }
    return { staleOrgs, oldestStaleMs };
  }

  /** Every org whose routes are good, and how long ago they were read: as they are now, however long it is looked at. */
  lastGood(): readonly { readonly routes: KeptRoutes; readonly ageMs: number }[] {
    const now = this.#options.clock();
    return [...this.#entries.known()].flatMap(({ value, loadedAtMs }) =>
      value === undefined ? [] : [{ routes: value, ageMs: now - loadedAtMs }],
    );
  }

  /** Takes routes for last good that were read some time ago. They are used only where the store can't be read. */
  restore(routes: OrgRoutes, ageMs: number): void {
    const { orgId } = routes;
    if (this.#entries.isKnown(orgId)) return;
    const loadedAtMs = this.#options.clock() - ageMs;
    this.#entries.keep({ ...newEntry(orgId), value: new KeptRoutes(routes).pack(), loadedAtMs });
  }

  /** All orgs of which anything was handed out, or is about to be. */
  inUse(): Set<string> {
    return new Set([...this.#flights.orgIds, ...this.#entries.orgIds]);
  }

  /** Whether anything of that org was handed out, or is about to be. */
  isInUse(orgId: string): boolean {
    return this.#flights.has(orgId) || this.#entries.has(orgId);
  }

  /**
   * What a load brings that is under way or begins now; where it is overtaken, what the next one brings. Changes that
   * come faster than the store answers must not keep everybody waiting: the second time, what was read since this call
   * began is the answer, but known to be out of date.
   */
  async #wait(orgId: string): Promise<CacheAnswer> {
    const { clock, unknownLookups } = this.#options;
    const askedAtMs = clock();
    const isKept = this.#flights.has(orgId) || this.#entries.get(orgId) !== undefined;
    if (!isKept && unknownLookups?.isEmpty === true) return this.#refuse(orgId);
    const status = this.#flights.has(orgId) ? 'shared' : 'miss';
    for (let isFirst = true; ; isFirst = false) {
      const { isOvertaken, hasFailed, beganAtMs } = await this.#flights.join(orgId).landed;
      const now = clock();
      const entry = this.#entries.get(orgId) ?? newEntry(orgId);
      const isFresh = entry.value !== undefined && now < entry.freshUntilMs;
      if (isOvertaken && (isFirst || beganAtMs < askedAtMs) && !isFresh) continue;
      // Also where the time to live is so short that it is over by now: this read was for whoever waited.
      if (entry.value !== undefined && !hasFailed && !isOvertaken) {
        return answerFresh(entry, entry.value, status, this.#options.maxStaleMs);
      }
      return this.#answerFrom(entry, now, hasFailed ? now : undefined);
    }
  }

  /** Whoever has last good routes at hand would rather have those than wait for long. */
  async #patiently(orgId: string, answer: Promise<CacheAnswer>): Promise<CacheAnswer> {
    const askedAtMs = this.#options.clock();
    const kept = (): Entry | undefined => {
      const entry = this.#entries.get(orgId);
      return entry !== undefined && this.#isUsable(entry, this.#options.clock()) ? entry : undefined;
    };
    if (kept() === undefined) return answer;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, this.#options.patienceMs, undefined);
    });
    const inTime = await Promise.race([answer, late]);
    clearTimeout(timer);
    if (inTime !== undefined) return inTime;
    // What is kept may be another by now, and fresh.
    const entry = kept();
    if (entry === undefined) return answer;
    // Whoever has asked since has patience of their own.
    return this.#answerFrom(entry, this.#options.clock(), askedAtMs);
  }

  /** A load has ended. False: its routes aren't taken over. */
  #land(flight: Flight, landing: Landing): boolean {
    const { clock, onLoad, onFlawed, unknownLookups } = this.#options;
    const { orgId, beganAtMs, number } = flight;
    const routes = 'routes' in landing ? new KeptRoutes(landing.routes) : undefined;
    const kept = this.#entries.get(orgId);
    if (kept === undefined && routes?.revision === 0) unknownLookups?.take();
    const entry = kept ?? newEntry(orgId);
    const before = entry.value;
    const failure = 'failure' in landing ? landing.failure : routes && this.#whyNotTakenOver(routes);
    // Of two, the one that began later may land first.
    const isOlder = entry.flightNumber > number;
    if (!isOlder) this.#take(entry, flight, failure === undefined ? routes : undefined, failure);
    const isNew = entry.value?.revision !== before?.revision || entry.value?.epoch !== before?.epoch;
    const refusedRows = routes?.refused?.length ?? 0;
    onLoad({ orgId, failure, isNew, elapsedMs: clock() - beganAtMs, refusedRows });
    if (routes?.isFlawed === true && !isOlder && failure === undefined) onFlawed(routes);
    return isOlder ? routes !== undefined : failure === undefined;
  }

  /** Writes into an org's entry what a load has brought. */
  #take(entry: Entry, flight: Flight, routes: KeptRoutes | undefined, failure = ''): void {
    const { clock, random, ttlMs } = this.#options;
    const now = clock();
    if (routes === undefined) {
      entry.failure = { message: failure, ...nextBackoff(entry.failure, now, random) };
    } else {
      const lifetimeMs = flight.isOvertaken ? -Infinity : ttlMs * (1 - TTL_JITTER * random());
      // What is as it was needs no other table, only another time to live.
      if (entry.value?.isSameAs(routes) !== true) entry.value = routes;
      entry.flightNumber = flight.number;
      entry.readBeganAtMs = flight.beganAtMs;
      entry.failure = undefined;
      entry.loadedAtMs = now;
      entry.freshUntilMs = now + lifetimeMs;
      entry.refreshAtMs = now + lifetimeMs * REFRESH_AHEAD;
    }
    this.#entries.keep(entry);
  }

  /** Without reading anything: too many ids that the store doesn't know were asked for, and this may be another. */
  #refuse(orgId: string): CacheAnswer {
    const { clock, random } = this.#options;
    const now = clock();
    const entry = {
      ...newEntry(orgId),
      failure: { message: TOO_MANY_UNKNOWN, ...nextBackoff(undefined, now, random) },
    };
    this.#entries.keep(entry);
    return this.#answerFrom(entry, now);
  }

  #whyNotTakenOver(loaded: KeptRoutes): string | undefined {
    const entry = this.#entries.get(loaded.orgId);
    const isUsable = entry !== undefined && this.#isUsable(entry, this.#options.clock());
    return whyNotTakenOver(loaded, isUsable ? entry.value : undefined);
  }

  #isUsable({ value, loadedAtMs }: Entry, now: number): boolean {
    return value !== undefined && now < loadedAtMs + this.#options.maxStaleMs;
  }

  /**
   * From what is kept, without reading anything. @param settledMs where the store was asked in vain: who asked before
   * then gets this.
   */
  #answerFrom(entry: Entry, now: number, settledMs = entry.readBeganAtMs): CacheAnswer {
    const { value, failure } = entry;
    if (value !== undefined && now < entry.freshUntilMs) {
      return { ...answerFresh(entry, value, 'hit', this.#options.maxStaleMs), settledMs };
    }
    const retryAtMs = failure?.retryAtMs ?? now;
    if (value !== undefined && this.#isUsable(entry, now))
      return answerStale(entry, value, retryAtMs, this.#options.maxStaleMs);
    const message = `the org's routes can't be read: ${failure?.message ?? 'the last good ones are too old'}`;
    return { status: 'unavailable', message, untilMs: retryAtMs };
  }
}
