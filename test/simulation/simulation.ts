// One run: the daemon's own code in a world that one seed decides. First a storm, in which everything goes wrong that the
// settings allow; then fair weather, in which everything must come right by itself; then the end, at which nobody may be
// owed anything.
import { isDeepStrictEqual } from 'node:util';
import { org } from '../support/routes.js';
import type { Settings } from './settings.js';
import { SimulatedDaemon } from './simulated-daemon.js';
import { Storm } from './storm.js';
import { check } from './violation.js';
import { fairWeather } from './weather.js';
import { World } from './world.js';

/** After the last fault: the longest backoff, a feed and a load that hang to their deadlines, and a little more. */
const RECOVERY_MS = 5000 + 3000 + 1000;

/** From a commit to the decisions of every worker. */
const PROPAGATION_MS = 250;

export interface Counts {
  readonly events: number;
  readonly decisions: number;
  readonly stale: number;
  readonly unavailable: number;
  readonly loads: number;
  readonly invalidations: number;
  readonly restores: number;
}

export class Simulation {
  readonly settings: Settings;
  readonly #world: World;
  readonly #daemon: SimulatedDaemon;
  readonly #storm: Storm;

  /** @param onLine told everything that happens. */
  constructor(seed: number, onLine?: (line: string) => void) {
    this.#world = new World(seed, onLine);
    this.settings = this.#world.settings;
    this.#daemon = new SimulatedDaemon(this.#world);
    this.#storm = new Storm(this.#world, this.#daemon);
  }

  get counts(): Counts {
    const { judge, publications, store } = this.#daemon;
    const { decisions, stale, unavailable } = judge.counts;
    const { happened } = this.#world.time;
    return {
      ...{ events: happened, decisions, stale, unavailable },
      ...{ ...publications.counts, restores: store.held.restores },
    };
  }

  /** @throws Violation, or whatever the code under test throws. */
  async run(): Promise<void> {
    const onRejection = (error: unknown): void => {
      this.#world.judged(() => {
        throw error;
      });
    };
    process.on('unhandledRejection', onRejection);
    try {
      await this.#world.time.withTimers(async () => {
        this.#world.trace(() => `settings ${JSON.stringify(this.settings)}`);
        this.#begin();
        await this.#pass(this.settings.stormMs);
        await this.#clearUp();
        await this.#assertConverged();
        await this.#assertPropagated();
        await this.#assertRestored();
        await this.#assertEndIsClean();
      });
    } finally {
      process.off('unhandledRejection', onRejection);
    }
  }

  #begin(): void {
    const { random } = this.#world;
    const { store } = this.#daemon;
    for (const orgId of this.#orgs()) {
      for (let count = random.below(3); count > 0; count -= 1) store.commit(orgId, 'routes');
    }
    this.#daemon.start(() =>
      this.settings.hasSnapshot
        ? this.#orgs().flatMap((orgId) => {
            const held = store.held.everHeld(orgId);
            return held.length === 0 ? [] : [{ routes: random.pick(held), ageMs: random.below(500) }];
          })
        : [],
    );
    this.#storm.begin();
  }

  #orgs(): readonly string[] {
    return Array.from({ length: this.settings.orgs }, (_, index) => org(index + 1));
  }

  async #pass(ms: number): Promise<void> {
    const { time } = this.#world;
    await time.runUntil(time.clock() + ms, () => {
      this.#daemon.judgeSize();
      if (this.#world.failure !== undefined) throw this.#world.failure;
    });
  }

  /** The faults end, and traffic goes on for as long as recovery may take. */
  async #clearUp(): Promise<void> {
    this.#world.trace(() => 'the storm is over');
    this.#storm.end();
    Object.assign(this.#world.weather, fairWeather());
    const { store } = this.#daemon;
    if (store.held.isGoneBack) this.#storm.sayRestored();
    for (const orgId of this.#orgs()) {
      if (store.held.latest(orgId).refused !== undefined) store.commit(orgId, 'routes');
    }
    for (const client of this.#daemon.clients) client.readOn();
    // What was read from a replica that lagged behind lasts as long as anything does that was read.
    const recoveryMs = RECOVERY_MS + this.settings.loadTimeoutMs + this.settings.ttlMs;
    for (let passedMs = 0; passedMs < recoveryMs; passedMs += 1000) {
      this.#storm.askAll();
      await this.#pass(1000);
    }
  }

  /** Everything is as if nothing had happened: every worker decides by what the store holds now. */
  async #assertConverged(): Promise<void> {
    this.#world.trace(() => 'everything must be well by now');
    const { unavailable, stale } = this.counts;
    await this.#askAllAndWait();
    check(this.counts.unavailable === unavailable, 'all is well, and there are no decisions');
    check(this.counts.stale === stale, 'all is well, and decisions are stale');
    this.#assertCurrent();
  }

  /** What is committed now, every worker decides by soon, though nothing expires. */
  async #assertPropagated(): Promise<void> {
    for (const orgId of this.#orgs()) this.#daemon.store.commit(orgId, 'routes');
    this.#world.trace(() => 'all orgs are committed');
    await this.#pass(PROPAGATION_MS);
    await this.#askAllAndWait();
    this.#assertCurrent();
  }

  /** Nobody decides by a store that has gone back before somebody says that it is meant; then everybody does, and soon. */
  async #assertRestored(): Promise<void> {
    const { random } = this.#world;
    this.#storm.goBack(random.pick([PROPAGATION_MS, 5000, 100_000]));
    this.#storm.askAll();
    await this.#pass(random.below(1000));
    this.#storm.sayRestored();
    await this.#pass(PROPAGATION_MS);
    await this.#askAllAndWait();
    this.#assertCurrent();
  }

  async #assertEndIsClean(): Promise<void> {
    for (const { number, record } of this.#daemon.living) {
      const forgotten = [...record.kept].filter((orgId) => !this.#daemon.isInUse(orgId));
      check(forgotten.length === 0, `worker ${number} keeps ${forgotten.join(' ')}, which the cache doesn't`);
    }
    this.#world.trace(() => 'clients are sent away');
    this.#daemon.drain();
    this.#storm.askAll();
    await this.#pass(2000);
    for (const client of this.#daemon.clients) {
      check(client.owed.size === 0, `a client is still owed ${client.owed.size} answers`);
      check(!client.isOpen, 'a client that was sent away is still connected');
    }
  }

  async #askAllAndWait(): Promise<void> {
    this.#storm.askAll();
    await this.#pass(this.settings.resolveTimeoutMs + 100);
  }

  #assertCurrent(): void {
    for (const { number, record } of this.#daemon.living) {
      for (const orgId of this.#orgs()) {
        const latest = this.#daemon.store.held.latest(orgId);
        // Where few orgs may be kept, one may have given way to another by now.
        const served = record.held.get(orgId)?.routes ?? latest;
        const what = `worker ${number} serves ${orgId} at revision ${served.revision}`;
        check(isDeepStrictEqual(served, latest), `${what}, and the store is at ${latest.revision}`);
      }
    }
  }
}
