// What all workers together have answered, read from the memory that each counts in. A worker that is gone leaves its
// totals here: a counter never goes back. On the main thread; costs the workers nothing.
import {
  ANSWERS,
  type AnswerKind,
  FIGURES,
  LATENCY_AT,
  LATENCY_BUCKETS,
  LATENCY_SUM_AT,
  PARKED_AT,
  STALE_AT,
  newFigures,
} from '../../figures.js';

export interface DataPlaneTotals {
  readonly answers: Readonly<Record<AnswerKind, number>>;
  /** Decisions by a table that was stale. */
  readonly stale: number;
  /** Requests that waited for their org's table. */
  readonly parked: number;
  /** Requests in each latency bucket, not cumulated. */
  readonly latencyCounts: readonly number[];
  readonly latencySumMs: number;
  readonly workersStarted: number;
}

export class DataPlaneFigures {
  readonly #live = new Map<number, Float64Array>();
  readonly #gone = newFigures();
  #started = 0;

  /** A worker has started. */
  add(threadId: number, figures: Float64Array): void {
    this.#started += 1;
    this.#live.set(threadId, figures);
  }

  /** @param alive the thread ids of the workers that there are. */
  totals(alive: readonly number[]): DataPlaneTotals {
    for (const [threadId, figures] of this.#live) {
      if (alive.includes(threadId)) continue;
      this.#live.delete(threadId);
      for (let at = 0; at < FIGURES; at += 1) this.#gone[at] = (this.#gone[at] ?? 0) + (figures[at] ?? 0);
    }
    const all = [this.#gone, ...this.#live.values()];
    const sum = (at: number): number => all.reduce((total, figures) => total + (figures[at] ?? 0), 0);
    return {
      answers: Object.fromEntries(ANSWERS.map((kind, at) => [kind, sum(at)])) as Record<AnswerKind, number>,
      stale: sum(STALE_AT),
      parked: sum(PARKED_AT),
      latencyCounts: Array.from({ length: LATENCY_BUCKETS }, (_, bucket) => sum(LATENCY_AT + bucket)),
      latencySumMs: sum(LATENCY_SUM_AT),
      workersStarted: this.#started,
    };
  }
}
