// Gateways that ask all the time: the real client, several connections to every daemon, each with one request after the
// other, for every org and both of its routes in turn. Every answer is counted and checked.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Decision, SignalboxClient } from '../../src/client/client.js';
import { Tally } from './tally.js';
import { MODELS, versionOf } from './versioned-routes.js';
import { waitFor } from './wait-for.js';

export interface TrafficOptions {
  readonly socketPath: string;
  readonly orgIds: readonly string[];
}

/** Given out in turn, so each of two workers has two. */
const CONNECTIONS = 4;

/** Between an answer and the next request: a connection asks some hundred times a second. */
const PAUSE_MS = 3;

/** Only a request that is never answered takes as long. */
const DEADLINE_MS = 30_000;

/** How long it may take until all is well again after a fault, the longest pause between two attempts included. */
const SETTLE_MS = 60_000;

interface LastAnswer {
  readonly sentMs: number;
  readonly version: number;
}

export class Traffic {
  readonly tally: Tally;
  readonly #orgIds: readonly string[];
  readonly #clients: readonly SignalboxClient[];
  readonly #running: Promise<unknown>;
  /** Orgs that this daemon has decided for. */
  readonly #known = new Set<string>();
  /** The highest version of each org that each connection has seen. */
  readonly #highest = new Map<string, number>();
  readonly #mayGoBack = new Set<string>();
  /** Of each connection and org the first fresh answer of the newest version. */
  readonly #fresh = new Map<string, LastAnswer>();
  #stopped = false;

  constructor({ socketPath, orgIds }: TrafficOptions, tally = new Tally()) {
    this.tally = tally;
    this.#orgIds = orgIds;
    this.#clients = Array.from(
      { length: CONNECTIONS },
      () => new SignalboxClient({ socketPath, deadlineMs: DEADLINE_MS }),
    );
    this.#running = Promise.all(this.#clients.map((client, index) => this.#run(client, index)));
  }

  /** Revisions may go back now, once for each org: the database was restored, and somebody said so. */
  allowOlder(): void {
    for (const key of this.#highest.keys()) this.#mayGoBack.add(key);
  }

  /** A fault ends now: what was answered so far tells nothing of what comes. */
  mark(): void {
    this.#fresh.clear();
  }

  /**
   * Resolves when every connection has had fresh answers of at least these versions since `mark`, with the time at which
   * the last of the requests was sent that first were answered so.
   */
  async settled(versions: ReadonlyMap<string, number>): Promise<number> {
    const waiting = (): string | undefined => {
      for (let connection = 0; connection < CONNECTIONS; connection += 1) {
        for (const [orgId, version] of versions) {
          const fresh = this.#fresh.get(`${connection} ${orgId}`);
          if (fresh === undefined || fresh.version < version) return `${orgId} on connection ${connection}`;
        }
      }
      return undefined;
    };
    await waitFor(
      () => waiting() === undefined,
      () => `the newest routes of ${waiting() ?? ''}`,
      SETTLE_MS,
    );
    return Math.max(...[...this.#fresh.values()].map(({ sentMs }) => sentMs));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    for (const client of this.#clients) await client.close();
  }

  async #run(client: SignalboxClient, connection: number): Promise<void> {
    for (let turn = connection; !this.#stopped; turn += 1) {
      const orgId = this.#orgIds[turn % this.#orgIds.length] ?? '';
      const model = MODELS[Math.floor(turn / this.#orgIds.length) % MODELS.length] ?? 'first';
      const sentMs = performance.now();
      this.tally.sent += 1;
      const decision = await client.resolve({ orgId, model });
      this.tally.count(decision, this.#known.has(orgId), performance.now() - sentMs);
      if (!decision.failOpen) this.#check(decision, model, orgId, connection, sentMs);
      await sleep(PAUSE_MS);
    }
  }

  #check(decision: Decision, model: string, orgId: string, connection: number, sentMs: number): void {
    this.#known.add(orgId);
    // Before anybody wrote something.
    if (decision.revision === 0) return;
    const version = versionOf(decision, model);
    if (typeof version === 'string') {
      this.tally.problem(version);
      return;
    }
    const key = `${connection} ${orgId}`;
    const highest = this.#highest.get(key) ?? -1;
    const isBack = version < highest;
    if (isBack && !this.#mayGoBack.delete(key)) {
      this.tally.problem(`version ${version} of ${orgId} after ${highest}`);
    } else {
      this.#highest.set(key, version);
    }
    const fresh = this.#fresh.get(key);
    if (!decision.stale && (fresh === undefined || fresh.version < version)) {
      this.#fresh.set(key, { sentMs, version });
    }
  }
}
