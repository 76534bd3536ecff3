// The dominant kind of the request's text.
import { type Dimension, textsOf } from './dimension.js';

export const contentTypeDimension = {
  kind: 'text',
  signal: 'content_type',
  textsOf: (when) => textsOf(when.content_type),
} as const satisfies Dimension;
