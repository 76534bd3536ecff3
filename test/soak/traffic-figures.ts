// What the traffic says of itself: counts and latencies of the time since it was asked last. Pure.

export interface TrafficFigures {
  readonly sent: number;
  readonly decisions: number;
  readonly stale: number;
  /** Nobody decided, by why. */
  readonly failOpens: Readonly<Record<string, number>>;
  /** Answers that a gateway with the usual deadline of 25 ms would not have waited for. */
  readonly late: number;
  readonly latencyMs: Percentiles;
  /** How long after they were due the requests went out: the part of the latency that is the traffic's own. */
  readonly behindMs: Percentiles;
  /** From the commit of an edit, as its writer hears of it, to the first answer by it. */
  readonly heardMs: Percentiles;
  /** Orgs with an edit that no answer was by yet, and how long ago the first of those was; now. */
  readonly unheard: number;
  readonly unheardMs: number;
  /** Requests without an answer, now. */
  readonly pending: number;
  /** What must never be, since the start. */
  readonly problems: readonly string[];
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Exact; of no samples all are 0. */
export function percentilesOf(samples: readonly number[]): Percentiles {
  const sorted = Float64Array.from(samples).sort();
  const at = (share: number): number =>
    toMicros(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1) };
}

export function answersOf({ decisions, failOpens }: TrafficFigures): number {
  return decisions + failOpensOf({ failOpens });
}

export function failOpensOf({ failOpens }: Pick<TrafficFigures, 'failOpens'>): number {
  return Object.values(failOpens).reduce((sum, count) => sum + count, 0);
}

function toMicros(valueMs: number): number {
  return Math.round(valueMs * 1000) / 1000;
}
