// Asks every worker of a daemon until each decides as it should. What it asks is counted like all other traffic.
import { type Decision, SignalboxClient } from '../../src/client/client.js';
import type { Tally } from './tally.js';
import { waitFor } from './wait-for.js';

/** Given out in turn, so each of two workers has two. */
const CONNECTIONS = 4;
const DEADLINE_MS = 30_000;
const GIVE_UP_MS = 60_000;

export class Probe {
  readonly #tally: Tally;
  readonly #clients: readonly SignalboxClient[];
  readonly #known = new Set<string>();

  constructor(socketPath: string, tally: Tally) {
    this.#tally = tally;
    this.#clients = Array.from(
      { length: CONNECTIONS },
      () => new SignalboxClient({ socketPath, deadlineMs: DEADLINE_MS }),
    );
  }

  /** Resolves when every worker decides so for the org. */
  async until(orgId: string, isSo: (decision: Decision) => boolean, what: string): Promise<void> {
    for (const client of this.#clients) {
      await waitFor(async () => isSo(await this.#ask(client, orgId)), what, GIVE_UP_MS);
    }
  }

  /** Resolves when every worker decides for the org by that route (null: by none), and freshly. */
  untilRoute(orgId: string, route: string | null): Promise<void> {
    const isSo = (decision: Decision): boolean => decision.route === route && !decision.stale;
    return this.until(orgId, isSo, `${route ?? 'no route'} to be what every worker decides by`);
  }

  async close(): Promise<void> {
    for (const client of this.#clients) await client.close();
  }

  async #ask(client: SignalboxClient, orgId: string): Promise<Decision> {
    const sentMs = performance.now();
    this.#tally.sent += 1;
    const decision = await client.resolve({ orgId, model: 'm' });
    this.#tally.count(decision, this.#known.has(orgId), performance.now() - sentMs);
    if (!decision.failOpen) this.#known.add(orgId);
    return decision;
  }
}
