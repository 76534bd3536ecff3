// Who looks on at decisions, and what each of them gets. The workers are told what is wanted of all together, so that
// nobody's curiosity costs more than their own sample; each then gets the part of it that they asked for. On the main
// thread, and off the way of every request.
import type { DecisionJson, DecisionTapOptions, DroppedKind } from '../admin/backend.js';
import type { Clock } from '../clock.js';
import { SignalboxError } from '../errors.js';
import { decodeDecision } from '../protocol/decode-decision.js';
import { SharedTable } from '../protocol/shared-table.js';
import type { Tapped, ToWorkers } from '../worker/thread-messages.js';

/** Each costs the main thread a share of its time. */
const TAPS_MAX = 16;

export interface Tap extends DecisionTapOptions {
  readonly kind: Extract<DroppedKind, 'tap' | 'decision_log'>;
  /** Takes decisions, and hears how many were dropped on their way; returns how many more it had to drop. */
  readonly take: (decisions: readonly DecisionJson[], dropped: number) => number;
}

export class DecisionTaps {
  readonly #broadcast: (message: ToWorkers) => void;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #taps = new Set<Tap>();
  readonly #dropped = { tap: 0, decision_log: 0 };

  constructor(broadcast: (message: ToWorkers) => void, clock: Clock, random: () => number) {
    this.#broadcast = broadcast;
    this.#clock = clock;
    this.#random = random;
  }

  /** Decisions that were wanted and that nobody got. */
  get dropped(): Readonly<Record<Tap['kind'], number>> {
    return this.#dropped;
  }

  /**
   * Returns what ends it.
   *
   * @throws SignalboxError `overloaded` if too many look on.
   */
  open(tap: Tap): () => void {
    if (this.#taps.size >= TAPS_MAX)
      throw new SignalboxError('overloaded', `${TAPS_MAX} look on already, and there may be no more`);
    this.#taps.add(tap);
    this.#tellWorkers();
    return () => {
      if (this.#taps.delete(tap)) this.#tellWorkers();
    };
  }

  /** A worker has started, and doesn't know what is wanted. */
  welcome(): void {
    if (this.#taps.size > 0) this.#tellWorkers();
  }

  /** A worker tells what it has gathered. */
  receive(tapped: readonly Tapped[], dropped: number): void {
    const wallMs = Date.now() - this.#clock();
    // Read once, however many want to see it.
    const read = new Map<Tapped, DecisionJson>();
    const readOnce = (each: Tapped): DecisionJson => {
      const decision = read.get(each) ?? decisionJson(each, wallMs);
      read.set(each, decision);
      return decision;
    };
    for (const tap of this.#taps) {
      const wanted = tapped.filter((each) => this.#isFor(tap, each)).map(readOnce);
      this.#dropped[tap.kind] += dropped + tap.take(wanted, dropped);
    }
  }

  #isFor({ orgId, sample }: Tap, tapped: Tapped): boolean {
    if (orgId !== undefined && orgId !== tapped.orgId) return false;
    // The worker took what the most curious wanted.
    return sample >= tapped.sample || this.#random() < sample / tapped.sample;
  }

  #tellWorkers(): void {
    const tappings = [...this.#taps].map(({ orgId, sample }) => ({ orgId, sample }));
    this.#broadcast({ type: 'tap', tappings });
  }
}

function decisionJson({ atMs, block, orgId, outcome, stale }: Tapped, wallMs: number): DecisionJson {
  const decision = decodeDecision(new SharedTable(block).answerBytes(outcome));
  return {
    at: new Date(wallMs + atMs).toISOString(),
    org_id: orgId,
    reason: decision.reason,
    route_id: decision.route_id,
    route: decision.route,
    target_model: decision.target_model,
    paused: decision.paused,
    stale,
    revision: decision.revision,
  };
}
