// The requests of one worker that wait for their org's table. One `need` is posted for an org however many wait;
// they are answered in order of arrival when the main thread has spoken, and none waits longer than the resolve
// timeout. The number of parked requests is bounded: beyond it the answer is `overloaded`, not a longer queue.
import type { Clock } from '../clock.js';

/** About 10 MB of ordinary requests; a store that answers within the resolve timeout never gets there. */
export const PARKED_MAX = 10_000;

/** Requests can be long, so their bytes are bounded as well as their number. */
export const PARKED_BYTES_MAX = 16 * 1024 * 1024;

/** Orgs that the main thread has been asked for and has not answered: invented ids must not keep it from the rest. */
export const AWAITED_ORGS_MAX = 1000;

export interface ParkedRequest<Owner> {
  readonly owner: Owner;
  readonly id: number;
  readonly orgId: string;
  /** The smallest revision that will do; 0: any. */
  readonly minRevision: number;
  /** The frame's payload, which is read again when it is answered. */
  readonly payload: Buffer;
}

/** As it leaves. */
export interface Parked<Owner> extends ParkedRequest<Owner> {
  readonly parkedAtMs: number;
  readonly arrival: Arrival<Owner>;
}

/** A place in the order of arrival, which outlives the request: what it held must not. */
interface Arrival<Owner> {
  readonly deadlineMs: number;
  parked: Parked<Owner> | undefined;
}

/** What has come of an org: who wanted no more than this can leave. */
export interface Answer {
  readonly revision: number;
  /** Whoever asked before this gets no newer one. */
  readonly settledMs: number;
}

/** Those that wait for one org, in order of arrival. */
interface Waiting<Owner> {
  requests: Parked<Owner>[];
  /** The highest revision that was asked for; 0: any. */
  askedRevision: number;
}

export interface ParkingLotOptions<Owner> {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /**
   * Called for the first request that waits for an org, for each that wants a higher revision than those, and again
   * when what came was not enough for all.
   */
  readonly requestTable: (orgId: string, minRevision: number | undefined) => void;
  /** Called with the requests whose time is over, in order of arrival. */
  readonly onTimeout: (expired: readonly Parked<Owner>[]) => void;
}

export class ParkingLot<Owner> {
  readonly #options: ParkingLotOptions<Owner>;
  readonly #byOrg = new Map<string, Waiting<Owner>>();
  readonly #awaited = new Set<string>();
  /** In order of arrival, and so of deadline. Empty places are passed over when they come to the front. */
  #arrivals: Arrival<Owner>[] = [];
  #size = 0;
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ParkingLotOptions<Owner>) {
    this.#options = options;
  }

  get size(): number {
    return this.#size;
  }

  /** False: there is no room, and the request was not taken. */
  park(waiting: ParkedRequest<Owner>): boolean {
    const { orgId, payload, minRevision } = waiting;
    if (this.#size >= PARKED_MAX || this.#bytes + payload.length > PARKED_BYTES_MAX) return false;
    if (this.#awaited.size >= AWAITED_ORGS_MAX && !this.#awaited.has(orgId)) return false;
    const parkedAtMs = this.#options.clock();
    const arrival: Arrival<Owner> = { deadlineMs: parkedAtMs + this.#options.timeoutMs, parked: undefined };
    const parked = { ...waiting, parkedAtMs, arrival };
    arrival.parked = parked;
    this.#arrivals.push(arrival);
    this.#size += 1;
    this.#bytes += payload.length;
    const others = this.#byOrg.get(orgId) ?? { requests: [], askedRevision: -1 };
    if (others.requests.length === 0) this.#byOrg.set(orgId, others);
    others.requests.push(parked);
    if (minRevision > others.askedRevision) this.#ask(orgId, others, minRevision);
    if (this.#timer === undefined) this.#timer = setTimeout(this.#expire, this.#options.timeoutMs);
    return true;
  }

  /** Takes out those that wait for an org, in order of arrival; with an answer, those that it is enough for. */
  leave(orgId: string, answer?: Answer): readonly Parked<Owner>[] {
    this.#awaited.delete(orgId);
    const waiting = this.#byOrg.get(orgId);
    if (waiting === undefined) return [];
    const leaving: Parked<Owner>[] = [];
    const staying: Parked<Owner>[] = [];
    for (const parked of waiting.requests) (isEnough(answer, parked) ? leaving : staying).push(parked);
    for (const parked of leaving) this.#markAnswered(parked);
    if (staying.length === 0) {
      this.#byOrg.delete(orgId);
    } else {
      waiting.requests = staying;
      // What they wait for may have been asked for by one that left, and this was the answer.
      const wanted = staying.map(({ minRevision }) => minRevision);
      this.#ask(
        orgId,
        waiting,
        wanted.reduce((a, b) => Math.max(a, b)),
      );
    }
    if (this.#size === 0) this.#arrivals = [];
    return leaving;
  }

  #ask(orgId: string, waiting: Waiting<Owner>, revision: number): void {
    waiting.askedRevision = revision;
    this.#awaited.add(orgId);
    this.#options.requestTable(orgId, revision === 0 ? undefined : revision);
  }

  readonly #expire = (): void => {
    this.#timer = undefined;
    const now = this.#options.clock();
    const expired: Parked<Owner>[] = [];
    let front = 0;
    for (; front < this.#arrivals.length; front += 1) {
      const { parked, deadlineMs } = this.#arrivals[front] ?? { deadlineMs: Infinity };
      if (parked !== undefined && deadlineMs > now) break;
      if (parked !== undefined) expired.push(parked);
    }
    this.#arrivals.splice(0, front);
    const orgIds = new Set(expired.map(({ orgId }) => orgId));
    for (const parked of expired) this.#markAnswered(parked);
    for (const orgId of orgIds) {
      const requests =
        this.#byOrg.get(orgId)?.requests.filter(({ arrival }) => arrival.parked !== undefined) ?? [];
      const waiting = this.#byOrg.get(orgId);
      if (requests.length === 0) this.#byOrg.delete(orgId);
      else if (waiting !== undefined) waiting.requests = requests;
    }
    const next = this.#arrivals[0];
    if (next !== undefined) {
      this.#timer = setTimeout(this.#expire, Math.max(1, Math.ceil(next.deadlineMs - now)));
    }
    if (expired.length > 0) this.#options.onTimeout(expired);
  };

  #markAnswered({ arrival, payload }: Parked<Owner>): void {
    arrival.parked = undefined;
    this.#size -= 1;
    this.#bytes -= payload.length;
  }
}

function isEnough<Owner>(answer: Answer | undefined, { minRevision, parkedAtMs }: Parked<Owner>): boolean {
  if (answer === undefined || minRevision === 0) return true;
  return answer.revision >= minRevision || answer.settledMs >= parkedAtMs;
}
