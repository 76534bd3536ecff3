// Orgs whose tables, or requests, stop workers. A worker that hangs or dies in the middle of a decision shows whose it
// was; once is an accident, but the client asks again, and so would every worker die in turn, and all the others' clients
// lose their connections each time. Such an org is answered `unavailable`, by which its clients go on without a
// decision, until its routes change, or for a while: then it has one more try. So is one whose routes can't be compiled:
// nobody else is to suffer from that. Runs on the main thread.
import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import type { Log } from '../log.js';

/** Workers that an org may stop within `WINDOW_MS`. */
export const STOPPED_MAX = 2;
const WINDOW_MS = 10 * 60_000;

export const QUARANTINE_MS = 10 * 60_000;

/** Orgs that are remembered: a worker has to end for each. */
const ORGS_MAX = 1000;

/** Which routes of an org. */
export interface RoutesVersion {
  readonly revision: number;
  readonly epoch?: number | undefined;
}

interface Suspect {
  stoppedAtMs: number[];
  /** The routes by which it was decided when it was last seen to stop a worker. */
  routes: string | undefined;
  untilMs: number;
}

/** What is kept from being decided for. */
export interface Quarantined {
  readonly message: string;
  readonly untilMs: number;
}

export class Quarantine {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #suspects = new Map<string, Suspect>();

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** How many orgs are not decided for. */
  get size(): number {
    const now = this.#clock();
    return [...this.#suspects.values()].filter(({ untilMs }) => now < untilMs).length;
  }

  /** A worker hung or died while it decided for that org, by these routes; true: the org is quarantined from now on. */
  note(orgId: string, routes: RoutesVersion | undefined): boolean {
    const now = this.#clock();
    let suspect = this.#suspects.get(orgId);
    if (suspect === undefined || suspect.routes !== versionOf(routes)) {
      suspect = { stoppedAtMs: [], routes: versionOf(routes), untilMs: -Infinity };
      this.#suspects.set(orgId, suspect);
      this.#forgetOldest();
    }
    suspect.stoppedAtMs = [...suspect.stoppedAtMs.filter((atMs) => now - atMs < WINDOW_MS), now];
    const workers = suspect.stoppedAtMs.length;
    if (workers < STOPPED_MAX) return false;
    suspect.untilMs = now + QUARANTINE_MS;
    const minutes = QUARANTINE_MS / 60_000;
    this.#log(
      'error',
      'org.quarantined',
      `${workers} workers hung or died while they decided for an org: it gets no decisions until its routes change, or for ${minutes} minutes`,
      { orgId, workers, revision: routes?.revision ?? null },
    );
    return true;
  }

  /** Undefined: what is to be published of the org may be. */
  holds(orgId: string, routes: RoutesVersion): Quarantined | undefined {
    const suspect = this.#suspects.get(orgId);
    if (suspect === undefined || suspect.untilMs === -Infinity) return undefined;
    if (suspect.routes !== versionOf(routes)) {
      this.#release(orgId, 'its routes have changed');
      return undefined;
    }
    if (this.#clock() < suspect.untilMs) {
      return {
        message: 'the org is quarantined: workers hung or died by its routes',
        untilMs: suspect.untilMs,
      };
    }
    // One more worker, and it is back.
    suspect.untilMs = -Infinity;
    suspect.stoppedAtMs = suspect.stoppedAtMs.slice(1 - STOPPED_MAX).map(() => this.#clock());
    this.#log('warn', 'org.released', 'an org that was quarantined is tried once more', { orgId });
    return undefined;
  }

  /** These routes of that org can't be compiled, which is a defect, or takes more memory than there is. */
  hold(orgId: string, routes: RoutesVersion, error: unknown): Quarantined {
    const untilMs = this.#clock() + QUARANTINE_MS;
    this.#suspects.set(orgId, { stoppedAtMs: [], routes: versionOf(routes), untilMs });
    this.#forgetOldest();
    const minutes = QUARANTINE_MS / 60_000;
    this.#log(
      'error',
      'org.quarantined',
      `an org's routes can't be compiled: it gets no decisions until they change, or for ${minutes} minutes: ${messageOf(error)}`,
      { orgId, revision: routes.revision, stack: error instanceof Error ? error.stack : undefined },
    );
    return { message: "the org is quarantined: its routes can't be compiled", untilMs };
  }

  /** Until when an org is held; undefined: it is not. Looking changes nothing. */
  has(orgId: string): boolean {
    return this.#clock() < (this.#suspects.get(orgId)?.untilMs ?? -Infinity);
  }

  #release(orgId: string, why: string): void {
    this.#suspects.delete(orgId);
    this.#log('info', 'org.released', `an org is no longer quarantined: ${why}`, { orgId });
  }

  #forgetOldest(): void {
    for (const orgId of this.#suspects.keys()) {
      if (this.#suspects.size <= ORGS_MAX) return;
      this.#suspects.delete(orgId);
    }
  }
}

/** Every org is decided for. */
export const NO_QUARANTINE: Pick<Quarantine, 'holds' | 'hold'> = {
  holds: () => undefined,
  hold: (_orgId, _routes, error) => {
    throw error;
  },
};

function versionOf(routes: RoutesVersion | undefined): string | undefined {
  return routes === undefined ? undefined : `${routes.epoch ?? ''} ${routes.revision}`;
}
