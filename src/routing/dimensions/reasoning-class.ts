// The request is known not to be of a reasoning class. The condition `false` asks for nothing.
import { type Dimension } from './dimension.js';

export const reasoningClassDimension = {
  kind: 'flag',
  signal: 'reasoning_class',
  boundOf: (when) => (when.not_reasoning_class === true ? false : undefined),
} as const satisfies Dimension;
