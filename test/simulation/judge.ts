// What must hold of every answer in every run, judged from outside: by what the store really held and when it was read, and
// by what was said between the threads; never by what the code under test believes. Whatever doesn't hold is a Violation.
import { isDeepStrictEqual } from 'node:util';
import { OUTDATED_USE_MS } from '../../src/control/outdated-orgs.js';
import type { OrgRoutes } from '../../src/store/route-store.js';
import type { ToWorkers } from '../../src/worker/thread-messages.js';
import type { Outcome } from '../../src/routing/table.js';
import { naiveResolve } from '../support/naive-resolve.js';
import type { Publications } from './publications.js';
import type { Settings } from './settings.js';
import type { SimulatedStore, StoreRead } from './simulated-store.js';
import { isBefore } from './store-history.js';
import { check } from './violation.js';
import type { Held, WorkerRecord } from './worker-record.js';

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

/** By so much may a timer come late or early, and a message take, while no thread is busy. */
const TIMER_SLACK_MS = 4;

export class Judge {
  readonly counts = { decisions: 0, stale: 0, unavailable: 0, timeouts: 0 };
  /** By the routes that were read, and then by model. */
  readonly #expected = new WeakMap<OrgRoutes, Map<string, Outcome>>();

  constructor(
    private readonly settings: Settings,
    private readonly clock: () => number,
    private readonly store: SimulatedStore,
    private readonly publications: Publications,
  ) {}

  /** A message comes to a worker, which is about to take it in. */
  told(worker: WorkerRecord, message: ToWorkers): void {
    if (!('orgId' in message) || message.type === 'count') return;
    const { orgId } = message;
    const now = this.clock();
    if (message.type === 'drop') worker.drop(orgId);
    else if (message.type === 'unavailable') worker.holdNone(orgId);
    else if (message.type === 'expire')
      worker.expire(orgId, { toldMs: now, invalidatedMs: this.publications.invalidatedMs(orgId) });
    else {
      const { routes, read } = this.publications.sourceOf(message);
      const saidMs = this.publications.saidMs(message) ?? now;
      worker.hold(orgId, { routes, read, stale: message.stale, saidMs, toldMs: now, isExpired: false });
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
      decision.revision === held.routes.revision,
      `a decision at revision ${decision.revision} from a table at ${held.routes.revision}`,
    );
    // Whoever has waited in vain gets what there is, marked.
    const isLate = decision.stale && waitedMs >= this.settings.resolveTimeoutMs;
    check(decision.stale === held.stale || isLate, `request ${request.id}: stale is ${decision.stale}`);
    const served = isLate ? { ...held, stale: true } : held;
    this.#assertTrue(request, decision, held.routes);
    this.#assertFresh(worker, request, served);
    this.#assertNoneOlder(worker, orgId, held);
    this.#assertRevisionWanted(request, served);
  }

  /** The cache keeps no more than it may. */
  judgeSize({ known, unknown }: { readonly known: number; readonly unknown: number }): void {
    check(known <= this.settings.maxKnownOrgs, `${known} known orgs are kept`);
    check(unknown <= this.settings.maxUnknownOrgs, `${unknown} unknown orgs are kept`);
  }

  /** The decision is the one that just those routes make which the store held. */
  #assertTrue({ model }: AskedRequest, decision: { readonly stale: boolean }, routes: OrgRoutes): void {
    const byModel = this.#expected.get(routes) ?? new Map<string, Outcome>();
    this.#expected.set(routes, byModel);
    let expected = byModel.get(model);
    if (expected === undefined) {
      expected = { ...naiveResolve(routes.routes, { model }), revision: routes.revision };
      byModel.set(model, expected);
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
      const endedMs = read?.endedMs ?? this.publications.readEndedMs(orgId) ?? now;
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
  #assertNotOutdated(orgId: string, receivedMs: number, { beganMs }: StoreRead): void {
    if (!this.settings.areThreadsSteady) return;
    const changedMs = this.publications.invalidatedAfter(orgId, beganMs) ?? receivedMs;
    const agoMs = receivedMs - changedMs;
    check(
      agoMs <= OUTDATED_USE_MS + TIMER_SLACK_MS,
      `${orgId} had changed ${agoMs} ms before it was decided by what was read before that`,
    );
  }

  /**
   * An org's revisions only grow, as long as the last good one may be used at all, and nobody says that the store was
   * restored to what it held before.
   */
  #assertNoneOlder(worker: WorkerRecord, orgId: string, held: Held): void {
    const last = worker.decidedBy.get(orgId);
    if (last !== undefined && isBefore(held.routes, last.routes)) {
      const lastsMs = (last.read?.endedMs ?? -Infinity) + this.settings.maxStaleMs;
      check(
        this.clock() >= lastsMs,
        `${orgId} went back from revision ${last.routes.revision} to ${held.routes.revision}`,
      );
    }
    worker.decidedBy.set(orgId, held);
  }

  /** Who names a revision gets it, or what one read finds that began after it asked, unless the store doesn't answer. */
  #assertRevisionWanted({ id, orgId, minRevision = 0, receivedMs }: AskedRequest, held: Held): void {
    if (held.stale || held.routes.revision >= minRevision) return;
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
        isBefore(last.result, held.routes));
    const what = `request ${id} wanted revision ${minRevision} and got ${held.routes.revision}`;
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
    const isKnown = this.publications.isKnownSince(orgId, receivedMs - TIMER_SLACK_MS);
    check(!isKnown, `request ${id}: ${orgId} is known, and there is no decision: ${error.message}`);
    const inTime = this.store
      .readsOf(orgId)
      .filter((read) => read.beganMs > receivedMs && read.result !== undefined)
      .filter(({ endedMs }) => endedMs < this.clock() - TIMER_SLACK_MS);
    check(inTime.length <= LOADS_IN_VAIN, `request ${id}: ${orgId} was read ${inTime.length} times in vain`);
  }
}
