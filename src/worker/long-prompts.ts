// Requests whose prompts are so long that to search them for keywords would keep everybody else waiting. A worker goes on
// with one of them for a moment in each turn of its loop, one after the other, so that a short one isn't late for the
// long ones, and small requests not for either. How much may wait is bounded, and shared by the connections.
import type { RequestFrame } from '../protocol/request-frame.js';
import { PromptSearch } from '../routing/keywords/prompt-search.js';
import { PROMPT, type Signals } from '../routing/signals.js';
import type { DecidingMark } from './deciding-mark.js';
import { type Share, SharedRoom } from './shared-room.js';
import type { TableSlot } from './table-slots.js';

/** What is searched in one turn of the loop: an eighth of a millisecond's work as a rule. */
const SEARCHED_BYTES = 8 * 1024;

/** Of all connections of a worker together: their prompts, and for each what the search itself takes. */
export const LONG_PROMPTS_BYTES_MAX = 64 * 1024 * 1024;
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
  readonly owner: LongPromptOwner;
  readonly prompt: LongPrompt;
}

export class LongPrompts {
  readonly #deciding: DecidingMark;
  readonly #schedule: (task: () => void) => void;
  readonly #room = new SharedRoom(LONG_PROMPTS_BYTES_MAX);
  readonly #shares = new WeakMap<LongPromptOwner, Share>();
  #waiting: Waiting[] = [];
  #isScheduled = false;

  /** @param schedule calls back in this turn of the loop or the next, behind what has arrived. */
  constructor(deciding: DecidingMark, schedule: (task: () => void) => void) {
    this.#deciding = deciding;
    this.#schedule = schedule;
  }

  get size(): number {
    return this.#waiting.length;
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
    if (!share.hasRoomFor(sizeOf(signals))) return NO_ROOM;
    share.add(sizeOf(signals));
    const own = signals.copy();
    own.search = search;
    const { id, orgId } = request;
    const prompt = { id: id ?? 0, orgId: orgId.slice(), slot, signals: own, search, arrivedAtMs: nowMs };
    this.#waiting.push({ owner, prompt });
    this.#scheduleNext();
    return WAITS;
  }

  /** Forgets the requests of a client that is gone. */
  leave(owner: LongPromptOwner): void {
    const leaving = this.#waiting.filter((waiting) => waiting.owner === owner);
    if (leaving.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => waiting.owner !== owner);
    for (const { prompt } of leaving) this.#shareOf(owner).add(-sizeOf(prompt.signals));
  }

  #scheduleNext(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    this.#schedule(this.#searchNext);
  }

  readonly #searchNext = (): void => {
    this.#isScheduled = false;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    if (this.#isAnswered(next)) this.#shareOf(next.owner).add(-sizeOf(next.prompt.signals));
    else this.#waiting.push(next);
    this.#scheduleNext();
  };

  /** Goes on with a search; if that was all of it, the request is answered. */
  #isAnswered({ owner, prompt }: Waiting): boolean {
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

function sizeOf({ promptLength }: Signals): number {
  return promptLength + SEARCH_BYTES;
}
