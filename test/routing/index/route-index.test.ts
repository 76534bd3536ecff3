// The index against the naive reading of the rules, on random orgs of every size at which it works differently, and of
// every mix of conditions that has a way of its own through it. SIGNALBOX_TEST_CASES asks for more cases than the few
// seconds of an ordinary run, SIGNALBOX_TEST_SEED for the same ones again.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileTable } from '../../../src/routing/compile.js';
import type { ResolveRequest } from '../../../src/routing/request.js';
import { resolve } from '../../../src/routing/resolve.js';
import { type Conditions, CONTENT_TYPES, type Route, inTableOrder } from '../../../src/routing/route.js';
import { naiveResolve } from '../../support/naive-resolve.js';
import { seededRandom } from '../../support/random.js';

const CASES = Number(process.env['SIGNALBOX_TEST_CASES'] ?? 20_000);
const REQUESTS_PER_ORG = 50;

/** A list, a full one, one more; a word, a full one, one more; several words; more than one word of the summary. */
const SIZES = [0, 1, 2, 5, 12, 13, 20, 31, 32, 33, 40, 64, 100, 300, 1025, 2100];

const random = seededRandom();

/** How likely a route has a condition on each dimension. */
type Mix = Partial<
  Record<
    | 'model'
    | 'models'
    | 'tag'
    | 'kind'
    | 'below'
    | 'above'
    | 'narrow'
    | 'cost'
    | 'latency'
    | 'flags'
    | 'keywords',
    number
  >
>;

const MIXES: Readonly<Record<string, Mix>> = {
  'no conditions': {},
  models: { model: 1 },
  'models, or anything': { model: 0.5 },
  'long lists of models': { models: 0.9, tag: 0.3, below: 0.3 },
  tags: { tag: 1 },
  'lower bounds': { above: 1 },
  'upper bounds': { below: 1 },
  ranges: { above: 1, below: 1 },
  'narrow ranges': { narrow: 1 },
  'narrow ranges or tags': { narrow: 0.5, tag: 0.6 },
  'narrow ranges and others': { narrow: 0.8, above: 0.1, model: 0.4, kind: 0.3, flags: 0.3, cost: 0.3 },
  costs: { cost: 1 },
  flags: { flags: 0.7 },
  keywords: { keywords: 1 },
  'keywords and models': { keywords: 0.5, model: 0.5 },
  'models and tags': { model: 0.9, tag: 0.9 },
  'what operators write': { model: 0.8, tag: 0.5, below: 0.5, above: 0.3, flags: 0.3, kind: 0.3 },
  'many conditions': { model: 0.5, tag: 0.5, kind: 0.5, narrow: 0.3, cost: 0.5, latency: 0.5, flags: 0.5 },
  everything: {
    ...{ model: 0.5, tag: 0.5, kind: 0.5, below: 0.5, above: 0.5, cost: 0.5, latency: 0.5 },
    ...{ flags: 0.5, keywords: 0.5 },
  },
};

/** @param span how many different values there are of each kind: few make routes shadow one another. */
function conditions(mix: Mix, span: number): Conditions {
  const above = random.below(3 * span);
  const has = (condition: keyof Mix): boolean => random.chance(mix[condition] ?? 0);
  const list = (prefix: string, most = 2): string[] =>
    Array.from({ length: 1 + random.below(most) }, () => `${prefix}${random.below(span)}`);
  return {
    ...(has('model') && { model_in: list('m') }),
    // Those that are compared one by one, and those that are looked up; half of a surrogate pair is no request's.
    ...(has('models') && { model_in: [...list('m', 20), ...(random.chance(0.1) ? ['\ud800'] : [])] }),
    ...(has('tag') && { tag_equals: `t${random.below(span)}` }),
    ...(has('kind') && { content_type: random.pick(CONTENT_TYPES) }),
    ...(has('below') && { input_tokens_lt: random.below(3 * span) }),
    ...(has('above') && { input_tokens_gt: random.below(3 * span) }),
    ...(has('narrow') && { input_tokens_gt: above, input_tokens_lt: above + 1 + random.below(4) }),
    ...(has('cost') && { estimated_cost_gt: random.below(span) / 8 }),
    ...(has('cost') && { estimated_cost_lt: random.below(span) / 8 }),
    ...(has('latency') && { upstream_latency_ms_p95_gt: random.below(span) }),
    ...(has('flags') && { has_images: random.chance(0.5) }),
    ...(has('flags') && { has_audio: random.chance(0.5) }),
    ...(has('flags') && { not_reasoning_class: random.chance(0.5) }),
    ...(has('keywords') && { prompt_contains_any_of: list('k').map((keyword) => `${keyword} `) }),
  };
}

function org(size: number, mix: Mix, span: number): Route[] {
  return Array.from({ length: size }, (_, index) => ({
    id: `id-${index}`,
    name: `r${random.below(size)}`,
    priority: random.below(3),
    enabled: random.chance(0.95),
    paused: false,
    when: conditions(mix, span),
    then: { target_model: 'm' },
  }));
}

function request(size: number, span: number): ResolveRequest {
  const maybe = <T>(value: () => T): T | undefined => (random.chance(0.85) ? value() : undefined);
  return {
    model: `m${random.below(span)}`,
    tag: maybe(() => `t${random.below(span)}`),
    content_type: maybe(() => random.pick(CONTENT_TYPES)),
    input_tokens: maybe(() => random.below(3 * span)),
    estimated_cost_usd: maybe(() => random.below(span) / 8),
    upstream_p95_ms: maybe(() => random.below(span)),
    has_images: maybe(() => random.chance(0.5)),
    has_audio: maybe(() => random.chance(0.5)),
    reasoning_class: maybe(() => random.chance(0.5)),
    prompt: maybe(() => Array.from({ length: random.below(4) }, () => `K${random.below(span)} `).join('')),
    ...(random.chance(0.05) && { force_route: `r${random.below(size + 1)}` }),
  };
}

function compare(routes: readonly Route[], requests: Iterable<ResolveRequest>): void {
  const table = compileTable(
    inTableOrder(routes).filter(({ enabled }) => enabled),
    1,
  );
  for (const asked of requests) {
    const { route_id: id, reason } = resolve(table, asked);
    const expected = naiveResolve(routes, asked);
    assert.deepEqual(
      { id, reason },
      { id: expected.route_id, reason: expected.reason },
      JSON.stringify(asked),
    );
  }
}

describe('the index', () => {
  for (const [name, mix] of Object.entries(MIXES)) {
    it(`selects what the naive reading selects: ${name}`, (test) => {
      test.diagnostic(`SIGNALBOX_TEST_SEED=${random.seed}`);
      const orgs = CASES / REQUESTS_PER_ORG / Object.keys(MIXES).length;
      for (let at = 0; at < orgs; at += 1) {
        const size = SIZES[at % SIZES.length] ?? 0;
        const span = random.pick([2, 5, 30, size + 1]);
        compare(
          org(size, mix, span),
          Array.from({ length: REQUESTS_PER_ORG }, () => request(size, span)),
        );
      }
    });
  }

  it('is exact also where so many bounds are nested that sets are shared', () => {
    const routes = Array.from({ length: 9000 }, (_, index) => ({
      ...{ id: `id-${index}`, name: 'r', priority: random.below(100), enabled: true, paused: false },
      when: {
        input_tokens_lt: 3 * random.below(9000),
        ...(random.chance(0.3) && { input_tokens_gt: 3 * random.below(9000) }),
        ...(random.chance(0.1) && { tag_equals: random.pick(['a', 'b']) }),
      },
      then: { target_model: 'm' },
    }));
    const tokens = Array.from({ length: 100 }, () => random.below(27_000) + random.below(2));
    compare(
      routes,
      [undefined, 0, 26_999, ...tokens].map((count) => ({ model: 'm', input_tokens: count, tag: 'b' })),
    );
  });

  it('takes as much memory for a route with keywords of its own, however many routes there are', () => {
    const bytesPerRoute = (routes: number): number => {
      const table = compileTable(
        Array.from({ length: routes }, (_, index) => ({
          ...{
            id: 'id',
            name: 'r',
            priority: 100,
            enabled: true,
            paused: false,
            then: { target_model: 'm' },
          },
          when: { prompt_contains_any_of: [10, 20].map((first) => `${first * 100_000 + index}`) },
        })),
        1,
      );
      return table.index.byteLength / routes;
    };
    // A set of all routes for each keyword would take 16 bytes more for every thousand.
    const [few, many] = [bytesPerRoute(2 ** 11), bytesPerRoute(2 ** 14)];
    assert.ok(many < few + 32, `${many} bytes, and ${few} where they are few`);
  });

  it('takes less than a KiB for each of ten thousand routes with ten keywords of their own', () => {
    const topics = ['credit card', 'salary', 'diagnosis', 'merger', 'contract', 'patient', 'lawsuit'];
    const keyword = (index: number): string => `${topics[index % topics.length]} ${index}`;
    const table = compileTable(
      Array.from({ length: 10_000 }, (_, index) => ({
        ...{ id: 'id', name: 'r', priority: 100, enabled: true, paused: false, then: { target_model: 'm' } },
        when: { prompt_contains_any_of: Array.from({ length: 10 }, (_each, at) => keyword(10 * index + at)) },
      })),
      1,
    );
    assert.ok(table.index.byteLength < 1024 * 10_000, `${table.index.byteLength / 10_000} bytes a route`);
  });
});
