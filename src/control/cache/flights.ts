// Loads of orgs' routes that are under way: one of an org, whoever waits for it, and a second one where what the first
// reads may be from before a change. There is no third: changes that come faster than the store answers must neither
// multiply its work nor keep every load from counting. Runs on the main thread.
import type { Clock } from '../../clock.js';
import { SignalboxError, messageOf } from '../../errors.js';
import type { OrgRoutes } from '../../store/route-store.js';

export interface Flight {
  readonly orgId: string;
  readonly beganAtMs: number;
  /** Grows from each to the next. */
  readonly number: number;
  /** Resolves, never rejects, when `onLanded` has been told how it ended: with this, or a later one that brought routes. */
  readonly landed: Promise<Flight>;
  /** The same, or when it is overtaken, if that is sooner. */
  readonly over: Promise<void>;
  /** The org was invalidated since: what it brings is no news to whoever asked after that. */
  isOvertaken: boolean;
  hasFailed: boolean;
}

interface OwnFlight extends Flight {
  readonly markLanded: (landed: Flight) => void;
  readonly markOver: () => void;
}

/** What a load has brought, or why it failed. */
export type Landing = { readonly routes: OrgRoutes } | { readonly failure: string };

export interface FlightsOptions {
  readonly clock: Clock;
  readonly loadTimeoutMs: number;
  /** Takes over what was loaded; false: it is as good as failed. */
  readonly onLanded: (flight: Flight, landing: Landing) => boolean;
}

/** Of one org. */
const UNDER_WAY_MAX = 2;

export class Flights {
  readonly #loadOrg: (orgId: string) => Promise<OrgRoutes>;
  readonly #options: FlightsOptions;
  readonly #underWay = new Map<string, OwnFlight[]>();
  #begun = 0;

  constructor(loadOrg: (orgId: string) => Promise<OrgRoutes>, options: FlightsOptions) {
    this.#loadOrg = loadOrg;
    this.#options = options;
  }

  /** Orgs that are being loaded. */
  get orgIds(): Iterable<string> {
    return this.#underWay.keys();
  }

  has(orgId: string): boolean {
    return this.#underWay.has(orgId);
  }

  /** The load that is under way whose routes will be the org's; undefined: there is none. */
  current(orgId: string): Flight | undefined {
    return this.#underWay.get(orgId)?.find(({ isOvertaken }) => !isOvertaken);
  }

  /** The org's load that is under way, or a new one. One that was overtaken is joined only where no more may begin. */
  join(orgId: string): Flight {
    const underWay = this.#underWay.get(orgId) ?? [];
    const last = underWay.at(-1);
    if (last !== undefined && (!last.isOvertaken || underWay.length >= UNDER_WAY_MAX)) return last;
    const flight = this.#begin(orgId);
    this.#underWay.set(orgId, [...underWay, flight]);
    return flight;
  }

  /** Whatever is under way may bring what the org's routes were before. */
  overtake(orgId: string): void {
    for (const flight of this.#underWay.get(orgId) ?? []) {
      flight.isOvertaken = true;
      flight.markOver();
    }
  }

  #begin(orgId: string): OwnFlight {
    let markLanded: (landed: Flight) => void = () => undefined;
    let markOver: () => void = () => undefined;
    this.#begun += 1;
    const flight: OwnFlight = {
      orgId,
      number: this.#begun,
      beganAtMs: this.#options.clock(),
      landed: new Promise((resolve) => (markLanded = resolve)),
      over: new Promise((resolve) => (markOver = resolve)),
      markLanded,
      markOver,
      isOvertaken: false,
      hasFailed: false,
    };
    void this.#load(orgId).then((landing) => {
      this.#land(flight, landing);
    });
    return flight;
  }

  #land(flight: OwnFlight, landing: Landing): void {
    const { orgId } = flight;
    const left = (this.#underWay.get(orgId) ?? []).filter((other) => other !== flight);
    if (left.length === 0) this.#underWay.delete(orgId);
    else this.#underWay.set(orgId, left);
    flight.hasFailed = !this.#options.onLanded(flight, landing);
    // Nobody need wait for an older one any longer.
    const older = flight.hasFailed ? [] : left.filter(({ number }) => number < flight.number);
    for (const { markLanded, markOver } of [...older, flight]) {
      markLanded(flight);
      markOver();
    }
  }

  /** The store's own deadlines should come first; this one keeps a flight from never landing. */
  async #load(orgId: string): Promise<Landing> {
    const { loadTimeoutMs } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const message = `the store did not answer within ${loadTimeoutMs} ms`;
        reject(new SignalboxError('store_unavailable', message));
      }, loadTimeoutMs);
    });
    try {
      return { routes: await Promise.race([this.#loadOrg(orgId), timeout]) };
    } catch (error) {
      return { failure: messageOf(error) };
    } finally {
      clearTimeout(timer);
    }
  }
}
