// The requests of one worker that wait for their org's table. One `need` is posted for an org however many wait;
// they are answered in order of arrival when the main thread has spoken, and none waits longer than the resolve
// timeout. The number of parked requests is bounded: beyond it the answer is `overloaded`, not a longer queue.
import type { ResolveRequest } from '../routing/request.js';
import type { Clock } from '../clock.js';

/** About 10 MB of ordinary requests; a store that answers within the resolve timeout never gets there. */
export const PARKED_MAX = 10_000;

/** Prompts can be long, so their characters are bounded as well as their number. */
export const PARKED_PROMPT_CHARACTERS_MAX = 16 * 1024 * 1024;

export interface ParkedRequest<Owner> {
  readonly owner: Owner;
  readonly id: number;
  readonly orgId: string;
  readonly request: ResolveRequest;
}

interface Parked<Owner> extends ParkedRequest<Owner> {
  readonly deadlineMs: number;
  answered: boolean;
}

export interface ParkingLotOptions<Owner> {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Called for the first request that waits for an org. */
  readonly requestTable: (orgId: string) => void;
  /** Called with the requests whose time is over, in order of arrival. */
  readonly onTimeout: (expired: readonly ParkedRequest<Owner>[]) => void;
}

export class ParkingLot<Owner> {
  readonly #options: ParkingLotOptions<Owner>;
  readonly #byOrg = new Map<string, Parked<Owner>[]>();
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
    const others = this.#byOrg.get(waiting.orgId);
    if (others !== undefined) {
      others.push(parked);
    } else {
      this.#byOrg.set(waiting.orgId, [parked]);
      this.#options.requestTable(waiting.orgId);
    }
    if (this.#timer === undefined) this.#timer = setTimeout(this.#expire, this.#options.timeoutMs);
    return true;
  }

  /** Takes out all that wait for an org, in order of arrival. */
  leave(orgId: string): readonly ParkedRequest<Owner>[] {
    const leaving = this.#byOrg.get(orgId);
    if (leaving === undefined) return [];
    this.#byOrg.delete(orgId);
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
      const others = this.#byOrg.get(parked.orgId);
      others?.shift();
      if (others?.length === 0) this.#byOrg.delete(parked.orgId);
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
