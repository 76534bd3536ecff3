// The estimated input tokens are strictly between two bounds; one of them may be missing.
import { type Dimension, intervalOf } from './dimension.js';

export const inputTokensDimension = {
  kind: 'number',
  signal: 'input_tokens',
  intervalOf: (when) => intervalOf(when.input_tokens_gt, when.input_tokens_lt),
} as const satisfies Dimension;
