// The tables of one worker: a slot for each org, swapped whole, so that a decision is made from exactly one table.
// The main thread decides what is kept (it bounds the number of slots by sending `drop`); a slot only knows until
// when it may be used. With the outcome's number, an answer's bytes are looked up and not made.
import { encodeDecision } from '../protocol/answers.js';
import type { Table } from '../routing/table.js';
import { NO_HITS, OutcomeHits } from './outcome-hits.js';
import type { Hits, TableMessage, ToWorkers, UnavailableMessage } from './thread-messages.js';

export class TableSlot {
  readonly kind = 'table';
  readonly table: Table;
  readonly refreshAtMs: number;
  readonly hits: OutcomeHits;
  readonly #message: TableMessage;
  readonly #answers: (Buffer | undefined)[];
  untilMs: number;
  #lastGood: TableSlot | undefined;
  /** A newer table has been asked for. */
  refreshing = false;

  constructor(message: TableMessage, hits: OutcomeHits) {
    const { table, refreshAtMs, untilMs } = message;
    this.#message = message;
    this.hits = hits;
    this.table = table;
    this.refreshAtMs = refreshAtMs;
    this.untilMs = untilMs;
    this.#answers = new Array<Buffer | undefined>(table.outcomes.length);
  }

  get stale(): boolean {
    return this.#message.stale;
  }

  /** The same table as the last good one, `stale`; undefined: it is too old even for that. */
  lastGood(nowMs: number): TableSlot | undefined {
    if (nowMs >= this.#message.lastGoodUntilMs) return undefined;
    if (this.#message.stale) return this;
    return (this.#lastGood ??= new TableSlot({ ...this.#message, stale: true }, this.hits));
  }

  /** The bytes of the decision with that outcome, made at its first use. */
  answer(outcomeIndex: number): Buffer {
    return (this.#answers[outcomeIndex] ??= this.#encode(outcomeIndex));
  }

  #encode(outcomeIndex: number): Buffer {
    const outcome = this.table.outcomes[outcomeIndex];
    if (outcome === undefined) throw new Error(`the table has no outcome ${outcomeIndex}`);
    return encodeDecision({ ...outcome, stale: this.stale });
  }
}

export class UnavailableSlot {
  readonly kind = 'unavailable';
  readonly message: string;
  readonly hitsBefore: ReadonlyMap<string, Hits>;
  untilMs: number;

  constructor({ message, untilMs }: UnavailableMessage, hitsBefore: ReadonlyMap<string, Hits>) {
    this.hitsBefore = hitsBefore;
    this.message = message;
    this.untilMs = untilMs;
  }
}

/** What the main thread says of an org. */
export type SlotMessage = Extract<ToWorkers, { type: 'table' | 'unavailable' | 'expire' | 'drop' }>;

export type Slot = TableSlot | UnavailableSlot;

export class TableSlots {
  readonly #slots = new Map<string, Slot>();
  readonly #requestRefresh: (orgId: string) => void;

  constructor(requestRefresh: (orgId: string) => void) {
    this.#requestRefresh = requestRefresh;
  }

  /** What a request of that org is answered from now; undefined: it has to wait for the main thread. */
  get(orgId: string, nowMs: number): Slot | undefined {
    const slot = this.#slots.get(orgId);
    if (slot === undefined || nowMs >= slot.untilMs) return undefined;
    if (slot.kind === 'table' && nowMs >= slot.refreshAtMs && !slot.refreshing) {
      slot.refreshing = true;
      this.#requestRefresh(orgId);
    }
    return slot;
  }

  /** What a request of that org is answered from that has waited for the main thread for long enough. */
  lastGood(orgId: string, nowMs: number): TableSlot | undefined {
    const slot = this.#slots.get(orgId);
    return slot?.kind === 'table' ? slot.lastGood(nowMs) : undefined;
  }

  /** Takes what the main thread says of an org; returns the new slot, from which whoever waits is answered. */
  take(message: SlotMessage): Slot | undefined {
    switch (message.type) {
      case 'table':
        return this.#swap(
          message.orgId,
          new TableSlot(message, new OutcomeHits(message.table.outcomes, this.hitsOf(message.orgId))),
        );
      case 'unavailable':
        return this.#swap(message.orgId, new UnavailableSlot(message, this.hitsOf(message.orgId)));
      case 'expire': {
        const slot = this.#slots.get(message.orgId);
        if (slot !== undefined) slot.untilMs = -Infinity;
        return undefined;
      }
      case 'drop':
        this.#slots.delete(message.orgId);
        return undefined;
    }
  }

  /** How often each route of an org was decided for here, by id, for as long as the org has been kept. */
  hitsOf(orgId: string): ReadonlyMap<string, Hits> {
    const slot = this.#slots.get(orgId);
    if (slot === undefined) return NO_HITS;
    return slot.kind === 'table' ? slot.hits.byRoute() : slot.hitsBefore;
  }

  #swap(orgId: string, slot: Slot): Slot {
    this.#slots.set(orgId, slot);
    return slot;
  }
}
