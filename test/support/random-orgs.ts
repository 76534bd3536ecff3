// Random orgs and the requests to ask them, for comparing an engine with test/support/naive-resolve.ts on millions of
// cases. Each mix of conditions is one that an engine may be good or bad at, or wrong in. Requests are drawn from the
// org's own bounds and their neighbours, so that conditions hold and fail about as often.
import type { ResolveRequest } from '../../src/routing/request.js';
import {
  type Action,
  type Conditions,
  CONTENT_TYPES,
  type Route,
  UINT32_MAX,
} from '../../src/routing/route.js';
import type { Random } from './random.js';

/** What the routes of an org have in common. */
export const MIXES = [
  'all on the same model',
  'each on a model of its own',
  'only token ranges',
  'only tags',
  'only costs',
  'only flags',
  'only keywords',
  'only latencies and content types',
  'no conditions',
  'everything',
  'nothing matching',
] as const;
export type Mix = (typeof MIXES)[number];

export interface RandomOrg {
  /** In creation order, disabled ones too. */
  readonly routes: readonly Route[];
  readonly requests: readonly ResolveRequest[];
}

export function randomOrg(random: Random, mix: Mix, routeCount: number, requestCount: number): RandomOrg {
  const routes = times(routeCount, (index) => randomRoute(random, mix, index, routeCount));
  return { routes, requests: times(requestCount, () => randomRequest(random, mix, routes)) };
}

/** Both sides of the sign bit, both ends, and neighbours of each, for bounds are strict. */
const UINTS = [0, 1, 2, 499, 500, 501, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, UINT32_MAX - 1, UINT32_MAX];
const COSTS = [0, 5e-324, 0.05, 0.1 + 0.2, 0.3, 1, 1e308];
const PRIORITIES = [0, 1, 99, 100, 100, 100, 101, 0x7fff_ffff, 0x8000_0000, UINT32_MAX];
/** What a trim, a case folding, or a plain object as a lookup table would take for something else. */
const TEXTS = ['', ' ', 'a', 'A', 'a ', '__proto__', 'constructor', 'toString', 'ß', 'ss', 'İ', 'i'];
const NAMES = [...TEXTS.filter((text) => text.trim() !== ''), 'cheap', 'cheap', 'premium'];
const PROMPT_PIECES = [
  ...['credit', 'Credit', 'card', 'CARD', 'car', 'red', 'it', 'a', ' ', ' ', '\n', '.', ''],
  ...['ΟΔΟΣ', 'οδος', 'οδοσ', 'Σ', 'σ', 'ς', 'Α', 'İ', 'i\u0307', 'i', 'ß', 'ẞ', 'ss', '\u212a', 'k'],
  ...['Москва', 'МОСКВА', '信用卡', '信', '\u{1f600}', '\u{1f601}', 'e\u0301', 'é', '__proto__'],
];

function randomRoute(random: Random, mix: Mix, index: number, routeCount: number): Route {
  return {
    id: `id-${index}`,
    name: random.chance(0.5) ? `route ${index}` : random.pick(NAMES),
    // Many at one priority, so that creation order decides; or all at different ones.
    priority: random.chance(0.5) ? random.pick(PRIORITIES) : random.below(2 * routeCount),
    enabled: random.chance(0.9),
    paused: random.chance(0.1),
    when: conditionsOf(random, mix, index),
    then: randomAction(random),
  };
}

function conditionsOf(random: Random, mix: Mix, index: number): Conditions {
  switch (mix) {
    case 'all on the same model':
      // The last condition lets through few, or the first route would always win.
      return { model_in: ['gpt-4o'], tag_equals: `tag-${index}` };
    case 'each on a model of its own':
      return { model_in: random.chance(0.1) ? [modelOf(index), ...TEXTS] : [modelOf(index)] };
    case 'only token ranges':
      return tokenRange(random, index);
    case 'only tags':
      return { tag_equals: random.chance(0.2) ? random.pick(TEXTS) : `tag-${index}` };
    case 'only costs':
      return { ...costRange(random, index) };
    case 'only flags':
      return flags(random);
    case 'only keywords':
      return { prompt_contains_any_of: keywords(random, index) };
    case 'only latencies and content types':
      return random.chance(0.5)
        ? { upstream_latency_ms_p95_gt: random.chance(0.5) ? random.pick(UINTS) : index }
        : { content_type: random.pick(CONTENT_TYPES), upstream_latency_ms_p95_gt: index };
    case 'no conditions':
      return random.pick<Conditions>([{}, { model_in: [], prompt_contains_any_of: [], tag_equals: null }]);
    case 'everything':
      return someOf(random, [
        { model_in: random.pick([[modelOf(index % 5)], ['gpt-4o', '', 'A'], []]) },
        tokenRange(random, index),
        { tag_equals: random.pick([null, ...TEXTS, `tag-${index % 5}`]) },
        costRange(random, index),
        flags(random),
        { prompt_contains_any_of: random.chance(0.2) ? [] : keywords(random, index) },
        { content_type: random.pick([null, ...CONTENT_TYPES]) },
        { upstream_latency_ms_p95_gt: random.pick([null, ...UINTS]) },
      ]);
    case 'nothing matching':
      return random.pick<Conditions>([
        { model_in: ['nobody asks for this'] },
        { input_tokens_lt: 0 },
        { input_tokens_gt: UINT32_MAX },
        { input_tokens_gt: 500, input_tokens_lt: 501 },
        { input_tokens_gt: 7, input_tokens_lt: 7 },
        { input_tokens_gt: 1000, input_tokens_lt: 10 },
        { estimated_cost_lt: 0 },
        { estimated_cost_gt: 1, estimated_cost_lt: 0.05 },
        { upstream_latency_ms_p95_gt: UINT32_MAX },
        { tag_equals: 'nobody tags this' },
        { prompt_contains_any_of: ['nobody says this', 'nor this'] },
      ]);
  }
}

/** Bounds at the edges, equal ones and inverted ones among them. */
function tokenRange(random: Random, index: number): Conditions {
  const bound = (): number => (random.chance(0.3) ? random.pick(UINTS) : 100 * index + random.below(200));
  return someOf(random, [{ input_tokens_gt: bound() }, { input_tokens_lt: bound() }]);
}

function costRange(random: Random, index: number): Conditions {
  const bound = (): number => (random.chance(0.3) ? random.pick(COSTS) : (index + random.below(2)) / 10);
  return someOf(random, [{ estimated_cost_gt: bound() }, { estimated_cost_lt: bound() }]);
}

function flags(random: Random): Conditions {
  const flag = (): boolean => random.chance(0.5);
  return someOf(random, [
    { has_images: flag() },
    { has_audio: flag() },
    { has_documents: flag() },
    { not_reasoning_class: flag() },
  ]);
}

function keywords(random: Random, index: number): string[] {
  const one = (): string =>
    random.chance(0.3) ? `keyword ${index}` : promptOf(random, 1 + random.below(2), PROMPT_PIECES);
  return [...new Set(times(1 + random.below(3), one))];
}

function randomAction(random: Random): Action {
  return random.pick<Action>([
    { target_model: 'target', fallbacks: ['b', 'a'], effects: { redact: true, compress: true } },
    { target_model: null, disable_cache: true },
    { fallbacks: [], max_cost_usd: 0.05 },
    { target_model: 'target', effects: { compress: { redact: false } } },
    { disable_cache: false, max_cost_usd: null, effects: { redact: false } },
  ]);
}

function randomRequest(random: Random, mix: Mix, routes: readonly Route[]): ResolveRequest {
  // Whatever the mix, a request may say nothing of a signal, and nothing then holds.
  const known = <T>(value: T): T | undefined => (random.chance(0.85) ? value : undefined);
  const near = random.pick<Conditions>(routes.length > 0 ? routes.map(({ when }) => when) : [{}]);
  const index = random.below(routes.length + 1);
  const around = (bound: number | null | undefined, step: number): number =>
    (bound ?? 100 * index) + step * (random.below(3) - 1);
  const uint = (bound: number | null | undefined): number =>
    random.chance(0.2) ? random.pick(UINTS) : Math.min(UINT32_MAX, Math.max(0, around(bound, 1)));
  const keyword = random.pick(near.prompt_contains_any_of?.length ? near.prompt_contains_any_of : ['']);
  const beside = promptOf(random, random.below(3), PROMPT_PIECES);
  const nothing = mix === 'nothing matching';
  return {
    model: nothing
      ? 'gpt-4o'
      : random.pick([...(near.model_in ?? []), 'gpt-4o', modelOf(index), random.pick(TEXTS)]),
    input_tokens: known(uint(random.chance(0.5) ? near.input_tokens_lt : near.input_tokens_gt)),
    tag: known(nothing ? 'a' : random.pick([near.tag_equals ?? '', `tag-${index}`, random.pick(TEXTS)])),
    prompt: known(nothing ? beside : (random.chance(0.5) ? keyword.toUpperCase() : keyword) + beside),
    has_images: known(random.chance(0.5)),
    has_audio: known(random.chance(0.5)),
    has_documents: known(random.chance(0.5)),
    estimated_cost_usd: known(
      random.chance(0.3) ? random.pick(COSTS) : Math.max(0, around(near.estimated_cost_gt ?? 0.1, 0.05)),
    ),
    content_type: known(random.pick([...CONTENT_TYPES, 'JSON', ''])),
    upstream_p95_ms: known(uint(near.upstream_latency_ms_p95_gt)),
    reasoning_class: known(random.chance(0.5)),
    force_route:
      !nothing && random.chance(0.05)
        ? random.pick([...routes.slice(0, 3).map(({ name }) => name), ...NAMES, 'no such route'])
        : undefined,
  };
}

function modelOf(index: number): string {
  return `model-${index}`;
}

function promptOf(random: Random, length: number, pieces: readonly string[]): string {
  return times(length, () => random.pick(pieces)).join('');
}

/** Each with an even chance, but at least one. */
function someOf(random: Random, parts: readonly Conditions[]): Conditions {
  const taken = parts.filter(() => random.chance(0.5));
  return Object.assign({}, ...(taken.length > 0 ? taken : [random.pick(parts)])) as Conditions;
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
