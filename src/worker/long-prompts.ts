// Requests whose prompts are so long that to search them for keywords would keep everybody else waiting. A worker goes on
// with one of them for a moment in each turn of its loop: of one client after the other, so that none is late for those
// of who has many, and of a client's with one after the other, so that a short one isn't late for the long ones. How much
// may wait is bounded, and shared by the connections.
import type { RequestFrame } from '../protocol/request-frame.js';
import { PromptSearch } from '../routing/keywords/prompt-search.js';
import { PROMPT, type Signals } from '../routing/signals.js';
import type { DecidingMark } from './deciding-mark.js';
import { type Share, SharedRoom } from './shared-room.js';
import type { TableSlot } from './table-slots.js';

/** What is searched in one turn of the loop: an eighth of a millisecond's work as a rule. */
const SEARCHED_BYTES = 8 * 1024;

/** Of all connections of a worker together: what the requests say, and for each what the search itself takes. */
export const LONG_PROMPTS_BYTES_MAX = 64 * 1024 * 1024;
/** Besides what grows with the keywords. */
const SEARCH_BYTES = 16 * 1024;

/** In the place of an outcome: the request waits for its prompt to be searched, or there is no room for that. */
export const WAITS = -1;
export const NO_ROOM = -2;

export interface LongPrompt {
  readonly id: number;
  readonly orgId: Int32Array;
  /** What it is decided from: the table that was current when it came. */
  readonly slot: TableSlot;
  /** In memory of their own. */
  readonly signals: Signals;
  /** That of the signals. */
  readonly search: PromptSearch;
  readonly arrivedAtMs: number;
}

/** Whose requests they are. */
export interface LongPromptOwner {
  answerLong(prompt: LongPrompt, outcome: number): void;
  /** A defect has come up. */
  failLong(prompt: LongPrompt, error: unknown): void;
}

interface Waiting {
  readonly prompt: LongPrompt;
  /** Its part of the room. */
  readonly bytes: number;
}

export class LongPrompts {
  readonly #deciding: DecidingMark;
  readonly #schedule: (task: () => void) => void;
  readonly #room = new SharedRoom(LONG_PROMPTS_BYTES_MAX);
  readonly #shares = new WeakMap<LongPromptOwner, Share>();
  /** Whose turn is next comes first, and of each what is. */
  readonly #waiting = new Map<LongPromptOwner, Waiting[]>();
  #isScheduled = false;

  /** @param schedule calls back in this turn of the loop or the next, behind what has arrived. */
  constructor(deciding: DecidingMark, schedule: (task: () => void) => void) {
    this.#deciding = deciding;
    this.#schedule = schedule;
  }

  get size(): number {
    let size = 0;
    for (const { length } of this.#waiting.values()) size += length;
    return size;
  }

  /** The outcome if it doesn't depend on keywords, or those are found soon; otherwise WAITS or NO_ROOM. */
  select(owner: LongPromptOwner, slot: TableSlot, request: RequestFrame, nowMs: number): number {
    const { signals } = request;
    const search = new PromptSearch();
    signals.search = search;
    try {
      const outcome = slot.select(signals);
      if (!search.isLacking) return outcome;
    } finally {
      signals.search = undefined;
    }
    const share = this.#shareOf(owner);
    const bytes = signals.textBytes + search.keywordBytes + SEARCH_BYTES;
    if (!share.hasRoomFor(bytes)) return NO_ROOM;
    share.add(bytes);
    const own = signals.copy();
    own.search = search;
    const { id, orgId } = request;
    const prompt = { id: id ?? 0, orgId: orgId.slice(), slot, signals: own, search, arrivedAtMs: nowMs };
    this.#queue(owner, { prompt, bytes });
    this.#scheduleNext();
    return WAITS;
  }

  /** Forgets the requests of a client that is gone. */
  leave(owner: LongPromptOwner): void {
    for (const { bytes } of this.#waiting.get(owner) ?? []) this.#shareOf(owner).add(-bytes);
    this.#waiting.delete(owner);
  }

  #queue(owner: LongPromptOwner, waiting: Waiting): void {
    const queue = this.#waiting.get(owner);
    if (queue === undefined) this.#waiting.set(owner, [waiting]);
    else queue.push(waiting);
  }

  #scheduleNext(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    this.#schedule(this.#searchNext);
  }

  readonly #searchNext = (): void => {
    this.#isScheduled = false;
    const [first] = this.#waiting;
    if (first === undefined) return;
    const [owner, queue] = first;
    const next = queue.shift();
    // Behind the others, if there is more.
    this.#waiting.delete(owner);
    if (queue.length > 0) this.#waiting.set(owner, queue);
    if (next !== undefined) {
      if (this.#isAnswered(owner, next.prompt)) this.#shareOf(owner).add(-next.bytes);
      else this.#queue(owner, next);
    }
    this.#scheduleNext();
  };

  /** Goes on with a search; if that was all of it, the request is answered. */
  #isAnswered(owner: LongPromptOwner, prompt: LongPrompt): boolean {
    let outcome: number;
    this.#deciding.begin(prompt.orgId);
    try {
      outcome = searchOn(prompt);
      this.#deciding.end();
    } catch (error) {
      this.#deciding.end();
      owner.failLong(prompt, error);
      return true;
    }
    if (outcome === WAITS) return false;
    owner.answerLong(prompt, outcome);
    return true;
  }

  #shareOf(owner: LongPromptOwner): Share {
    let share = this.#shares.get(owner);
    if (share === undefined) this.#shares.set(owner, (share = this.#room.share()));
    return share;
  }
}

/** The outcome; WAITS while the search isn't over, or other keywords are wanted after these. */
function searchOn({ slot, signals, search }: LongPrompt): number {
  const { bytes, starts, ends } = signals;
  if (!search.advance(bytes, starts[PROMPT] ?? 0, ends[PROMPT] ?? 0, SEARCHED_BYTES)) return WAITS;
  const outcome = slot.select(signals);
  return search.isLacking ? WAITS : outcome;
}
