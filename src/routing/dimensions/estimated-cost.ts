// The estimated cost in US dollars is strictly between two bounds; one of them may be missing.
import { type Dimension, intervalOf } from './dimension.js';

export const estimatedCostDimension = {
  kind: 'number',
  signal: 'estimated_cost_usd',
  intervalOf: (when) => intervalOf(when.estimated_cost_gt, when.estimated_cost_lt),
} as const satisfies Dimension;
