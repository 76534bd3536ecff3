// The request has images, or is known to have none.
import { type Dimension } from './dimension.js';

export const imagesDimension = {
  kind: 'flag',
  signal: 'has_images',
  boundOf: (when) => when.has_images ?? undefined,
} as const satisfies Dimension;
