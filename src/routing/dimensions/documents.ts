// The request has documents, or is known to have none.
import { type Dimension } from './dimension.js';

export const documentsDimension = {
  kind: 'flag',
  signal: 'has_documents',
  boundOf: (when) => when.has_documents ?? undefined,
} as const satisfies Dimension;
