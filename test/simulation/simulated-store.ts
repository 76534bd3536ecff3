// A store as the world lets one be: it answers late, with an error or never, from a replica that lags behind; others
// write to it, leave rows in it that are no routes, and delete. It remembers every version that was ever committed and
// every read that was made of it, which is what decisions are judged by.
import { SignalboxError } from '../../src/errors.js';
import type { Route } from '../../src/routing/route.js';
import { MemoryStore } from '../../src/store/memory-store.js';
import { type OrgRecord, listEnabled } from '../../src/store/org-routes.js';
import type { Changes, OrgRoutes, PlacedRoute } from '../../src/store/route-store.js';
import type { Random } from '../support/random.js';
import { draft } from '../support/routes.js';
import type { Thread, VirtualTime } from './virtual-time.js';
import type { Weather } from './weather.js';

export interface Version {
  readonly committedMs: number;
  readonly routes: OrgRoutes;
}

/** One read of one org's routes, as the daemon made it. */
export interface StoreRead {
  readonly orgId: string;
  readonly beganMs: number;
  /** Infinity: it is under way. */
  endedMs: number;
  /** Undefined: it has failed, or not ended. */
  result: OrgRoutes | undefined;
}

/** Models that requests name. A version's routes tell some of them apart. */
export const MODELS = ['small', 'large', 'other'] as const;

/** The network and the server: nothing that the daemon does makes it late. */
const elsewhere: Thread = { name: 'store', isAlive: true, busyUntilMs: 0 };

/** Whoever asks for changes is answered by then, if only with an error: that is the store's to see to. */
const FEED_DEADLINE_MS = 3000;

export class SimulatedStore extends MemoryStore {
  readonly reads: StoreRead[] = [];
  readonly #versions = new Map<string, Version[]>();
  readonly #readsByOrg = new Map<string, StoreRead[]>();
  readonly #log: string[] = [];

  constructor(
    private readonly time: VirtualTime,
    private readonly random: Random,
    private readonly weather: Weather,
    /** Who waits for answers. */
    private readonly caller: Thread,
    private readonly onRead: (read: StoreRead) => void,
  ) {
    super();
  }

  /** Committed versions of an org, in order. */
  versionsOf(orgId: string): readonly Version[] {
    return this.#versions.get(orgId) ?? [];
  }

  readsOf(orgId: string): readonly StoreRead[] {
    return this.#readsByOrg.get(orgId) ?? [];
  }

  /** What the store holds of an org now; revision 0 if it knows nothing of it. */
  latest(orgId: string): OrgRoutes {
    return this.versionsOf(orgId).at(-1)?.routes ?? { orgId, revision: 0, routes: [] };
  }

  /** What the store held of an org at that revision. */
  atRevision(orgId: string, revision: number): OrgRoutes | undefined {
    if (revision === 0) return { orgId, revision: 0, routes: [] };
    return this.versionsOf(orgId)[revision - 1]?.routes;
  }

  /** A transaction of somebody else's is committed. Its routes say which version they are of. */
  commit(orgId: string, kind: 'routes' | 'none' | 'flawed'): void {
    this.setRoutes(orgId, kind === 'none' ? [] : this.#someRoutes(orgId), kind === 'flawed');
  }

  override async replaceRoutes(
    orgId: string,
    routes: readonly PlacedRoute[],
    revision: number | undefined,
  ): Promise<OrgRoutes> {
    await this.#passes(this.#delay(), elsewhere);
    const replaced = await super.replaceRoutes(orgId, routes, revision);
    await this.#passes(this.#delay(), this.caller);
    return replaced;
  }

  /** Every write comes here. */
  override setRoutes(orgId: string, routes: readonly Route[], isFlawed = false): OrgRecord {
    const record = super.setRoutes(orgId, routes);
    const versions = this.#versions.get(orgId) ?? [];
    if (versions.length === 0) this.#versions.set(orgId, versions);
    if (record.revision > versions.length) {
      const refused = isFlawed ? { refused: [{ routeId: 'bad', message: 'it is broken' }] } : {};
      const listed = { ...listEnabled(orgId, record), ...refused };
      versions.push({ committedMs: this.time.clock(), routes: listed });
      this.#log.push(orgId);
    }
    return record;
  }

  /** As a writer gives them. */
  draftsFor(orgId: string): readonly PlacedRoute[] {
    return this.#someRoutes(orgId);
  }

  override async listForOrg(orgId: string): Promise<OrgRoutes> {
    const read: StoreRead = { orgId, beganMs: this.time.clock(), endedMs: Infinity, result: undefined };
    this.reads.push(read);
    const ofOrg = this.#readsByOrg.get(orgId);
    if (ofOrg === undefined) this.#readsByOrg.set(orgId, [read]);
    else ofOrg.push(read);
    this.onRead(read);
    const { readErrors, readHangs, replicaLagMs } = this.weather;
    if (this.random.chance(readHangs)) await new Promise<never>(() => undefined);
    await this.#passes(this.#delay(), elsewhere);
    const result = this.#asOf(orgId, this.time.clock() - replicaLagMs);
    await this.#passes(this.#delay(), this.caller);
    read.endedMs = this.time.clock();
    if (this.random.chance(readErrors)) throw new SignalboxError('store_unavailable', 'the store is down');
    read.result = result;
    return result;
  }

  override async changedSince(cursor: string | undefined): Promise<Changes> {
    const { feedErrors, feedHangs } = this.weather;
    const isHanging = this.random.chance(feedHangs);
    await this.#passes(isHanging ? FEED_DEADLINE_MS : this.#delay(), elsewhere);
    const end = this.#log.length;
    // Some stores tell of a change more than once.
    const from = Math.max(0, Number(cursor ?? end) - (this.random.chance(0.1) ? 2 : 0));
    const orgIds = [...new Set(this.#log.slice(from, end))];
    await this.#passes(this.#delay(), this.caller);
    if (isHanging || this.random.chance(feedErrors)) {
      throw new SignalboxError('store_unavailable', 'the store tells no changes');
    }
    return { orgIds: cursor === undefined ? [] : orgIds, cursor: String(end) };
  }

  #asOf(orgId: string, moment: number): OrgRoutes {
    const seen = this.versionsOf(orgId).findLast(({ committedMs }) => committedMs <= moment);
    return seen?.routes ?? { orgId, revision: 0, routes: [] };
  }

  #someRoutes(orgId: string): Route[] {
    const revision = this.versionsOf(orgId).length + 1;
    return Array.from({ length: 1 + this.random.below(2) }, (_, index) => ({
      id: `${orgId.slice(0, 24)}${String(revision).padStart(8, '0')}${String(index).padStart(4, '0')}`,
      paused: false,
      ...draft(`${orgId.slice(-3)}-${revision}-${index}`, {
        when: index === 0 && this.random.chance(0.5) ? { model_in: [this.random.pick(MODELS)] } : {},
      }),
    }));
  }

  #delay(): number {
    const { fastestMs, slowestMs } = this.weather;
    return this.random.between(fastestMs, slowestMs) / 2;
  }

  #passes(ms: number, thread: Thread): Promise<void> {
    return new Promise((resolve) => this.time.after(ms, thread, resolve));
  }
}
