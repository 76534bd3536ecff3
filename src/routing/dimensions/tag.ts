// The request has a tag and it is this one. The empty text is a tag.
import { type Dimension, textsOf } from './dimension.js';

export const tagDimension = {
  kind: 'text',
  signal: 'tag',
  textsOf: (when) => textsOf(when.tag_equals),
} as const satisfies Dimension;
