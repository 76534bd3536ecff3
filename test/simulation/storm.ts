// What comes over the daemon of one run while it is on: requests, edits, weather, threads that are busy or die, clients
// that are rude, operators, and backups that are restored. Whatever it is happens from time to time, at random.
import { org } from '../support/routes.js';
import type { SimulatedClient } from './simulated-client.js';
import type { SimulatedDaemon } from './simulated-daemon.js';
import { MODELS } from './simulated-store.js';
import { changeWeather } from './weather.js';
import { type World, outside } from './world.js';

export class Storm {
  readonly #world: World;
  readonly #daemon: SimulatedDaemon;
  #requests = 0;
  #isOver = false;

  constructor(world: World, daemon: SimulatedDaemon) {
    this.#world = world;
    this.#daemon = daemon;
  }

  begin(): void {
    const { requestEveryMs, commitEveryMs, restoreEveryMs } = this.#world.settings;
    this.#repeat(requestEveryMs, () => this.#someoneAsks());
    this.#repeat(commitEveryMs, () => this.#someoneWrites());
    this.#repeat(100, () => this.#weatherChanges());
    this.#repeat(300, () => this.#somethingHappensToThreads());
    this.#repeat(200, () => this.#someoneIsRude());
    this.#repeat(200, () => this.#daemon.refresh(this.#knownOrg()));
    this.#repeat(restoreEveryMs, () => this.#theStoreIsRestored());
  }

  end(): void {
    this.#isOver = true;
  }

  /** A client of every worker asks for every org. */
  askAll(): void {
    for (const worker of this.#daemon.living) {
      const client = worker.clients.find(({ canAsk }) => canAsk);
      if (client === undefined) continue;
      for (let number = 1; number <= this.#world.settings.orgs; number += 1) this.#ask(client, [org(number)]);
    }
  }

  /** What the store holds is lost, but for what it held some time ago; its revisions begin anew from there. */
  goBack(ms: number): void {
    this.#daemon.store.goBack(ms);
    this.#world.trace(() => `the store is what it was ${ms} ms ago`);
  }

  /** `signalbox restored`: somebody says that this is meant. */
  sayRestored(): void {
    this.#daemon.store.held.noteRestored();
    this.#world.trace(() => 'somebody says that the store was restored');
  }

  /** From time to time, until the storm is over. */
  #repeat(everyMs: number, happen: () => void): void {
    const delayMs = everyMs * this.#world.random.between(0.1, 1.9);
    this.#world.time.after(delayMs, outside, () => {
      if (this.#isOver) return;
      happen();
      this.#repeat(everyMs, happen);
    });
  }

  #someoneAsks(): void {
    const { random } = this.#world;
    const clients = this.#daemon.clients.filter((client) => client.canAsk);
    if (clients.length === 0) return;
    const count = random.chance(0.1) ? 1 + random.below(12) : 1;
    this.#ask(
      random.pick(clients),
      Array.from({ length: count }, () => this.#someOrg()),
    );
  }

  #ask(client: SimulatedClient, orgIds: readonly string[]): void {
    const requests = orgIds.map((orgId) => {
      this.#requests += 1;
      const model = this.#world.random.pick(MODELS);
      return { id: this.#requests, orgId, model, minRevision: this.#someRevision(orgId) };
    });
    this.#world.trace(() => `client asks ${requests.map(askedText).join(', ')}`);
    client.ask(requests);
  }

  #knownOrg(): string {
    return org(1 + this.#world.random.below(this.#world.settings.orgs));
  }

  /** Mostly one that the store knows, or will. */
  #someOrg(): string {
    const { random } = this.#world;
    if (random.chance(0.9)) return this.#knownOrg();
    return org(100 + random.below(random.chance(0.5) ? 3 : 1000));
  }

  #someRevision(orgId: string): number | undefined {
    const { random, settings } = this.#world;
    if (!random.chance(settings.revisionsWanted)) return undefined;
    const { held } = this.#daemon.store;
    // One that was seen once may be of a history that was lost.
    const { revision } = random.pick([held.latest(orgId), ...held.everHeld(orgId).slice(-1)]);
    return revision + (random.chance(0.2) ? 1 : 0);
  }

  #someoneWrites(): void {
    const { random, settings } = this.#world;
    const { store } = this.#daemon;
    const orgId = random.chance(0.95) ? this.#knownOrg() : org(100);
    if (random.chance(settings.adminWrites)) {
      this.#world.trace(() => `the admin API writes ${orgId}`);
      this.#daemon.replaceRoutes(orgId);
    } else {
      store.commit(orgId, random.pick(['routes', 'routes', 'routes', 'none', 'flawed']));
      this.#world.trace(() => `${orgId} is committed at revision ${store.held.latest(orgId).revision}`);
    }
  }

  #weatherChanges(): void {
    const { weather, random } = this.#world;
    changeWeather(weather, random);
    this.#world.trace(() => `weather ${JSON.stringify(weather)}`);
  }

  #somethingHappensToThreads(): void {
    const { random, settings, time } = this.#world;
    if (settings.areThreadsSteady) return;
    const { main, workers } = this.#daemon;
    const worker = random.pick(workers);
    const busyMs = random.pick([1, 10, 50, 300]);
    if (random.chance(0.4)) {
      this.#world.trace(() => `main is busy for ${busyMs} ms`);
      main.busyUntilMs = Math.max(main.busyUntilMs, time.clock() + busyMs);
    } else if (random.chance(0.6) && worker.isAlive) {
      this.#world.trace(() => `worker ${worker.number} is busy for ${busyMs} ms`);
      worker.beBusy(busyMs);
    } else if (worker.isAlive) {
      this.#world.trace(() => `worker ${worker.number} dies`);
      worker.die();
      time.after(random.pick([1, 50, 500]), outside, () => this.#daemon.startWorker());
    }
  }

  /** A client that doesn't read for a while, or that has said all that it had to say. */
  #someoneIsRude(): void {
    const { random, time } = this.#world;
    const clients = this.#daemon.living.flatMap((worker) => worker.clients.filter((client) => client.canAsk));
    const [first] = clients;
    if (first === undefined) return;
    const client = random.pick(clients);
    if (random.chance(0.8)) {
      client.stopReading();
      time.after(random.below(200), outside, () => client.readOn());
    } else if (client !== first) {
      // One is left to ask.
      client.end();
    }
  }

  #theStoreIsRestored(): void {
    const { random, time } = this.#world;
    // Somebody may say it though nothing happened.
    if (random.chance(0.8)) this.goBack(random.pick([1, 20, 200, 2000]));
    time.after(random.pick([0, 30, 300, 3000]), outside, () => {
      if (!this.#isOver) this.sayRestored();
    });
  }
}

function askedText({
  id,
  orgId,
  minRevision,
}: {
  readonly id: number;
  readonly orgId: string;
  readonly minRevision: number | undefined;
}): string {
  return `${id} of ${orgId}${minRevision === undefined ? '' : ` at ${minRevision} or later`}`;
}
