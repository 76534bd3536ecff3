// The requested model is one of a list: case-sensitive, exactly.
import { type Dimension, listOf } from './dimension.js';

export const modelDimension = {
  kind: 'text',
  signal: 'model',
  textsOf: (when) => listOf(when.model_in),
} as const satisfies Dimension;
