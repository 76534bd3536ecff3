// The request has audio, or is known to have none.
import { type Dimension } from './dimension.js';

export const audioDimension = {
  kind: 'flag',
  signal: 'has_audio',
  boundOf: (when) => when.has_audio ?? undefined,
} as const satisfies Dimension;
