// Mixes of conditions that nobody made up: each route draws its own, from a seed that is its index, so that two runs
// decide the same. Requests are such that their route's conditions hold, or those of a route before it.
import type { ResolveRequest } from '../../src/routing/request.js';
import { type Conditions, CONTENT_TYPES } from '../../src/routing/route.js';
import { Random } from '../../test/support/random.js';

const MODELS = 50;
const TEAMS = 20;
const RARE_TEAMS = 2000;
const TOKENS = 100_000;
const BROAD_TOKENS = 20_000;
const NARROW_TOKENS = 300;
const LATENCY_MS = 10_000;
/** In cents. */
const COST = 1000;

/** Any of ten conditions, each on every second route: broad ones, of which no single one tells routes apart. */
export function manyConditions(index: number): Conditions {
  return someOf(new Random(index), 0.5);
}

/** On every second route a narrow range of tokens, on the others a tag of few; and any other conditions beside. */
export function narrowOrRare(index: number): Conditions {
  const random = new Random(index);
  return {
    ...someOf(random, 0.4),
    ...(random.chance(0.5)
      ? tokensOf(random, NARROW_TOKENS)
      : { tag_equals: `team-${random.below(RARE_TEAMS)}` }),
  };
}

function someOf(random: Random, share: number): Conditions {
  const has = (): boolean => random.chance(share);
  return {
    ...(has() && { model_in: Array.from({ length: 1 + random.below(3) }, () => modelOf(random)) }),
    ...(has() && { tag_equals: `team-${random.below(TEAMS)}` }),
    ...(has() && { content_type: random.pick(CONTENT_TYPES) }),
    ...(has() && { has_images: random.chance(0.5) }),
    ...(has() && { has_audio: random.chance(0.5) }),
    ...(has() && { has_documents: random.chance(0.5) }),
    ...(has() && costOf(random)),
    ...(has() && tokensOf(random, BROAD_TOKENS)),
    ...(has() && { upstream_latency_ms_p95_gt: random.below(LATENCY_MS) }),
    ...(has() && { not_reasoning_class: true }),
  };
}

/** A request that fulfils these conditions, and carries every other signal too. */
export function requestOf(when: Conditions, index: number): ResolveRequest {
  const random = new Random(index);
  const cost = when.estimated_cost_gt ?? (when.estimated_cost_lt ?? random.below(COST) / 100) - 1;
  const above = when.input_tokens_gt ?? random.below(TOKENS);
  return {
    model: when.model_in === undefined ? modelOf(random) : random.pick(when.model_in),
    tag: when.tag_equals ?? `team-${random.below(TEAMS)}`,
    content_type: when.content_type ?? random.pick(CONTENT_TYPES),
    has_images: when.has_images ?? random.chance(0.5),
    has_audio: when.has_audio ?? random.chance(0.5),
    has_documents: when.has_documents ?? random.chance(0.5),
    estimated_cost_usd: cost + 0.5,
    input_tokens: above + 1 + random.below((when.input_tokens_lt ?? above + 2) - above - 1),
    upstream_p95_ms: (when.upstream_latency_ms_p95_gt ?? random.below(LATENCY_MS)) + 1,
    reasoning_class: when.not_reasoning_class === true ? false : random.chance(0.5),
  };
}

function modelOf(random: Random): string {
  return `model-${random.below(MODELS)}`;
}

function costOf(random: Random): Conditions {
  const usd = (1 + random.below(COST)) / 100;
  return random.chance(0.5) ? { estimated_cost_gt: usd } : { estimated_cost_lt: usd };
}

function tokensOf(random: Random, span: number): Conditions {
  const above = random.below(TOKENS);
  return { input_tokens_gt: above, input_tokens_lt: above + 2 + random.below(span) };
}
