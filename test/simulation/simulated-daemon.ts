// The daemon's own cache, change feed, publisher and workers, put together as the daemon does. Its main thread and its
// workers are threads of the simulated world: they may be busy, and workers may die.
import { CachingStore } from '../../src/control/cache/caching-store.js';
import { ChangeFeed } from '../../src/control/change-feed.js';
import { OutdatedOrgs } from '../../src/control/outdated-orgs.js';
import { DataPlaneFigures } from '../../src/control/workers/data-plane-figures.js';
import { DecisionTaps } from '../../src/control/decision-taps.js';
import { Publisher } from '../../src/control/publisher.js';
import { NO_QUARANTINE } from '../../src/control/quarantine.js';
import { WorkerInbox } from '../../src/control/workers/worker-inbox.js';
import { WorkerRoll } from '../../src/control/workers/worker-roll.js';
import { silentLog } from '../../src/log.js';
import type { OrgRoutes } from '../../src/store/route-store.js';
import { TokenBucket } from '../../src/token-bucket.js';
import type { ToWorkers } from '../../src/worker/thread-messages.js';
import { Judge } from './judge.js';
import { Publications } from './publications.js';
import type { SimulatedClient } from './simulated-client.js';
import { SimulatedStore } from './simulated-store.js';
import { SimulatedWorker, describe } from './simulated-worker.js';
import type { Thread } from './virtual-time.js';
import type { World } from './world.js';

const CONNECTIONS = 2;

const FEED_INTERVAL_MS = 100;

export class SimulatedDaemon {
  readonly main: Thread = { name: 'main', isAlive: true, busyUntilMs: 0 };
  readonly workers: SimulatedWorker[] = [];
  readonly store: SimulatedStore;
  readonly publications: Publications;
  readonly judge: Judge;
  readonly #world: World;
  readonly #caching: CachingStore;
  readonly #publisher: Publisher;
  readonly #feed: ChangeFeed;
  readonly #inbox: WorkerInbox;

  constructor(world: World) {
    const { time, random, settings } = world;
    const { clock } = time;
    this.#world = world;
    this.store = new SimulatedStore(world, this.main, (read) => {
      world.trace(() => `main reads ${read.orgId}`);
      world.judged(() => this.publications.loadBegan(read));
    });
    this.publications = new Publications(settings, clock, this.store);
    this.judge = new Judge(settings, clock, this.store, this.publications);
    this.#caching = this.#newCachingStore();
    const { cache } = this.#caching;
    this.#publisher = new Publisher(cache, this.#say, NO_QUARANTINE);
    const outdated = new OutdatedOrgs(cache, this.#publisher);
    this.#feed = new ChangeFeed({
      store: this.store,
      onChanged: (orgIds) => {
        world.trace(() => `main hears of changes of ${String(orgIds)}`);
        void outdated.refresh(orgIds);
      },
      intervalMs: FEED_INTERVAL_MS,
      random: random.next,
      clock,
      log: silentLog,
    });
    this.#inbox = new WorkerInbox({
      roll: new WorkerRoll(this.#say),
      broadcast: { welcome: () => undefined },
      figures: new DataPlaneFigures(),
      taps: new DecisionTaps(this.#say, clock, random.next),
      log: silentLog,
    });
    this.#inbox.attach(this.#publisher);
  }

  get living(): readonly SimulatedWorker[] {
    return this.workers.filter(({ isAlive }) => isAlive);
  }

  /** Also those whose worker has died. */
  get clients(): readonly SimulatedClient[] {
    return this.workers.flatMap((worker) => worker.clients);
  }

  /** @param snapshot what the last process left, and of how long ago. */
  start(snapshot: () => readonly { readonly routes: OrgRoutes; readonly ageMs: number }[]): void {
    this.#onMain(() => {
      for (const { routes, ageMs } of snapshot()) {
        if (this.#caching.cache.size.known >= this.#world.settings.maxKnownOrgs) break;
        this.publications.restored(routes, ageMs);
        this.#caching.cache.restore(routes, ageMs);
      }
      void this.#feed.start();
    });
    for (let count = 0; count < this.#world.settings.workers; count += 1) this.startWorker();
  }

  startWorker(): void {
    const worker = new SimulatedWorker(
      this.workers.length + 1,
      this.#world,
      this.judge,
      this.main,
      this.#inbox.receive,
    );
    this.workers.push(worker);
    this.#world.time.after(0, worker.thread, () => worker.start(CONNECTIONS));
  }

  /** As the admin API does. */
  replaceRoutes(orgId: string): void {
    this.#onMain(() => {
      void this.#caching.replaceRoutes(orgId, this.store.draftsFor(orgId), undefined);
    });
  }

  /** As the admin API's `invalidate` does: what it says that all workers have, they have. */
  refresh(orgId: string): void {
    this.#onMain(() => {
      this.#world.trace(() => `the operator refreshes ${orgId}`);
      this.#caching.cache.invalidate(orgId);
      void this.#publisher.refresh(orgId);
    });
  }

  /** Everybody is asked to go elsewhere. */
  drain(): void {
    this.#onMain(() => {
      for (const worker of this.living) worker.hear({ type: 'drain' });
      this.#feed.close();
    });
  }

  judgeSize(): void {
    this.judge.judgeSize(this.#caching.cache.size);
  }

  isInUse(orgId: string): boolean {
    return this.#caching.cache.isInUse(orgId);
  }

  #onMain(happen: () => void): void {
    this.#world.time.after(0, this.main, happen);
  }

  readonly #say = (message: ToWorkers): void => {
    this.#world.trace(() => `main says ${describe(message)}`);
    // Once for all, for nobody may change what comes.
    const sent = structuredClone(message);
    this.#world.judged(() => this.publications.said(sent));
    for (const worker of this.living) worker.hear(sent);
  };

  #newCachingStore(): CachingStore {
    const { time, random, settings } = this.#world;
    return new CachingStore(this.store, {
      clock: time.clock,
      random: random.next,
      ttlMs: settings.ttlMs,
      maxStaleMs: settings.maxStaleMs,
      loadTimeoutMs: settings.loadTimeoutMs,
      patienceMs: settings.patienceMs,
      maxKnownOrgs: settings.maxKnownOrgs,
      maxUnknownOrgs: settings.maxUnknownOrgs,
      unknownLookups: new TokenBucket(time.clock, random.pick([20, 10_000]), 500),
      onEvict: (orgId) => {
        this.#publisher.drop(orgId);
      },
      onInvalidate: (orgId) => {
        this.#world.judged(() => this.publications.invalidated(orgId));
        this.#publisher.expire(orgId);
      },
      onOutdate: (orgId) => {
        this.#world.judged(() => this.publications.invalidated(orgId));
        this.#publisher.outdate(orgId);
      },
      onLoad: ({ orgId, failure }) => {
        const how = failure === undefined ? '' : 'not ';
        this.#world.trace(() => `main has ${how}read ${orgId} ${failure ?? ''}`);
      },
      onFlawed: () => undefined,
    });
  }
}
