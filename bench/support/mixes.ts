// Mixes of conditions for any number of routes, each hard for an index in its own way. Requests end on routes all over
// the table, unless nothing is to match.
import type { ResolveRequest } from '../../src/routing/request.js';
import type { Conditions } from '../../src/routing/route.js';
import { manyConditions, narrowOrRare, requestOf } from './random-mixes.js';
import { type Workload, routesOf } from './typical.js';

const REQUESTS = 1024;
/** Prime: requests come to all routes in no order. */
const STRIDE = 7919;
const TOKENS_PER_ROUTE = 100;

interface Mix {
  readonly when: (index: number) => Conditions;
  /** A request that the route of that index decides, or one before it, unless nothing is to match. */
  readonly request: (index: number) => ResolveRequest;
}

export const MIXES: Readonly<Record<string, Mix>> = {
  'same-model': {
    when: (index) => ({ model_in: ['gpt-4o'], tag_equals: `team-${index}`, input_tokens_lt: 100_000 }),
    request: (index) => ({ model: 'gpt-4o', tag: `team-${index}`, input_tokens: 1000 }),
  },
  'all-different': {
    when: (index) => ({
      model_in: [`model-${index}`],
      tag_equals: `team-${index}`,
      input_tokens_lt: 50_000 + index,
      estimated_cost_lt: 1 + index / 1000,
    }),
    request: (index) => ({
      model: `model-${index}`,
      tag: `team-${index}`,
      input_tokens: 1000,
      estimated_cost_usd: 0.5,
    }),
  },
  'only-token-ranges': {
    when: (index) => ({
      input_tokens_gt: index * TOKENS_PER_ROUTE,
      input_tokens_lt: (index + 1) * TOKENS_PER_ROUTE,
    }),
    request: (index) => ({ model: 'gpt-4o', input_tokens: index * TOKENS_PER_ROUTE + 50 }),
  },
  'only-tags': {
    when: (index) => ({ tag_equals: `team-${index}` }),
    request: (index) => ({ model: 'gpt-4o', tag: `team-${index}` }),
  },
  'only-keywords': {
    when: (index) => ({ prompt_contains_any_of: [keyword(index)] }),
    request: (index) => ({ model: 'gpt-4o', prompt: promptWith(keyword(index)) }),
  },
  everything: {
    when: (index) => ({
      ...(index % 3 !== 0 && { model_in: [`model-${index % 50}`] }),
      ...(index % 4 === 1 && { tag_equals: `team-${index % 20}` }),
      ...(index % 5 === 2 && { content_type: 'code' }),
      ...(index % 6 === 5 && { has_images: true }),
      ...(index % 7 === 3 && { estimated_cost_gt: index % 11 }),
      input_tokens_gt: tokensOf(index),
      input_tokens_lt: tokensOf(index) + 2 * TOKENS_PER_ROUTE,
    }),
    request: (index) => ({
      model: `model-${index % 50}`,
      tag: `team-${index % 20}`,
      content_type: index % 5 === 2 ? 'code' : 'prose',
      has_images: index % 6 === 5,
      estimated_cost_usd: (index % 11) + 0.5,
      input_tokens: tokensOf(index) + TOKENS_PER_ROUTE,
    }),
  },
  'many-conditions': {
    when: manyConditions,
    request: (index) => requestOf(manyConditions(index), index),
  },
  'narrow-or-rare': {
    when: narrowOrRare,
    request: (index) => requestOf(narrowOrRare(index), index),
  },
  'nothing-matching': {
    when: (index) => ({
      model_in: ['gpt-4o', `model-${index}`],
      input_tokens_gt: 1_000_000 + index,
      ...(index % 2 === 0 ? { has_images: true } : { tag_equals: 'nightly' }),
    }),
    request: (index) => ({
      model: 'gpt-4o',
      tag: 'nightly',
      input_tokens: 1000 + index,
      has_images: true,
    }),
  },
};

export function mixedWorkload(mixName: string, routeCount: number): Workload {
  const mix = MIXES[mixName];
  if (mix === undefined) throw new Error(`there is no mix ${mixName}`);
  const rules = Array.from({ length: routeCount }, (_, index) => ({
    name: `route-${index}`,
    when: mix.when(index),
    then: { target_model: `target-${index % 7}` },
  }));
  const requests = Array.from({ length: REQUESTS }, (_, index) => mix.request((index * STRIDE) % routeCount));
  return { routes: routesOf(rules), requests };
}

/** Many ranges that overlap. */
function tokensOf(index: number): number {
  return (index * STRIDE) % 100_000;
}

/** No one is the beginning of another. */
function keyword(index: number): string {
  return `codename-${String(index).padStart(5, '0')}`;
}

/** Some two kilobytes of which a word near the end is that one. */
export function promptWith(word: string, bytes = 2000): string {
  return `${loremOf(bytes - word.length - 40)} the project ${word} must stay in the house.`;
}

const SENTENCE =
  'Please summarise the attached minutes of the quarterly meeting, list every open question, and say who answers it. ';

export function loremOf(bytes: number): string {
  return SENTENCE.repeat(Math.ceil(bytes / SENTENCE.length)).slice(0, Math.max(0, bytes));
}
