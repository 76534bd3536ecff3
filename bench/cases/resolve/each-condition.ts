// No condition costs much more than another: twenty routes that have only this one, and requests of which half match.
import type { ResolveRequest } from '../../../src/routing/request.js';
import type { Conditions } from '../../../src/routing/route.js';
import { codeCase } from '../../support/code-case.js';
import { decideAll } from '../../support/engine.js';
import { loremOf, promptWith } from '../../support/mixes.js';
import { type Workload, routesOf } from '../../support/typical.js';

const ROUTES = 20;
const REQUESTS = 64;

type Condition = readonly [when: (route: number) => Conditions, request: (index: number) => object];

const CONDITIONS: Readonly<Record<string, Condition>> = {
  model_in: [(i) => ({ model_in: [`model-${i}`] }), (i) => ({ model: `model-${i}` })],
  input_tokens_lt: [(i) => ({ input_tokens_lt: 100 * i }), (i) => ({ input_tokens: 100 * i })],
  input_tokens_gt: [(i) => ({ input_tokens_gt: 100 * (20 - i) }), (i) => ({ input_tokens: 100 * (i - 20) })],
  tag_equals: [(i) => ({ tag_equals: `tag-${i}` }), (i) => ({ tag: `tag-${i}` })],
  has_images: [() => ({ has_images: true }), (i) => ({ has_images: i < ROUTES })],
  has_audio: [() => ({ has_audio: true }), (i) => ({ has_audio: i < ROUTES })],
  has_documents: [() => ({ has_documents: false }), (i) => ({ has_documents: i < ROUTES })],
  prompt_contains_any_of: [
    (i) => ({ prompt_contains_any_of: [`codename-${i}-secret`] }),
    (i) => ({ prompt: i < ROUTES ? promptWith(`codename-${i}-secret`, 500) : loremOf(500) }),
  ],
  estimated_cost_gt: [(i) => ({ estimated_cost_gt: 20 - i }), (i) => ({ estimated_cost_usd: i - 19.5 })],
  estimated_cost_lt: [(i) => ({ estimated_cost_lt: i / 10 }), (i) => ({ estimated_cost_usd: i / 10 })],
  content_type: [() => ({ content_type: 'code' }), (i) => ({ content_type: i < ROUTES ? 'code' : 'json' })],
  upstream_latency_ms_p95_gt: [
    (i) => ({ upstream_latency_ms_p95_gt: 100 * (20 - i) }),
    (i) => ({ upstream_p95_ms: 100 * i }),
  ],
  not_reasoning_class: [() => ({ not_reasoning_class: true }), (i) => ({ reasoning_class: i < ROUTES })],
};

function workload([when, request]: Condition): Workload {
  const rules = Array.from({ length: ROUTES }, (_, i) => ({
    name: `route-${i}`,
    when: when(i),
    then: { target_model: 'gpt-4o-mini' },
  }));
  const requests = Array.from({ length: REQUESTS }, (_, i): ResolveRequest => {
    const signals = request((i * 7) % (2 * ROUTES));
    return { model: 'gpt-4o', ...signals };
  });
  return { routes: routesOf(rules), requests };
}

export const bench = codeCase({
  about: 'time for a decision by 20 routes that have only this condition',
  inOneProcess: true,
  subjects: Object.fromEntries(
    Object.entries(CONDITIONS).map(([name, condition]) => [name, () => decideAll(workload(condition))]),
  ),
});
