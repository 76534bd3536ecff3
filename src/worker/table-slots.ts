// The tables of one worker: a slot for each org, swapped whole, so that a decision is made from exactly one table.
// The main thread decides what is kept (it bounds the number of slots by sending `drop`); a slot only knows until
// when it may be used. Tables are shared memory: a slot opens its own at its first use, and keeps copies of the
// answers that it gives.
import { refusalFrame } from '../protocol/answers.js';
import { ORG_ID_WORDS, writeOrgIdWords } from '../protocol/org-id.js';
import { SharedTable } from '../protocol/shared-table.js';
import type { Signals } from '../routing/signals.js';
import { OrgMap } from './org-map.js';
import { NO_HITS, OutcomeHits } from './outcome-hits.js';
import type { Hits, TableMessage, ToWorkers, UnavailableMessage } from './thread-messages.js';

/** Copies of answers that a worker keeps; beyond it all are dropped, and those in use are made again. */
const COPIED_BYTES_MAX = 32 * 1024 * 1024;

/** The copies that all slots of a thread have together. */
class AnswerCopies {
  #bytes = 0;
  /** Copies of an earlier epoch are no longer used. */
  epoch = 0;

  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= COPIED_BYTES_MAX) return;
    this.#bytes = bytes;
    this.epoch += 1;
  }
}

const copies = new AnswerCopies();

export class TableSlot {
  readonly kind = 'table';
  readonly revision: number;
  readonly stale: boolean;
  readonly hits: OutcomeHits;
  #message: TableMessage;
  #table: SharedTable | undefined;
  #answers: (Buffer | undefined)[] = [];
  #epoch = -1;
  refreshAtMs: number;
  untilMs: number;
  #lastGood: TableSlot | undefined;
  /** A newer table has been asked for. */
  refreshing = false;

  constructor(message: TableMessage, hits: OutcomeHits) {
    this.revision = message.revision;
    this.stale = message.stale;
    this.refreshAtMs = message.refreshAtMs;
    this.hits = hits;
    this.#message = message;
    this.untilMs = message.untilMs;
  }

  get orgId(): string {
    return this.#message.orgId;
  }

  /** The table, as it was shipped. */
  get block(): SharedArrayBuffer {
    return this.#message.block;
  }

  /**
   * True: it was this same table, and may be used for longer now. Most that is shipped is, for routes change far more
   * rarely than they are read: what was opened, copied and counted of it stays.
   */
  extend(message: TableMessage): boolean {
    if (message.table !== this.#message.table || message.stale !== this.stale) return false;
    this.#message = message;
    this.refreshAtMs = message.refreshAtMs;
    this.untilMs = message.untilMs;
    this.refreshing = false;
    this.#lastGood = undefined;
    return true;
  }

  /** The same table as the last good one, `stale`; undefined: it is too old even for that. */
  lastGood(nowMs: number): TableSlot | undefined {
    if (nowMs >= this.#message.lastGoodUntilMs) return undefined;
    if (this.stale) return this;
    return (this.#lastGood ??= new TableSlot({ ...this.#message, stale: true }, this.hits));
  }

  /** The number of the outcome that a request selects. */
  select(signals: Signals): number {
    return (this.#table ??= new SharedTable(this.#message.block)).index.select(signals);
  }

  /** The frame of the decision with that outcome, for any id to be put in. */
  answer(outcome: number): Buffer {
    if (this.#epoch === copies.epoch) {
      const answer = this.#answers[outcome];
      if (answer !== undefined) return answer;
    }
    return this.#copy(outcome);
  }

  #copy(outcome: number): Buffer {
    const table = (this.#table ??= new SharedTable(this.#message.block));
    const answer = table.answerFrame(outcome, this.stale);
    copies.add(answer.length);
    if (this.#epoch !== copies.epoch) {
      this.#answers = new Array<Buffer | undefined>(table.answers).fill(undefined);
      this.#epoch = copies.epoch;
    }
    this.#answers[outcome] = answer;
    return answer;
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
        if (slot?.kind === 'table' && slot.extend(message)) return slot;
        return this.#swap(new TableSlot(message, new OutcomeHits(message.block, this.#hits())));
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
    return slot.kind === 'table' ? slot.hits.byRoute() : slot.hitsBefore;
  }

  #swap(slot: Slot): Slot {
    this.#slots.set(words, slot);
    return slot;
  }
}
