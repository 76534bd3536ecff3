// The requests of one worker that wait for their org's table. One `need` is posted for an org however many wait;
// they are answered in order of arrival when the main thread has spoken, and none waits longer than the resolve
// timeout. The number of parked requests is bounded: beyond it the answer is `overloaded`, not a longer queue.
import type { Clock } from '../clock.js';
import type { IncomingRequest } from '../protocol/request-reader.js';

/** About 10 MB of ordinary requests; a store that answers within the resolve timeout never gets there. */
export const PARKED_MAX = 10_000;

/** Prompts can be long, so their characters are bounded as well as their number. */
export const PARKED_PROMPT_CHARACTERS_MAX = 16 * 1024 * 1024;

export interface ParkedRequest<Owner> {
  readonly owner: Owner;
  readonly id: number;
  readonly orgId: string;
  readonly request: IncomingRequest;
}

interface Parked<Owner> extends ParkedRequest<Owner> {
  readonly deadlineMs: number;
  answered: boolean;
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
  /** Called for the first request that waits for an org, and for each that wants a higher revision than those. */
  readonly requestTable: (orgId: string, minRevision: number | undefined) => void;
  /** Called with the requests whose time is over, in order of arrival. */
  readonly onTimeout: (expired: readonly ParkedRequest<Owner>[]) => void;
}

export class ParkingLot<Owner> {
  readonly #options: ParkingLotOptions<Owner>;
  readonly #byOrg = new Map<string, Waiting<Owner>>();
  /** In order of arrival, and so of deadline. Answered ones are passed over when they come to the front. */
  #arrivals: Parked<Owner>[] = [];
  #size = 0;
  #promptCharacters = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ParkingLotOptions<Owner>) {
    this.#options = options;
  }

  get size(): number {
    return this.#size;
  }

  /** False: there is no room, and the request was not taken. */
  park(waiting: ParkedRequest<Owner>): boolean {
    const characters = waiting.request.prompt?.length ?? 0;
    if (this.#size >= PARKED_MAX || this.#promptCharacters + characters > PARKED_PROMPT_CHARACTERS_MAX)
      return false;
    const parked = {
      ...waiting,
      deadlineMs: this.#options.clock() + this.#options.timeoutMs,
      answered: false,
    };
    this.#size += 1;
    this.#promptCharacters += characters;
    this.#arrivals.push(parked);
    const { min_revision: wanted } = waiting.request;
    const others = this.#byOrg.get(waiting.orgId) ?? { requests: [], askedRevision: -1 };
    if (others.requests.length === 0) this.#byOrg.set(waiting.orgId, others);
    others.requests.push(parked);
    if ((wanted ?? 0) > others.askedRevision) {
      others.askedRevision = wanted ?? 0;
      this.#options.requestTable(waiting.orgId, wanted);
    }
    if (this.#timer === undefined) this.#timer = setTimeout(this.#expire, this.#options.timeoutMs);
    return true;
  }

  /** Takes out those that wait for an org, in order of arrival, but for who wants a higher revision than this. */
  leave(orgId: string, revision = Infinity): readonly ParkedRequest<Owner>[] {
    const waiting = this.#byOrg.get(orgId);
    if (waiting === undefined) return [];
    const isLeaving = ({ request }: Parked<Owner>): boolean => (request.min_revision ?? 0) <= revision;
    const leaving = waiting.requests.filter(isLeaving);
    waiting.requests = waiting.requests.filter((parked) => !isLeaving(parked));
    if (waiting.requests.length === 0) this.#byOrg.delete(orgId);
    for (const parked of leaving) this.#markAnswered(parked);
    if (this.#size === 0) this.#arrivals = [];
    return leaving;
  }

  readonly #expire = (): void => {
    this.#timer = undefined;
    const now = this.#options.clock();
    const expired: Parked<Owner>[] = [];
    let front = 0;
    for (; front < this.#arrivals.length; front += 1) {
      const parked = this.#arrivals[front];
      if (parked === undefined || (!parked.answered && parked.deadlineMs > now)) break;
      if (!parked.answered) expired.push(parked);
    }
    this.#arrivals.splice(0, front);
    for (const parked of expired) {
      // Deadlines are in order of arrival, so those of an org that are over stand at the front of its list.
      const { requests } = this.#byOrg.get(parked.orgId) ?? { requests: [] };
      requests.shift();
      if (requests.length === 0) this.#byOrg.delete(parked.orgId);
      this.#markAnswered(parked);
    }
    const next = this.#arrivals[0];
    if (next !== undefined)
      this.#timer ??= setTimeout(this.#expire, Math.max(1, Math.ceil(next.deadlineMs - now)));
    if (expired.length > 0) this.#options.onTimeout(expired);
  };

  #markAnswered(parked: Parked<Owner>): void {
    parked.answered = true;
    this.#size -= 1;
    this.#promptCharacters -= parked.request.prompt?.length ?? 0;
  }
}
