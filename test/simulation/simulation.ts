// One run: the daemon's own cache, change feed, publisher and workers, put together as the daemon does, in a world that
// one seed decides. First a storm, in which everything goes wrong that the settings allow; then fair weather, in which
// everything must come right by itself; then the end, at which nobody may be owed anything.
import { CachingStore } from '../../src/control/caching-store.js';
import { ChangeFeed } from '../../src/control/change-feed.js';
import { refreshChanged } from '../../src/control/changed-orgs.js';
import { DecisionTaps } from '../../src/control/decision-taps.js';
import { DataPlaneFigures } from '../../src/control/data-plane-figures.js';
import { Publisher } from '../../src/control/publisher.js';
import { TokenBucket } from '../../src/token-bucket.js';
import { WorkerInbox } from '../../src/control/worker-inbox.js';
import { WorkerRoll } from '../../src/control/worker-roll.js';
import { silentLog } from '../../src/log.js';
import type { ToWorkers } from '../../src/worker/thread-messages.js';
import { Random } from '../support/random.js';
import { org } from '../support/routes.js';
import { type AskedRequest, Judge, check } from './judge.js';
import { type Settings, drawSettings } from './settings.js';
import type { SimulatedClient } from './simulated-client.js';
import { MODELS, SimulatedStore } from './simulated-store.js';
import { SimulatedWorker, describe } from './simulated-worker.js';
import { type Thread, VirtualTime } from './virtual-time.js';
import { changeWeather, fairWeather } from './weather.js';

/** After the last fault: the longest backoff, a feed and a load that hang to their deadlines, and a little more. */
const RECOVERY_MS = 5000 + 3000 + 1000;

/** From a commit to the decisions of every worker. */
const PROPAGATION_MS = 250;

const CONNECTIONS = 2;

const FEED_INTERVAL_MS = 100;

/** The whole world as seen from outside: it never waits for anybody. */
const world: Thread = { name: 'world', isAlive: true, busyUntilMs: 0 };

export class Simulation {
  readonly settings: Settings;
  readonly judge: Judge;
  readonly #random: Random;
  readonly #time: VirtualTime;
  readonly #trace: (what: () => string) => void;
  readonly #weather = fairWeather();
  readonly #main: Thread = { name: 'main', isAlive: true, busyUntilMs: 0 };
  readonly #store: SimulatedStore;
  readonly #caching: CachingStore;
  readonly #publisher: Publisher;
  readonly #feed: ChangeFeed;
  readonly #roll: WorkerRoll;
  readonly #inbox: WorkerInbox;
  readonly #workers: SimulatedWorker[] = [];
  #requests = 0;
  #isStorm = true;
  #failure: Error | undefined;

  /** @param trace told everything that happens. */
  constructor(seed: number, trace?: (line: string) => void) {
    const random = new Random(seed);
    const time = new VirtualTime(random);
    const settings = drawSettings(random);
    this.#random = random;
    this.#time = time;
    this.settings = settings;
    const startedMs = time.clock();
    this.#trace = (what) => {
      trace?.(`${(time.clock() - startedMs).toFixed(2).padStart(9)}  ${what()}`);
    };
    this.#store = new SimulatedStore(time, random, this.#weather, this.#main, (read) => {
      this.#trace(() => `main reads ${read.orgId}`);
      this.#judged(() => this.judge.loadBegan(read));
    });
    this.judge = new Judge(settings, time.clock, this.#store);
    const say = (message: ToWorkers): void => {
      this.#trace(() => `main says ${describe(message)}`);
      // Once for all, for nobody may change what comes.
      const sent = structuredClone(message);
      this.#judged(() => this.judge.said(sent));
      for (const worker of this.#workers) if (worker.isAlive) worker.hear(sent);
    };
    this.#caching = new CachingStore(this.#store, {
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
        this.#judged(() => this.judge.invalidated(orgId));
        this.#publisher.expire(orgId);
      },
      onOutdate: (orgId) => {
        this.#judged(() => this.judge.invalidated(orgId));
        this.#publisher.outdate(orgId);
      },
      onLoad: ({ orgId, failure }) => {
        this.#trace(() => `main has ${failure === undefined ? '' : 'not '}read ${orgId} ${failure ?? ''}`);
      },
      onFlawed: () => undefined,
    });
    const { cache } = this.#caching;
    this.#publisher = new Publisher(cache, say);
    const onChanged = (orgIds: readonly string[]): void => {
      this.#trace(() => `main hears of changes of ${orgIds.join(' ')}`);
      void refreshChanged(orgIds, cache, this.#publisher);
    };
    this.#feed = new ChangeFeed({
      store: this.#store,
      onChanged,
      intervalMs: FEED_INTERVAL_MS,
      random: random.next,
      clock: time.clock,
      log: silentLog,
    });
    this.#roll = new WorkerRoll(say);
    this.#inbox = new WorkerInbox({
      roll: this.#roll,
      broadcast: { welcome: () => undefined },
      figures: new DataPlaneFigures(),
      taps: new DecisionTaps(say, time.clock, random.next),
      log: silentLog,
    });
    this.#inbox.attach(this.#publisher);
  }

  get events(): number {
    return this.#time.happened;
  }

  /** @throws Violation, or whatever the code under test throws. */
  async run(): Promise<void> {
    const onRejection = (error: unknown): void => {
      this.#judged(() => {
        throw error;
      });
    };
    process.on('unhandledRejection', onRejection);
    try {
      await this.#time.withTimers(async () => {
        this.#trace(() => `settings ${JSON.stringify(this.settings)}`);
        this.#begin();
        await this.#pass(this.settings.stormMs);
        await this.#clearUp();
        await this.#assertConverged();
        await this.#assertPropagated();
        await this.#assertEndIsClean();
      });
    } finally {
      process.off('unhandledRejection', onRejection);
    }
  }

  #begin(): void {
    const { orgs, workers, hasSnapshot } = this.settings;
    for (let number = 1; number <= orgs; number += 1) {
      for (let count = this.#random.below(3); count > 0; count -= 1)
        this.#store.commit(org(number), 'routes');
    }
    this.#time.after(0, this.#main, () => {
      if (hasSnapshot) this.#restore();
      void this.#feed.start();
    });
    for (let count = 0; count < workers; count += 1) this.#startWorker();
    this.#repeat(
      () => this.settings.requestEveryMs,
      () => this.#someoneAsks(),
    );
    this.#repeat(
      () => this.settings.commitEveryMs,
      () => this.#someoneWrites(),
    );
    this.#repeat(
      () => 100,
      () => {
        changeWeather(this.#weather, this.#random);
        this.#trace(() => `weather ${JSON.stringify(this.#weather)}`);
      },
    );
    this.#repeat(
      () => 300,
      () => this.#somethingHappensToThreads(),
    );
    this.#repeat(
      () => 200,
      () => this.#someoneIsRude(),
    );
    this.#repeat(
      () => 200,
      () => this.#operatorRefreshes(),
    );
  }

  /** What the last process left, of some time ago. */
  #restore(): void {
    for (let number = 1; number <= this.settings.orgs; number += 1) {
      const versions = this.#store.versionsOf(org(number));
      if (versions.length === 0 || this.#caching.cache.size.known >= this.settings.maxKnownOrgs) continue;
      const { routes } = this.#random.pick(versions);
      const ageMs = this.#random.below(500);
      this.judge.restored(routes, ageMs);
      this.#caching.cache.restore(routes, ageMs);
    }
  }

  /** From time to time, until the storm is over. */
  #repeat(everyMs: () => number, happen: () => void): void {
    const delayMs = everyMs() * this.#random.between(0.1, 1.9);
    this.#time.after(delayMs, world, () => {
      if (!this.#isStorm) return;
      happen();
      this.#repeat(everyMs, happen);
    });
  }

  #someoneAsks(): void {
    const clients = this.#workers.flatMap((worker) => worker.clients).filter((client) => client.canAsk);
    if (clients.length === 0) return;
    const count = this.#random.chance(0.1) ? 1 + this.#random.below(12) : 1;
    this.#ask(
      this.#random.pick(clients),
      Array.from({ length: count }, () => this.#someOrg()),
    );
  }

  #ask(client: SimulatedClient, orgIds: readonly string[]): void {
    const requests = orgIds.map((orgId) => {
      this.#requests += 1;
      return {
        id: this.#requests,
        orgId,
        model: this.#random.pick(MODELS),
        minRevision: this.#someRevision(orgId),
      };
    });
    this.#trace(() => `client asks ${requests.map(askedText).join(', ')}`);
    client.ask(requests);
  }

  /** Mostly one that the store knows, or will. */
  #someOrg(): string {
    const { orgs } = this.settings;
    if (this.#random.chance(0.9)) return org(1 + this.#random.below(orgs));
    return org(100 + this.#random.below(this.#random.chance(0.5) ? 3 : 1000));
  }

  #someRevision(orgId: string): number | undefined {
    if (!this.#random.chance(this.settings.revisionsWanted)) return undefined;
    return this.#store.latest(orgId).revision + (this.#random.chance(0.2) ? 1 : 0);
  }

  #someoneWrites(): void {
    const orgId = this.#random.chance(0.95) ? org(1 + this.#random.below(this.settings.orgs)) : org(100);
    if (this.#random.chance(this.settings.adminWrites)) {
      this.#trace(() => `the admin API writes ${orgId}`);
      this.#time.after(0, this.#main, () => {
        void this.#caching.replaceRoutes(orgId, this.#store.draftsFor(orgId), undefined);
      });
    } else {
      this.#store.commit(orgId, this.#random.pick(['routes', 'routes', 'routes', 'none', 'flawed']));
      this.#trace(() => `${orgId} is committed at revision ${this.#store.latest(orgId).revision}`);
    }
  }

  #somethingHappensToThreads(): void {
    if (this.settings.areThreadsSteady) return;
    const worker = this.#random.pick(this.#workers);
    const busyMs = this.#random.pick([1, 10, 50, 300]);
    if (this.#random.chance(0.4)) {
      this.#trace(() => `main is busy for ${busyMs} ms`);
      this.#main.busyUntilMs = Math.max(this.#main.busyUntilMs, this.#time.clock() + busyMs);
    } else if (this.#random.chance(0.6) && worker.isAlive) {
      this.#trace(() => `worker ${worker.number} is busy for ${busyMs} ms`);
      worker.beBusy(busyMs);
    } else if (worker.isAlive) {
      this.#trace(() => `worker ${worker.number} dies`);
      worker.die();
      this.#time.after(this.#random.pick([1, 50, 500]), world, () => this.#startWorker());
    }
  }

  #startWorker(): void {
    const worker = new SimulatedWorker(
      this.#workers.length + 1,
      this.#time,
      this.#random,
      this.settings,
      this.judge,
      this.#judged,
      this.#main,
      this.#inbox.receive,
      this.#trace,
    );
    this.#workers.push(worker);
    this.#time.after(0, worker.thread, () => worker.start(CONNECTIONS));
  }

  /** A client that doesn't read for a while, or that has said all that it had to say. */
  #someoneIsRude(): void {
    const clients = this.#living().flatMap((worker) => worker.clients.filter((client) => client.canAsk));
    const [first] = clients;
    if (first === undefined) return;
    const client = this.#random.pick(clients);
    if (this.#random.chance(0.8)) {
      client.stopReading();
      this.#time.after(this.#random.below(200), world, () => client.readOn());
    } else if (client !== first) {
      // One is left to ask.
      client.end();
    }
  }

  /** As the admin API's `invalidate` does: what it says that all workers have, they have. */
  #operatorRefreshes(): void {
    const orgId = org(1 + this.#random.below(this.settings.orgs));
    this.#time.after(0, this.#main, () => {
      this.#trace(() => `the operator refreshes ${orgId}`);
      this.#caching.cache.invalidate(orgId);
      void this.#publisher.refresh(orgId);
    });
  }

  #living(): readonly SimulatedWorker[] {
    return this.#workers.filter((worker) => worker.isAlive);
  }

  /** What is wrong must not come to those who did it as an error of theirs: they might handle it. */
  readonly #judged = (judge: () => void): void => {
    try {
      judge();
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
    }
  };

  async #pass(ms: number): Promise<void> {
    await this.#time.runUntil(this.#time.clock() + ms, () => {
      this.judge.judgeSize(this.#caching.cache.size);
      if (this.#failure !== undefined) throw this.#failure;
    });
  }

  /** The faults end, and traffic goes on for as long as recovery may take. */
  async #clearUp(): Promise<void> {
    this.#trace(() => 'the storm is over');
    this.#isStorm = false;
    Object.assign(this.#weather, fairWeather());
    for (let number = 1; number <= this.settings.orgs; number += 1) {
      if (this.#store.latest(org(number)).refused !== undefined) this.#store.commit(org(number), 'routes');
    }
    for (const client of this.#workers.flatMap((worker) => worker.clients)) client.readOn();
    // What was read from a replica that lagged behind lasts as long as anything does that was read.
    const recoveryMs = RECOVERY_MS + this.settings.loadTimeoutMs + this.settings.ttlMs;
    for (let passedMs = 0; passedMs < recoveryMs; passedMs += 1000) {
      this.#askAll();
      await this.#pass(1000);
    }
  }

  /** Of every worker, for every org. */
  #askAll(): void {
    for (const worker of this.#living()) {
      const client = worker.clients.find(({ canAsk }) => canAsk);
      if (client === undefined) continue;
      for (let number = 1; number <= this.settings.orgs; number += 1) this.#ask(client, [org(number)]);
    }
  }

  /** Everything is as if nothing had happened: every worker decides by what the store holds now. */
  async #assertConverged(): Promise<void> {
    this.#trace(() => 'everything must be well by now');
    const { unavailable, stale } = this.judge.counts;
    this.#askAll();
    await this.#pass(this.settings.resolveTimeoutMs + 100);
    check(this.judge.counts.unavailable === unavailable, 'all is well, and there are no decisions');
    check(this.judge.counts.stale === stale, 'all is well, and decisions are stale');
    this.#assertCurrent();
  }

  #assertCurrent(): void {
    for (const { number, record } of this.#living()) {
      for (let orgNumber = 1; orgNumber <= this.settings.orgs; orgNumber += 1) {
        const { orgId, revision } = this.#store.latest(org(orgNumber));
        // Where few orgs may be kept, one may have given way to another by now.
        const served = record.held.get(orgId)?.revision ?? revision;
        const what = `worker ${number} serves ${orgId} at revision ${served}`;
        check(served === revision, `${what}, and the store is at ${revision}`);
      }
    }
  }

  /** What is committed now, every worker decides by soon, though nothing expires. */
  async #assertPropagated(): Promise<void> {
    for (let number = 1; number <= this.settings.orgs; number += 1) this.#store.commit(org(number), 'routes');
    this.#trace(() => 'all orgs are committed');
    await this.#pass(PROPAGATION_MS);
    this.#askAll();
    await this.#pass(this.settings.resolveTimeoutMs + 100);
    this.#assertCurrent();
  }

  async #assertEndIsClean(): Promise<void> {
    const isInUse = (orgId: string): boolean => this.#caching.cache.isInUse(orgId);
    for (const { number, record } of this.#living()) {
      const forgotten = [...record.kept].filter((orgId) => !isInUse(orgId));
      check(forgotten.length === 0, `worker ${number} keeps ${forgotten.join(' ')}, which the cache doesn't`);
    }
    this.#trace(() => 'clients are sent away');
    this.#time.after(0, this.#main, () => {
      for (const worker of this.#living()) worker.hear({ type: 'drain' });
      this.#feed.close();
    });
    this.#askAll();
    await this.#pass(2000);
    for (const client of this.#workers.flatMap((worker) => worker.clients)) {
      check(client.owed.size === 0, `a client is still owed ${client.owed.size} answers`);
      check(!client.isOpen, 'a client that was sent away is still connected');
    }
  }
}

function askedText({ id, orgId, minRevision }: Pick<AskedRequest, 'id' | 'orgId' | 'minRevision'>): string {
  return `${id} of ${orgId}${minRevision === undefined ? '' : ` at ${minRevision} or later`}`;
}
