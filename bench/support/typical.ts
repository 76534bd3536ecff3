// Rules such as operators write them, and requests that end on different ones or on none: what most cases are about.
// Everything is fixed, no randomness: two runs decide the same. With more than 20 routes, each further twenty are the
// same for models of their own, and the requests are about models of all of them.
import type { ResolveRequest } from '../../src/routing/request.js';
import type { Conditions, Action, Route } from '../../src/routing/route.js';

export interface Rule {
  readonly name: string;
  readonly when: Conditions;
  readonly then: Action;
}

/** Routes and requests to decide by them. */
export interface Workload {
  readonly routes: readonly Route[];
  readonly requests: readonly ResolveRequest[];
}

export const TYPICAL_RULES: readonly Rule[] = [
  { name: 'evals-uncached', when: { tag_equals: 'eval' }, then: { disable_cache: true } },
  {
    name: 'cheap-short',
    when: { model_in: ['gpt-4o'], input_tokens_lt: 500 },
    then: { target_model: 'gpt-4o-mini', fallbacks: ['claude-haiku-4-5'], max_cost_usd: 0.05 },
  },
  {
    name: 'long-context',
    when: { model_in: ['gpt-4o', 'gpt-4.1', 'claude-sonnet-4-5'], input_tokens_gt: 100_000 },
    then: { target_model: 'gemini-2.5-pro', fallbacks: ['gpt-4.1'] },
  },
  {
    name: 'vision',
    when: { has_images: true, model_in: ['deepseek-chat', 'mistral-large', 'llama-3.3-70b'] },
    then: { target_model: 'gpt-4o' },
  },
  { name: 'audio', when: { has_audio: true }, then: { target_model: 'gpt-4o-audio' } },
  {
    name: 'opus-budget',
    when: { model_in: ['claude-opus-4-1'], estimated_cost_gt: 0.5 },
    then: { target_model: 'claude-sonnet-4-5', max_cost_usd: 0.5 },
  },
  {
    name: 'nightly',
    when: { tag_equals: 'nightly' },
    then: { disable_cache: true, effects: { batch: true } },
  },
  {
    name: 'code-upgrade',
    when: { content_type: 'code', model_in: ['gpt-4o-mini', 'mistral-small'] },
    then: { target_model: 'claude-sonnet-4-5', fallbacks: ['gpt-4.1'] },
  },
  {
    name: 'small-json',
    when: { content_type: 'json', input_tokens_lt: 2000 },
    then: { target_model: 'claude-haiku-4-5' },
  },
  {
    name: 'sonnet-is-slow',
    when: { model_in: ['claude-sonnet-4-5'], upstream_latency_ms_p95_gt: 8000 },
    then: { target_model: 'gpt-4.1', fallbacks: ['gemini-2.5-pro'] },
  },
  {
    name: 'mistral-middle',
    when: { model_in: ['mistral-large'], input_tokens_gt: 32_000, input_tokens_lt: 128_000 },
    then: { target_model: 'gemini-2.5-flash' },
  },
  {
    name: 'documents',
    when: { has_documents: true, tag_equals: 'interactive' },
    then: { target_model: 'gemini-2.5-flash' },
  },
  {
    name: 'almost-free',
    when: { model_in: ['gpt-4.1'], estimated_cost_lt: 0.0005 },
    then: { target_model: 'gpt-4.1-nano' },
  },
  {
    name: 'no-reasoning-needed',
    when: { model_in: ['o3', 'o4-mini'], input_tokens_lt: 1000, not_reasoning_class: true },
    then: { target_model: 'gpt-4.1' },
  },
  { name: 'search', when: { tag_equals: 'search' }, then: { target_model: 'gemini-2.5-flash' } },
  {
    name: 'support-short',
    when: { tag_equals: 'support', input_tokens_lt: 4000 },
    then: { target_model: 'gpt-4.1-mini', fallbacks: ['claude-haiku-4-5', 'gemini-2.5-flash'] },
  },
  {
    name: 'own-llama',
    when: { model_in: ['llama-3.1-8b', 'llama-3.3-70b'] },
    then: { target_model: 'llama-3.3-70b-local', fallbacks: ['llama-3.3-70b'] },
  },
  { name: 'tables', when: { content_type: 'csv', input_tokens_gt: 10_000 }, then: { max_cost_usd: 0.2 } },
  { name: 'retired', when: { model_in: ['gpt-3.5-turbo', 'gpt-4'] }, then: { target_model: 'gpt-4o-mini' } },
  { name: 'cost-ceiling', when: { input_tokens_gt: 150_000 }, then: { max_cost_usd: 2 } },
];

/** The routes of these rules, the first with the highest priority. */
export function routesOf(rules: readonly Rule[]): Route[] {
  return rules.map((rule, index) => ({
    ...rule,
    id: routeId(index),
    priority: rules.length - index,
    enabled: true,
    paused: false,
  }));
}

function routeId(index: number): string {
  return `0190a000-0000-7000-9000-${index.toString(16).padStart(12, '0')}`;
}

/** @param routeCount a multiple of 20. */
export function typicalWorkload(routeCount = 20, requestCount = 1024): Workload {
  const copies = routeCount / TYPICAL_RULES.length;
  if (!Number.isInteger(copies) || copies < 1) throw new Error('typical routes come in twenties');
  const rules = Array.from({ length: copies }, (_, copy) => TYPICAL_RULES.map((rule) => copyOf(rule, copy)));
  // Prime to every number of copies that there may be, so that requests are about all of them in no order.
  const stride = 7919;
  return {
    // The rules that aren't about models of their own come last, as what is general does.
    routes: routesOf(rules.reverse().flat()),
    requests: Array.from({ length: requestCount }, (_, index) =>
      typicalRequest(index, (index * stride) % copies),
    ),
  };
}

/** In the first twenty nothing is changed; in the others every rule is about models of theirs. */
function copyOf(rule: Rule, copy: number): Rule {
  if (copy === 0) return rule;
  const ofModels = rule.when.model_in ?? MODELS.slice(0, 3);
  return {
    name: `${rule.name}-${copy}`,
    when: { ...rule.when, model_in: ofModels.map((model) => modelOf(model, copy)) },
    then: rule.then,
  };
}

function modelOf(model: string, copy: number): string {
  return copy === 0 ? model : `${model}-${copy}`;
}

const MODELS = [
  'gpt-4o',
  'claude-sonnet-4-5',
  'gpt-4o-mini',
  'gpt-4.1',
  'mistral-large',
  'claude-opus-4-1',
  'gemini-2.5-pro',
  'llama-3.3-70b',
  'o4-mini',
  'gpt-3.5-turbo',
  'claude-haiku-4-5',
] as const;
const INPUT_TOKENS = [180, 640, 2400, 900, 15_000, 60_000, 420, 210_000, 3100, 120_000] as const;
const TAGS = [
  'interactive',
  undefined,
  'support',
  'interactive',
  'search',
  undefined,
  'nightly',
  undefined,
  'eval',
] as const;
const CONTENT_TYPES = ['prose', 'code', 'prose', 'json', undefined, 'prose', 'csv'] as const;

/**
 * The index-th request. The lists' lengths share no factor with each other, so combinations differ; and no two of
 * hundreds are alike, so that whoever remembers answers is not measured on that.
 */
export function typicalRequest(index: number, copy = 0): ResolveRequest {
  const at = <T>(list: readonly T[]): T => list[index % list.length] as T;
  const tokens = at(INPUT_TOKENS) + ((index * 37) % 79);
  const tag = at(TAGS);
  const contentType = at(CONTENT_TYPES);
  const model = at(MODELS);
  return {
    model: modelOf(model, copy),
    input_tokens: tokens,
    ...(tag === undefined ? {} : { tag }),
    has_images: index % 13 === 4,
    has_audio: index % 31 === 17,
    has_documents: index % 5 === 3,
    estimated_cost_usd: tokens * (model === 'claude-opus-4-1' ? 15e-6 : 0.5e-6),
    ...(contentType === undefined ? {} : { content_type: contentType }),
    ...(index % 3 === 0 ? { upstream_p95_ms: 900 + 617 * (index % 29) } : {}),
    reasoning_class: model === 'o4-mini' && index % 2 === 0,
  };
}
