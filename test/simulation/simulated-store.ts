// A store as the world lets one be: it answers late, with an error or never, from a replica that lags behind; others
// write to it, leave rows in it that are no routes, delete, and restore backups. It remembers what it ever held and every
// read that was made of it, which is what decisions are judged by.
import { SignalboxError } from '../../src/errors.js';
import type { Route } from '../../src/routing/route.js';
import { MemoryStore } from '../../src/store/memory-store.js';
import type { OrgRecord } from '../../src/store/org-routes.js';
import type { Changes, OrgRoutes, PlacedRoute } from '../../src/store/route-store.js';
import { draft } from '../support/routes.js';
import { StoreHistory } from './store-history.js';
import type { Thread } from './virtual-time.js';
import type { World } from './world.js';

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
  readonly held: StoreHistory;
  readonly #reads = new Map<string, StoreRead[]>();
  #sets = 0;

  constructor(
    private readonly world: World,
    /** Who waits for answers. */
    private readonly caller: Thread,
    private readonly onRead: (read: StoreRead) => void,
  ) {
    super();
    this.held = new StoreHistory(world.time.clock);
  }

  readsOf(orgId: string): readonly StoreRead[] {
    return this.#reads.get(orgId) ?? [];
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
    if (record.revision > this.held.latest(orgId).revision) {
      this.held.commit(orgId, record, isFlawed ? [{ routeId: 'bad', message: 'it is broken' }] : []);
    }
    return record;
  }

  /** The backup of some time ago is put in its place. */
  goBack(ms: number): void {
    const records = this.held.goBackTo(this.world.time.clock() - ms);
    for (const [orgId, record] of records) this.putBack(orgId, record);
  }

  /** As a writer gives them. */
  draftsFor(orgId: string): readonly PlacedRoute[] {
    return this.#someRoutes(orgId);
  }

  override async listForOrg(orgId: string): Promise<OrgRoutes> {
    const read: StoreRead = { orgId, beganMs: this.world.time.clock(), endedMs: Infinity, result: undefined };
    const ofOrg = this.#reads.get(orgId);
    if (ofOrg === undefined) this.#reads.set(orgId, [read]);
    else ofOrg.push(read);
    this.onRead(read);
    const { readErrors, readHangs, replicaLagMs } = this.world.weather;
    if (this.world.random.chance(readHangs)) await new Promise<never>(() => undefined);
    await this.#passes(this.#delay(), elsewhere);
    const result = this.held.asOf(orgId, this.world.time.clock() - replicaLagMs);
    await this.#passes(this.#delay(), this.caller);
    read.endedMs = this.world.time.clock();
    if (this.world.random.chance(readErrors))
      throw new SignalboxError('store_unavailable', 'the store is down');
    read.result = result;
    return result;
  }

  override async changedSince(cursor: string | undefined): Promise<Changes> {
    const { feedErrors, feedHangs } = this.world.weather;
    const isHanging = this.world.random.chance(feedHangs);
    await this.#passes(isHanging ? FEED_DEADLINE_MS : this.#delay(), elsewhere);
    // Some stores tell of a change more than once.
    const changes = this.held.changedSince(cursor, this.world.random.chance(0.1) ? 2 : 0);
    await this.#passes(this.#delay(), this.caller);
    if (isHanging || this.world.random.chance(feedErrors)) {
      throw new SignalboxError('store_unavailable', 'the store tells no changes');
    }
    return changes;
  }

  /** No two sets are alike: their names tell which is meant. */
  #someRoutes(orgId: string): Route[] {
    this.#sets += 1;
    const set = this.#sets;
    return Array.from({ length: 1 + this.world.random.below(2) }, (_, index) => ({
      id: `${orgId.slice(0, 24)}${String(set).padStart(8, '0')}${String(index).padStart(4, '0')}`,
      paused: false,
      ...draft(`${orgId.slice(-3)}-${set}-${index}`, {
        when:
          index === 0 && this.world.random.chance(0.5) ? { model_in: [this.world.random.pick(MODELS)] } : {},
      }),
    }));
  }

  #delay(): number {
    const { fastestMs, slowestMs } = this.world.weather;
    return this.world.random.between(fastestMs, slowestMs) / 2;
  }

  #passes(ms: number, thread: Thread): Promise<void> {
    return new Promise((resolve) => this.world.time.after(ms, thread, resolve));
  }
}
