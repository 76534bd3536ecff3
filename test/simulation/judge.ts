// What must hold in every run, judged from outside: by what the store really held and when it was read, and by what was
// said between the threads; never by what the code under test believes. Whatever doesn't hold is a Violation.
import { isDeepStrictEqual } from 'node:util';
import { OUTDATED_USE_MS } from '../../src/control/changed-orgs.js';
import type { OrgRoutes } from '../../src/store/route-store.js';
import type { ToWorkers } from '../../src/worker/thread-messages.js';
import type { Outcome } from '../../src/routing/table.js';
import { naiveResolve } from '../support/naive-resolve.js';
import type { Settings } from './settings.js';
import type { SimulatedStore, StoreRead } from './simulated-store.js';

export class Violation extends Error {
  override readonly name = 'Violation';
}

export interface AskedRequest {
  readonly id: number;
  readonly orgId: string;
  readonly model: string;
  readonly minRevision: number | undefined;
  /** When its last byte came to its worker. */
  receivedMs: number;
  /** How long its worker had been busy by then, in all. */
  busyMsBefore: number;
  /** The client left answers unread for a while: the worker need not have looked at it at once. */
  mayWaitForClient: boolean;
}

export interface Answer {
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly result: unknown;
}

/** Two loads may be overtaken by changes; what the next brings is for those who wait. */
const LOADS_IN_VAIN = 2;

/** What a worker was told of one org. */
interface Held {
  readonly revision: number;
  readonly stale: boolean;
  readonly read: StoreRead | undefined;
  readonly saidMs: number;
  readonly toldMs: number;
  isExpired: boolean;
}

interface Expiry {
  readonly toldMs: number;
  readonly invalidatedMs: number;
}

/** What one worker has been told, as far as decisions must go by it. */
export class WorkerRecord {
  readonly held = new Map<string, Held>();
  /** All orgs that it keeps anything of. */
  readonly kept = new Set<string>();
  readonly expiries = new Map<string, Expiry>();
  readonly highest = new Map<string, Held>();
  busyMs = 0;
}

/** What was published of one org last, while the cache keeps it. */
interface Published {
  readonly routes: OrgRoutes;
  readonly readEndedMs: number;
  readonly knownSinceMs: number;
}

/** By so much may a timer come late or early, and a message take, while no thread is busy. */
const TIMER_SLACK_MS = 4;

export class Judge {
  readonly counts = { decisions: 0, stale: 0, unavailable: 0, timeouts: 0, loads: 0, invalidations: 0 };
  readonly #published = new Map<string, Published>();
  readonly #invalidatedMs = new Map<string, number>();
  readonly #allInvalidatedMs = new Map<string, number[]>();
  readonly #saidMs = new WeakMap<ToWorkers, number>();
  readonly #expected = new Map<string, Outcome>();

  constructor(
    private readonly settings: Settings,
    private readonly clock: () => number,
    private readonly store: SimulatedStore,
  ) {}

  /** The daemon began with these as its last good routes. */
  restored(routes: OrgRoutes, ageMs: number): void {
    this.#published.set(routes.orgId, { routes, readEndedMs: this.clock() - ageMs, knownSinceMs: -Infinity });
  }

  invalidated(orgId: string): void {
    this.counts.invalidations += 1;
    const now = this.clock();
    this.#invalidatedMs.set(orgId, now);
    this.#allInvalidatedMs.set(orgId, [...(this.#allInvalidatedMs.get(orgId) ?? []), now]);
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
    const invalidatedMs = this.#invalidatedMs.get(read.orgId) ?? -Infinity;
    check(invalidatedMs >= last.beganMs, `two loads of ${read.orgId} are under way, and nothing changed`);
    check(others.length < 2, `${others.length + 1} loads of ${read.orgId} are under way`);
  }

  /** What the main thread says to all workers. */
  said(message: ToWorkers): void {
    this.#saidMs.set(message, this.clock());
    if (message.type === 'drop') this.#published.delete(message.orgId);
    if (message.type === 'unavailable') {
      const isKnown = this.#isKnownSince(message.orgId, this.clock());
      check(!isKnown, `${message.orgId} has good routes, and is said to be unavailable: ${message.message}`);
    }
    if (message.type !== 'table') return;
    const { orgId, revision, stale, readBeganAtMs } = message;
    const routes = this.store.atRevision(orgId, revision);
    check(routes !== undefined, `${orgId} is published at revision ${revision}, which never was`);
    const before = this.#published.get(orgId);
    const now = this.clock();
    const wasUsable = before !== undefined && now < before.readEndedMs + this.settings.maxStaleMs;
    if (wasUsable) {
      const isWorse =
        routes.refused !== undefined && before.routes.refused === undefined && before.routes.revision > 0;
      check(!isWorse, `the good routes of ${orgId} gave way to revision ${revision}, which has a bad one`);
    }
    if (stale) this.#assertTriedInVain(orgId, readBeganAtMs);
    const read = this.#readOf(orgId, readBeganAtMs);
    this.#published.set(orgId, {
      routes,
      readEndedMs: read?.endedMs ?? before?.readEndedMs ?? -Infinity,
      knownSinceMs: wasUsable && before.routes.revision > 0 ? before.knownSinceMs : now,
    });
  }

  /** A message comes to a worker, which is about to take it in. */
  told(worker: WorkerRecord, message: ToWorkers): void {
    if (!('orgId' in message) || message.type === 'count') return;
    const { orgId } = message;
    const now = this.clock();
    if (message.type === 'drop') {
      for (const map of [worker.held, worker.expiries, worker.highest]) map.delete(orgId);
      worker.kept.delete(orgId);
    } else if (message.type === 'expire') {
      const held = worker.held.get(orgId);
      if (held !== undefined) held.isExpired = true;
      worker.expiries.set(orgId, { toldMs: now, invalidatedMs: this.#invalidatedMs.get(orgId) ?? -Infinity });
    } else if (message.type === 'unavailable') {
      worker.held.delete(orgId);
      worker.kept.add(orgId);
    } else {
      const { revision, stale, readBeganAtMs } = message;
      const read = this.#readOf(orgId, readBeganAtMs);
      const saidMs = this.#saidMs.get(message) ?? now;
      const held = { revision, stale, read, saidMs, toldMs: now, isExpired: false };
      worker.held.set(orgId, held);
      worker.kept.add(orgId);
    }
  }

  /** A worker has answered a request; it may be in the midst of taking a message in. */
  answered(worker: WorkerRecord, request: AskedRequest, { error, result }: Answer): void {
    const now = this.clock();
    const waitedMs = now - request.receivedMs;
    if (!request.mayWaitForClient) {
      const busyMs = worker.busyMs - request.busyMsBefore;
      const longestMs = this.settings.resolveTimeoutMs + TIMER_SLACK_MS + busyMs;
      check(waitedMs <= longestMs, `request ${request.id} was answered after ${waitedMs} ms`);
    }
    if (error !== null) {
      this.#judgeError(worker, request, waitedMs, error);
      return;
    }
    this.counts.decisions += 1;
    const decision = result as { readonly revision: number; readonly stale: boolean };
    const { orgId } = request;
    const held = worker.held.get(orgId);
    check(held !== undefined, `a decision of ${orgId}, of which the worker holds nothing`);
    check(
      decision.revision === held.revision,
      `a decision at revision ${decision.revision} from a table at ${held.revision}`,
    );
    // Whoever has waited in vain gets what there is, marked.
    const isLate = decision.stale && waitedMs >= this.settings.resolveTimeoutMs;
    check(decision.stale === held.stale || isLate, `request ${request.id}: stale is ${decision.stale}`);
    const served = isLate ? { ...held, stale: true } : held;
    this.#assertTrue(request, decision);
    this.#assertFresh(worker, request, served);
    this.#assertNoneOlder(worker, orgId, held);
    this.#assertRevisionWanted(request, served);
  }

  /** The cache keeps no more than it may. */
  judgeSize({ known, unknown }: { readonly known: number; readonly unknown: number }): void {
    check(known <= this.settings.maxKnownOrgs, `${known} known orgs are kept`);
    check(unknown <= this.settings.maxUnknownOrgs, `${unknown} unknown orgs are kept`);
  }

  /** The decision is the one that the store's routes of that revision make, and of no other. */
  #assertTrue(
    { orgId, model }: AskedRequest,
    decision: { readonly revision: number; readonly stale: boolean },
  ): void {
    const routes = this.store.atRevision(orgId, decision.revision);
    check(routes !== undefined, `${orgId} was decided at revision ${decision.revision}, which never was`);
    const key = `${orgId} ${decision.revision} ${model}`;
    let expected = this.#expected.get(key);
    if (expected === undefined) {
      expected = { ...naiveResolve(routes.routes, { model }), revision: decision.revision };
      this.#expected.set(key, expected);
    }
    check(
      isDeepStrictEqual(decision, { ...expected, stale: decision.stale }),
      () => `decided ${JSON.stringify(decision)}, where the store has ${JSON.stringify(expected)}`,
    );
  }

  /** The table was fresh, by when it was read, at some moment while the request, or the table, was under way. */
  #assertFresh(worker: WorkerRecord, { id, orgId, receivedMs }: AskedRequest, held: Held): void {
    const now = this.clock();
    const { read } = held;
    const { ttlMs, maxStaleMs } = this.settings;
    // Those that waited for a message are answered by it, though it took its time.
    const sinceMs = held.toldMs === now ? Math.min(receivedMs, held.saidMs) : receivedMs;
    if (held.stale) {
      this.counts.stale += 1;
      const endedMs = read?.endedMs ?? this.#published.get(orgId)?.readEndedMs ?? now;
      check(sinceMs <= endedMs + maxStaleMs, `request ${id}: the table is too old`);
      return;
    }
    check(!held.isExpired, `request ${id} was decided from a table that was out of date`);
    check(read?.result !== undefined && read.endedMs <= now, `request ${id}: nobody read such a table`);
    const wasFresh = read.endedMs + ttlMs > sinceMs || read.endedMs >= sinceMs;
    check(wasFresh, `request ${id}: the table was read ${now - read.endedMs} ms ago`);
    this.#assertNotOutdated(orgId, receivedMs, read);
    const expiry = worker.expiries.get(orgId);
    if (expiry === undefined || receivedMs <= expiry.toldMs) return;
    check(
      read.beganMs >= expiry.invalidatedMs,
      `request ${id} came after an invalidation, and was decided by what was read before it`,
    );
  }

  /** What is known to have changed serves as if it hadn't for a moment, and no longer. */
  #assertNotOutdated(orgId: string, receivedMs: number, read: StoreRead): void {
    if (!this.settings.areThreadsSteady) return;
    const changedMs = this.#allInvalidatedMs.get(orgId)?.find((ms) => ms > read.beganMs) ?? receivedMs;
    const agoMs = receivedMs - changedMs;
    check(
      agoMs <= OUTDATED_USE_MS + TIMER_SLACK_MS,
      `${orgId} had changed ${agoMs} ms before it was decided by what was read before that`,
    );
  }

  /** An org's revisions only grow, as long as the last good one may be used at all. */
  #assertNoneOlder(worker: WorkerRecord, orgId: string, held: Held): void {
    const highest = worker.highest.get(orgId);
    if (highest !== undefined && held.revision < highest.revision) {
      const lastsMs = (highest.read?.endedMs ?? -Infinity) + this.settings.maxStaleMs;
      check(
        this.clock() >= lastsMs,
        `${orgId} went back from revision ${highest.revision} to ${held.revision}`,
      );
    }
    worker.highest.set(orgId, held);
  }

  /** Who names a revision gets it, or what one read finds that began after it asked, unless the store doesn't answer. */
  #assertRevisionWanted({ id, orgId, minRevision = 0, receivedMs }: AskedRequest, held: Held): void {
    if (held.stale || held.revision >= minRevision) return;
    const now = this.clock();
    // The main thread had no time for it.
    if (!this.settings.areThreadsSteady && now - receivedMs >= this.settings.resolveTimeoutMs) return;
    const reads = this.store.readsOf(orgId);
    const isAnew = reads.some(({ beganMs, endedMs }) => beganMs >= receivedMs && endedMs <= now);
    const last = reads.at(-1);
    const isInVain =
      last !== undefined &&
      (last.endedMs > now ||
        last.endedMs - last.beganMs >= this.settings.loadTimeoutMs - TIMER_SLACK_MS ||
        last.result === undefined ||
        last.result.refused !== undefined ||
        last.result.revision < held.revision);
    const what = `request ${id} wanted revision ${minRevision} and got ${held.revision}`;
    check(isAnew || isInVain, `${what}, and nobody tried to read it`);
  }

  #judgeError(
    worker: WorkerRecord,
    { id, orgId, receivedMs }: AskedRequest,
    waitedMs: number,
    error: NonNullable<Answer['error']>,
  ): void {
    check(error.code === 'unavailable', `request ${id} was refused: ${error.code}, ${error.message}`);
    this.counts.unavailable += 1;
    if (waitedMs >= this.settings.resolveTimeoutMs) this.counts.timeouts += 1;
    const heldEndedMs = worker.held.get(orgId)?.read?.endedMs ?? -Infinity;
    const isHeld = this.clock() < heldEndedMs + this.settings.maxStaleMs;
    check(
      !isHeld,
      `request ${id}: the worker has routes of ${orgId}, and gave no decision: ${error.message}`,
    );
    if (!this.settings.areThreadsSteady) return;
    // What was published just now may still be on its way to the worker.
    const isKnown = this.#isKnownSince(orgId, receivedMs - TIMER_SLACK_MS);
    check(!isKnown, `request ${id}: ${orgId} is known, and there is no decision: ${error.message}`);
    const inTime = this.store
      .readsOf(orgId)
      .filter((read) => read.beganMs > receivedMs && read.result !== undefined)
      .filter(({ endedMs }) => endedMs < this.clock() - TIMER_SLACK_MS);
    check(inTime.length <= LOADS_IN_VAIN, `request ${id}: ${orgId} was read ${inTime.length} times in vain`);
  }

  /** The org's routes have been good since then, or for longer, and may be used now. */
  #isKnownSince(orgId: string, sinceMs: number): boolean {
    const published = this.#published.get(orgId);
    if (published === undefined || published.routes.revision === 0) return false;
    return (
      published.knownSinceMs <= sinceMs && this.clock() < published.readEndedMs + this.settings.maxStaleMs
    );
  }

  /** Stale is what is served while newer can't be had: a read since has failed or not ended, or something changed. */
  #assertTriedInVain(orgId: string, readBeganAtMs: number): void {
    const last = this.store.readsOf(orgId).at(-1);
    const isTried = last !== undefined && last.beganMs > readBeganAtMs;
    const isOutdated = (this.#invalidatedMs.get(orgId) ?? -Infinity) >= readBeganAtMs;
    check(isTried || isOutdated, `${orgId} is served stale, and nobody has tried to read it since`);
  }

  #readOf(orgId: string, beganMs: number): StoreRead | undefined {
    return this.store
      .readsOf(orgId)
      .findLast((read) => read.beganMs === beganMs && read.result !== undefined);
  }
}

export function check(condition: boolean, what: string | (() => string)): asserts condition {
  if (!condition) throw new Violation(typeof what === 'string' ? what : what());
}
