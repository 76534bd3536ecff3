// The requested model's p95 latency in milliseconds is strictly above a bound.
import { type Dimension, intervalOf } from './dimension.js';

export const upstreamLatencyDimension = {
  kind: 'number',
  signal: 'upstream_p95_ms',
  intervalOf: (when) => intervalOf(when.upstream_latency_ms_p95_gt, undefined),
} as const satisfies Dimension;
