// What the socket load asks about: one org with 20 routes such as operators write them, and requests that end on
// different routes or on none. Everything is fixed, no randomness: two runs put the same bytes on the socket.
import { Packr } from 'msgpackr/pack';
import { stringify } from 'yaml';

const org = '0190a000-0000-7000-8000-000000000001';

const packr = new Packr({ useRecords: false, variableMapSize: true });

interface Route {
  readonly name: string;
  readonly when: Readonly<Record<string, unknown>>;
  readonly then: Readonly<Record<string, unknown>>;
}

const routes: readonly Route[] = [
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

const models = [
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
const inputTokens = [180, 640, 2400, 900, 15_000, 60_000, 420, 210_000, 3100, 120_000] as const;
const tags = [
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
const contentTypes = ['prose', 'code', 'prose', 'json', undefined, 'prose', 'csv'] as const;

/** The text of the route file: 20 routes of one org, highest priority first. */
export function routeFileText(): string {
  const withPriorities = routes.map((route, index) => ({ ...route, priority: (routes.length - index) * 10 }));
  return stringify({ orgs: { [org]: withPriorities } });
}

/** The params of the index-th request. The lists' lengths share no factor with each other, so combinations differ. */
function resolveParams(index: number): Record<string, unknown> {
  const at = <T>(list: readonly T[]): T => list[index % list.length] as T;
  const tokens = at(inputTokens);
  const tag = at(tags);
  const contentType = at(contentTypes);
  const model = at(models);
  return {
    org_id: org,
    model,
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

/** Frames of `[0, id, "resolve", [params]]` back to back. The id takes a fixed place and width: the load tool sets it. */
export function resolveFrames(count = 64): Buffer {
  const head = Buffer.concat([
    Buffer.from([0x94, 0x00, 0xce, 0, 0, 0, 0, 0xa7]),
    Buffer.from('resolve'),
    Buffer.from([0x91]),
  ]);
  const frames: Buffer[] = [];
  for (let index = 0; index < count; index++) {
    const payload = Buffer.concat([head, packr.pack(resolveParams(index))]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(payload.length);
    frames.push(length, payload);
  }
  return Buffer.concat(frames);
}
