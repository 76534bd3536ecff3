// The tables of one worker: a slot for each org, swapped whole, so that a decision is made from exactly one table.
// The main thread decides what is kept (it bounds the number of slots by sending `drop`); a slot only knows until
// when it may be used. Tables are shared memory: a slot opens its own at its first use. When tens of thousands of
// orgs come into use within a second, all that is made for each of them is copied twice by the garbage collector, while
// nobody is answered: it must be little.
import { refusalFrame } from '../protocol/answers.js';
import { ORG_ID_WORDS, writeOrgIdWords } from '../protocol/org-id.js';
import { SharedTable } from '../protocol/shared-table.js';
import type { Signals } from '../routing/signals.js';
import { AnswerCopies, NO_COPIES } from './answer-copies.js';
import { movedHits } from './moved-hits.js';
import { OrgMap } from './org-map.js';
import { NO_HITS, OutcomeHits } from './outcome-hits.js';
import type { Hits, TableMessage, ToWorkers, UnavailableMessage } from './thread-messages.js';

/** Of all slots of this thread. */
const copies = new AnswerCopies();

/** What a slot keeps of the message; there may be a hundred thousand. */
type Shipped = Pick<
  TableMessage,
  'orgId' | 'block' | 'table' | 'revision' | 'refreshAtMs' | 'untilMs' | 'lastGoodUntilMs'
>;

export class TableSlot implements Shipped {
  readonly kind = 'table';
  readonly orgId: string;
  /** The table, as it was shipped. */
  readonly block: SharedArrayBuffer;
  readonly table: number;
  readonly revision: number;
  readonly stale: boolean;
  readonly hits: OutcomeHits;
  refreshAtMs: number;
  untilMs: number;
  lastGoodUntilMs: number;
  /** A newer table has been asked for. */
  refreshing = false;
  #opened: SharedTable | undefined;
  #firstCopy = NO_COPIES;
  /** For the copies of so many answers; those of the table before this one, if they are enough. */
  #copyPlace = 0;
  #copyPlaces = 0;
  #lastGood: TableSlot | undefined;

  /** @param before whose place it takes. */
  constructor(shipped: Shipped, stale: boolean, hits: OutcomeHits, before?: TableSlot) {
    this.orgId = shipped.orgId;
    this.block = shipped.block;
    this.table = shipped.table;
    this.revision = shipped.revision;
    this.refreshAtMs = shipped.refreshAtMs;
    this.untilMs = shipped.untilMs;
    this.lastGoodUntilMs = shipped.lastGoodUntilMs;
    this.stale = stale;
    this.hits = hits;
    if (before !== undefined) {
      this.#copyPlace = before.#copyPlace;
      this.#copyPlaces = before.#copyPlaces;
    }
  }

  /**
   * The slot for the same table shipped again, to be used for longer, or `stale`; undefined: it is another table. Most
   * that is shipped is the same, for routes change far more rarely than they are read: what was opened and counted of it
   * stays. When the store fails, that is so of all orgs at once.
   */
  extend(message: TableMessage): TableSlot | undefined {
    if (message.table !== this.table) return undefined;
    if (message.stale !== this.stale) return this.#inState(message, message.stale, this);
    this.refreshAtMs = message.refreshAtMs;
    this.untilMs = message.untilMs;
    this.lastGoodUntilMs = message.lastGoodUntilMs;
    this.refreshing = false;
    this.#lastGood = undefined;
    return this;
  }

  /** The same table as the last good one, `stale`; undefined: it is too old even for that. */
  lastGood(nowMs: number): TableSlot | undefined {
    if (nowMs >= this.lastGoodUntilMs) return undefined;
    if (this.stale) return this;
    return (this.#lastGood ??= this.#inState(this, true));
  }

  /** @param before whose place it takes; undefined: both are used. */
  #inState(shipped: Shipped, stale: boolean, before?: TableSlot): TableSlot {
    const slot = new TableSlot(shipped, stale, this.hits, before);
    if (this.#opened !== undefined) slot.#use(this.#opened);
    return slot;
  }

  /** The number of the outcome that a request selects. */
  select(signals: Signals): number {
    return (this.#opened ?? this.#open()).select(signals);
  }

  /**
   * The frame of the decision with that outcome, for any id to be put in. It is only borrowed. An answer is copied at
   * its second time: of tens of thousands of orgs, many have but one request.
   */
  answer(outcome: number): Buffer {
    return copies.get(this.#firstCopy + outcome) ?? this.#makeAnswer(outcome);
  }

  #makeAnswer(outcome: number): Buffer {
    const answer = (this.#opened ?? this.#open()).answerFrame(outcome, this.stale);
    if (this.hits.has(outcome)) copies.put(this.#firstCopy + outcome, answer);
    return answer;
  }

  #open(): SharedTable {
    const opened = new SharedTable(this.block);
    this.#use(opened);
    return opened;
  }

  /** Answers have copies of their own in each state of the table. */
  #use(opened: SharedTable): void {
    this.#opened = opened;
    const { answers } = opened;
    if (answers > this.#copyPlaces) {
      this.#copyPlace = copies.placesFor(answers);
      this.#copyPlaces = answers;
    }
    this.#firstCopy = copies.numbersAt(this.#copyPlace, answers);
  }
}

export class UnavailableSlot {
  readonly kind = 'unavailable';
  readonly hitsBefore: ReadonlyMap<string, Hits>;
  readonly #message: string;
  #frame: Buffer | undefined;
  untilMs: number;

  constructor({ message, untilMs }: UnavailableMessage, hitsBefore: ReadonlyMap<string, Hits>) {
    this.hitsBefore = hitsBefore;
    this.#message = message;
    this.untilMs = untilMs;
  }

  /** The frame of the refusal, for any id to be put in. */
  get frame(): Buffer {
    return (this.#frame ??= refusalFrame({ code: 'unavailable', message: this.#message }));
  }
}

/** What the main thread says of an org. */
export type SlotMessage = Extract<ToWorkers, { type: 'table' | 'unavailable' | 'expire' | 'drop' }>;

export type Slot = TableSlot | UnavailableSlot;

/** For the org of a message, which is text. */
const words = new Int32Array(ORG_ID_WORDS);

/** What was counted in an org's slot, for its next table. */
function hitsFor(block: SharedArrayBuffer, slot: Slot | undefined): OutcomeHits {
  if (slot === undefined) return new OutcomeHits(NO_HITS);
  if (slot.kind === 'table') return movedHits(slot.hits, slot.block, block);
  return movedHits(new OutcomeHits(slot.hitsBefore), block, block);
}

export class TableSlots {
  readonly #slots = new OrgMap<Slot>();
  readonly #requestRefresh: (orgId: Int32Array) => void;

  constructor(requestRefresh: (orgId: Int32Array) => void) {
    this.#requestRefresh = requestRefresh;
  }

  /** What a request of that org is answered from now; undefined: it has to wait for the main thread. */
  get(orgId: Int32Array, nowMs: number): Slot | undefined {
    const slot = this.#slots.get(orgId);
    if (slot === undefined || nowMs >= slot.untilMs) return undefined;
    if (slot.kind === 'table' && nowMs >= slot.refreshAtMs && !slot.refreshing) {
      slot.refreshing = true;
      this.#requestRefresh(orgId);
    }
    return slot;
  }

  /** Whether the store has, or had, routes of that org. */
  isKnown(orgId: Int32Array): boolean {
    const slot = this.#slots.get(orgId);
    return slot?.kind === 'table' && slot.revision > 0;
  }

  /** What a request of that org is answered from that has waited for the main thread for long enough. */
  lastGood(orgId: string, nowMs: number): TableSlot | undefined {
    writeOrgIdWords(orgId, words);
    const slot = this.#slots.get(words);
    return slot?.kind === 'table' ? slot.lastGood(nowMs) : undefined;
  }

  /** Takes what the main thread says of an org; returns the new slot, from which whoever waits is answered. */
  take(message: SlotMessage): Slot | undefined {
    writeOrgIdWords(message.orgId, words);
    switch (message.type) {
      case 'table': {
        const slot = this.#slots.get(words);
        const same = slot?.kind === 'table' ? slot.extend(message) : undefined;
        if (same !== undefined) return this.#swap(same);
        const before = slot?.kind === 'table' ? slot : undefined;
        return this.#swap(new TableSlot(message, message.stale, hitsFor(message.block, slot), before));
      }
      case 'unavailable':
        return this.#swap(new UnavailableSlot(message, this.#hits()));
      case 'expire': {
        const slot = this.#slots.get(words);
        if (slot !== undefined) slot.untilMs = -Infinity;
        return undefined;
      }
      case 'drop':
        this.#slots.delete(words);
        return undefined;
    }
  }

  /** How often each route of an org was decided for here, by id, for as long as the org has been kept. */
  hitsOf(orgId: string): ReadonlyMap<string, Hits> {
    writeOrgIdWords(orgId, words);
    return this.#hits();
  }

  #hits(): ReadonlyMap<string, Hits> {
    const slot = this.#slots.get(words);
    if (slot === undefined) return NO_HITS;
    return slot.kind === 'table' ? slot.hits.byRoute(slot.block) : slot.hitsBefore;
  }

  #swap(slot: Slot): Slot {
    this.#slots.set(words, slot);
    return slot;
  }
}
