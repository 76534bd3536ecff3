// Routes that tell the values of signals apart: of each org those of one, so that a value that was read wrong is a
// decision that is wrong.
import { CONTENT_TYPES, type Conditions, type Route } from '../../src/routing/route.js';
import { COSTS, NUMBERS, TEXTS, orgOf } from './wire-samples.js';

export const REVISION = 7;

const texts = TEXTS.filter((text) => text.trim() !== '');
const ascending = [...NUMBERS].sort((a, b) => a - b);
const costs = [...COSTS].filter((cost) => cost >= 0).sort((a, b) => a - b);
const flags = [true, false];

/** By org; each condition is that of one route, in table order. */
const CONDITIONS: readonly (readonly Conditions[])[] = [
  ascending.map((bound) => ({ input_tokens_lt: bound })),
  ascending.toReversed().map((bound) => ({ upstream_latency_ms_p95_gt: bound })),
  texts.map((text) => ({ model_in: [text, `${text}+`] })),
  texts.map((text) => ({ tag_equals: text })),
  CONTENT_TYPES.map((type) => ({ content_type: type })),
  costs.map((bound) => ({ estimated_cost_lt: bound })),
  costs.toReversed().map((bound) => ({ estimated_cost_gt: bound })),
  flags.flatMap((images) => flags.map((audio) => ({ has_images: images, has_audio: audio }))),
  [{ not_reasoning_class: true }, ...flags.map((documents) => ({ has_documents: documents }))],
  texts.map((text) => ({ prompt_contains_any_of: [text] })),
  [{ model_in: ['gpt-4o'], input_tokens_gt: 127 }, { tag_equals: 'vip' }, {}],
];

export function fuzzRoutes(org: number): Route[] {
  return (CONDITIONS[org] ?? []).map((when, index) => ({
    id: `${orgOf(org).slice(0, 32)}${String(index).padStart(4, '0')}`,
    // Names are what `force_route` names.
    name: org === 10 || org === 2 ? (texts[index] ?? 'any') : `route ${index}`,
    priority: 100,
    enabled: true,
    paused: index % 7 === 6,
    when,
    then: { target_model: `${org}-${index}`, max_cost_usd: index === 1 ? 0.05 : null },
  }));
}
