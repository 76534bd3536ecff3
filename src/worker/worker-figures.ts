// Counts what this worker answers, and how fast, without slowing it: a few additions a request, two readings of the
// clock for all frames of one read, nothing allocated. Run `npm run bench -- socket/pipelined` before changing it.
import type { Clock } from '../clock.js';
import { ANSWERS, LATENCY_AT, LATENCY_BOUNDS_MS, LATENCY_SUM_AT, PARKED_AT, STALE_AT } from '../figures.js';
import type { WireErrorCode } from '../protocol/messages.js';
import { FIRST_ROUTE } from '../routing/table.js';
import type { DecisionTap } from './decision-tap.js';
import type { TableSlot } from './table-slots.js';

const REFUSAL_AT: Readonly<Record<WireErrorCode, number>> = {
  bad_request: ANSWERS.indexOf('bad_request'),
  unavailable: ANSWERS.indexOf('unavailable'),
  overloaded: ANSWERS.indexOf('overloaded'),
  draining: ANSWERS.indexOf('draining'),
  internal: ANSWERS.indexOf('internal'),
};

export class WorkerFigures {
  readonly #shared: Float64Array;
  readonly #clock: Clock;
  readonly #tap: DecisionTap;
  /** Answers that were given and whose latency isn't known yet. */
  #unmeasured = 0;

  constructor(shared: Float64Array, clock: Clock, tap: DecisionTap) {
    this.#shared = shared;
    this.#clock = clock;
    this.#tap = tap;
  }

  /** A decision was made. */
  decided(slot: TableSlot, outcomeIndex: number, nowMs: number): void {
    this.#add(outcomeIndex < FIRST_ROUTE ? outcomeIndex : FIRST_ROUTE, 1);
    if (slot.stale) this.#add(STALE_AT, 1);
    slot.hits.note(outcomeIndex, nowMs);
    if (this.#tap.isOn) this.#tap.note(slot, outcomeIndex, nowMs);
    this.#unmeasured += 1;
  }

  refused(code: WireErrorCode): void {
    this.#add(REFUSAL_AT[code], 1);
    this.#unmeasured += 1;
  }

  /** How many answers were given since the last call. */
  takeUnmeasured(): number {
    const answers = this.#unmeasured;
    this.#unmeasured = 0;
    return answers;
  }

  /** Answers to what was read at that moment have been written. */
  readonly batchWritten = (answers: number, readAtMs: number): void => {
    if (answers > 0) this.#observe(this.#clock() - readAtMs, answers);
  };

  /** The answers to requests that had been parked have been written: each has its own latency. */
  parkedWritten(requests: readonly { readonly parkedAtMs: number }[]): void {
    const now = this.#clock();
    for (const { parkedAtMs } of requests) this.#observe(now - parkedAtMs, 1);
    this.#add(PARKED_AT, requests.length);
  }

  /** The answer to a request has been written that waited for its prompt to be searched. */
  longWritten(arrivedAtMs: number): void {
    this.#observe(this.#clock() - arrivedAtMs, 1);
  }

  #observe(latencyMs: number, requests: number): void {
    let bucket = 0;
    while (latencyMs > (LATENCY_BOUNDS_MS[bucket] ?? Infinity)) bucket += 1;
    this.#add(LATENCY_AT + bucket, requests);
    this.#add(LATENCY_SUM_AT, latencyMs * requests);
  }

  #add(at: number, amount: number): void {
    this.#shared[at] = (this.#shared[at] ?? 0) + amount;
  }
}
