// Every dimension of the index: texts, flags, numbers, and the prompt last. The order decides nothing about what matches.
import { audioDimension } from './audio.js';
import { contentTypeDimension } from './content-type.js';
import type { Dimension } from './dimension.js';
import { documentsDimension } from './documents.js';
import { estimatedCostDimension } from './estimated-cost.js';
import { imagesDimension } from './images.js';
import { inputTokensDimension } from './input-tokens.js';
import { modelDimension } from './model.js';
import { promptKeywordsDimension } from './prompt-keywords.js';
import { reasoningClassDimension } from './reasoning-class.js';
import { tagDimension } from './tag.js';
import { upstreamLatencyDimension } from './upstream-latency.js';

export const ALL_DIMENSIONS: readonly Dimension[] = [
  modelDimension,
  tagDimension,
  contentTypeDimension,
  imagesDimension,
  audioDimension,
  documentsDimension,
  reasoningClassDimension,
  inputTokensDimension,
  estimatedCostDimension,
  upstreamLatencyDimension,
  promptKeywordsDimension,
];
