// The requests of one worker that wait for their org's table. One `need` is posted for an org however many wait;
// they are answered in order of arrival when the main thread has spoken, and none waits longer than the resolve
// timeout. The number of parked requests is bounded: beyond it the answer is `overloaded`, not a longer queue. What
// there is of room, connections share: none can keep the others from asking.
import type { Clock } from '../clock.js';
import { TokenBucket } from '../token-bucket.js';
import { type Share, SharedRoom } from './shared-room.js';

/** About 10 MB of ordinary requests; a store that answers within the resolve timeout never gets there. */
export const PARKED_MAX = 10_000;

/** Requests can be long, so their bytes are bounded as well as their number. */
export const PARKED_BYTES_MAX = 16 * 1024 * 1024;

/** Orgs that the main thread has been asked for and has not answered: invented ids must not keep it from the rest. */
export const AWAITED_ORGS_MAX = 1000;

/**
 * Orgs that one connection may have the main thread asked for, at once and then a second. A gateway that has just begun
 * to talk to a daemon that has just begun asks for no more; one that invents orgs must not keep the main thread busy.
 */
export const ASKED_ORGS_BURST = 2000;
export const ASKED_ORGS_PER_SECOND = 2000;

/** The same for all connections of a worker together: however many they open, the main thread has time for the rest. */
export const ALL_ASKED_ORGS_BURST = 10_000;
export const ALL_ASKED_ORGS_PER_SECOND = 5000;

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

export interface ParkingLotOptions<Owner extends object> {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /**
   * Called for the first request that waits for an org, and again when what came was not enough for all: whatever
   * revisions are wanted, the main thread is asked one thing at a time about an org.
   */
  readonly requestTable: (orgId: string, minRevision: number | undefined) => void;
  /** Called with the requests whose time is over, in order of arrival. */
  readonly onTimeout: (expired: readonly Parked<Owner>[]) => void;
}

/** What one connection has of the room. */
interface Shares {
  readonly requests: Share;
  readonly bytes: Share;
  /** Orgs that are awaited because it was the first to ask. */
  readonly orgs: Share;
  readonly asking: TokenBucket;
}

export class ParkingLot<Owner extends object> {
  readonly #options: ParkingLotOptions<Owner>;
  /** Those that wait for each org, in order of arrival. The main thread is asked for every one that is here. */
  readonly #byOrg = new Map<string, Parked<Owner>[]>();
  /** Whose share each org counts to. */
  readonly #awaited = new Map<string, Shares>();
  readonly #shares = new WeakMap<Owner, Shares>();
  readonly #room = {
    requests: new SharedRoom(PARKED_MAX),
    bytes: new SharedRoom(PARKED_BYTES_MAX),
    orgs: new SharedRoom(AWAITED_ORGS_MAX),
  };
  readonly #asking: TokenBucket;
  /** In order of arrival, and so of deadline. Empty places are passed over when they come to the front. */
  #arrivals: Arrival<Owner>[] = [];
  #size = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ParkingLotOptions<Owner>) {
    this.#options = options;
    this.#asking = new TokenBucket(options.clock, ALL_ASKED_ORGS_BURST, ALL_ASKED_ORGS_PER_SECOND);
  }

  get size(): number {
    return this.#size;
  }

  /**
   * False: there is no room, or the owner has more than its share, and `park` would not take the request. Answered
   * without allocating anything: whoever floods is told so as fast as others are told decisions.
   *
   * @param isKnown the org has routes, so its id is not invented: it may be asked for whatever else was.
   */
  hasRoomFor(owner: Owner, orgId: string, bytes: number, isKnown = false): boolean {
    const shares = this.#sharesOf(owner);
    if (!shares.requests.hasRoomFor(1) || !shares.bytes.hasRoomFor(bytes)) return false;
    return isKnown || this.#byOrg.has(orgId) || this.#mayAsk(orgId, shares);
  }

  /** False: the request was not taken; see `hasRoomFor`. */
  park(waiting: ParkedRequest<Owner>, isKnown = false): boolean {
    const { owner, orgId, payload, minRevision } = waiting;
    if (!this.hasRoomFor(owner, orgId, payload.length, isKnown)) return false;
    const shares = this.#sharesOf(owner);
    const others = this.#byOrg.get(orgId);
    const parkedAtMs = this.#options.clock();
    const arrival: Arrival<Owner> = { deadlineMs: parkedAtMs + this.#options.timeoutMs, parked: undefined };
    const parked = { ...waiting, parkedAtMs, arrival };
    arrival.parked = parked;
    this.#arrivals.push(arrival);
    this.#size += 1;
    shares.requests.add(1);
    shares.bytes.add(payload.length);
    if (others !== undefined) {
      others.push(parked);
    } else {
      this.#byOrg.set(orgId, [parked]);
      if (!isKnown) {
        shares.asking.take();
        this.#asking.take();
      }
      this.#ask(orgId, minRevision, shares);
    }
    if (this.#timer === undefined) this.#timer = setTimeout(this.#expire, this.#options.timeoutMs);
    return true;
  }

  /** Takes out those that wait for an org, in order of arrival; with an answer, those that it is enough for. */
  leave(orgId: string, answer?: Answer): readonly Parked<Owner>[] {
    this.#awaited.get(orgId)?.orgs.add(-1);
    this.#awaited.delete(orgId);
    const waiting = this.#byOrg.get(orgId);
    if (waiting === undefined) return [];
    const leaving: Parked<Owner>[] = [];
    const staying: Parked<Owner>[] = [];
    for (const parked of waiting) (isEnough(answer, parked) ? leaving : staying).push(parked);
    for (const parked of leaving) this.#markAnswered(parked);
    if (staying.length === 0) {
      this.#byOrg.delete(orgId);
    } else {
      this.#byOrg.set(orgId, staying);
      // This was the answer to what was asked, and they want more.
      const wanted = staying.reduce((highest, { minRevision }) => Math.max(highest, minRevision), 0);
      const [first] = staying;
      if (first !== undefined) this.#ask(orgId, wanted, this.#sharesOf(first.owner));
    }
    if (this.#size === 0) this.#arrivals = [];
    return leaving;
  }

  #mayAsk(orgId: string, { orgs, asking }: Shares): boolean {
    return !asking.isEmpty && !this.#asking.isEmpty && (this.#awaited.has(orgId) || orgs.hasRoomFor(1));
  }

  #ask(orgId: string, revision: number, shares: Shares): void {
    if (!this.#awaited.has(orgId)) {
      this.#awaited.set(orgId, shares);
      shares.orgs.add(1);
    }
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
      const left = this.#byOrg.get(orgId)?.filter(({ arrival }) => arrival.parked !== undefined) ?? [];
      if (left.length === 0) this.#byOrg.delete(orgId);
      else this.#byOrg.set(orgId, left);
    }
    const next = this.#arrivals[0];
    if (next !== undefined) {
      this.#timer = setTimeout(this.#expire, Math.max(1, Math.ceil(next.deadlineMs - now)));
    }
    if (expired.length > 0) this.#options.onTimeout(expired);
  };

  #markAnswered({ arrival, owner, payload }: Parked<Owner>): void {
    arrival.parked = undefined;
    this.#size -= 1;
    const { requests, bytes } = this.#sharesOf(owner);
    requests.add(-1);
    bytes.add(-payload.length);
  }

  #sharesOf(owner: Owner): Shares {
    let shares = this.#shares.get(owner);
    if (shares === undefined) {
      shares = {
        requests: this.#room.requests.share(),
        bytes: this.#room.bytes.share(),
        orgs: this.#room.orgs.share(),
        asking: new TokenBucket(this.#options.clock, ASKED_ORGS_BURST, ASKED_ORGS_PER_SECOND),
      };
      this.#shares.set(owner, shares);
    }
    return shares;
  }
}

function isEnough<Owner>(answer: Answer | undefined, { minRevision, parkedAtMs }: Parked<Owner>): boolean {
  if (answer === undefined || minRevision === 0) return true;
  return answer.revision >= minRevision || answer.settledMs >= parkedAtMs;
}
