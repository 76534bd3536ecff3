// What a worker counts, as it lies in memory that it shares with the main thread: the worker alone writes, the main
// thread reads whenever it likes, and a double is written whole. The labels are fixed by this code, so the number of
// series is too, whatever clients send.

/** How a request was answered. The first three are in the order of a table's outcomes: every route is `matched`. */
export const ANSWERS = [
  'no_match',
  'no_such_route',
  'matched',
  'bad_request',
  'unavailable',
  'overloaded',
  'draining',
  'internal',
] as const;

export type AnswerKind = (typeof ANSWERS)[number];

/** Upper bounds of the latency buckets; a last one takes what is slower. */
export const LATENCY_BOUNDS_MS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500,
] as const;

/** A bucket each, and the rest. */
export const LATENCY_BUCKETS = LATENCY_BOUNDS_MS.length + 1;

/** Where each figure is; the answers come first, so that an answer's number is its place. */
export const STALE_AT = ANSWERS.length;
export const PARKED_AT = STALE_AT + 1;
export const LATENCY_SUM_AT = PARKED_AT + 1;
export const LATENCY_AT = LATENCY_SUM_AT + 1;

export const FIGURES = LATENCY_AT + LATENCY_BUCKETS;

export function newFigures(): Float64Array {
  return new Float64Array(new SharedArrayBuffer(FIGURES * Float64Array.BYTES_PER_ELEMENT));
}
