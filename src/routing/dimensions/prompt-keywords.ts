// The lower-cased prompt contains a lower-cased keyword. Each is lower-cased as a whole, as the prompt is.
import { type Dimension, listOf } from './dimension.js';

export const promptKeywordsDimension = {
  kind: 'keywords',
  keywordsOf: (when) => listOf(when.prompt_contains_any_of)?.map((keyword) => keyword.toLowerCase()),
} as const satisfies Dimension;
