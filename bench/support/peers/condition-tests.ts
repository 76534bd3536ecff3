// A route's active conditions as a plain list, which each peer's translation goes by. Keywords are left out: none of
// the peers' languages lower-cases a prompt, so the compared workloads have none.
import type { ResolveRequest } from '../../../src/routing/request.js';
import type { Conditions, Route } from '../../../src/routing/route.js';

export type Signal = Exclude<keyof ResolveRequest, 'force_route' | 'prompt'>;

export type ConditionTest =
  | { readonly kind: 'less' | 'greater'; readonly signal: Signal; readonly bound: number }
  | { readonly kind: 'equal'; readonly signal: Signal; readonly bound: string | boolean }
  | { readonly kind: 'member'; readonly signal: Signal; readonly members: readonly string[] };

export function conditionTests({ when }: Pick<Route, 'when'>): ConditionTest[] {
  if ((when.prompt_contains_any_of ?? []).length > 0)
    throw new Error('keywords are not translated for peers');
  const models = when.model_in ?? [];
  return [
    ...(models.length > 0 ? [{ kind: 'member', signal: 'model', members: models } as const] : []),
    ...equal('tag', when.tag_equals),
    ...equal('content_type', when.content_type),
    ...equal('has_images', when.has_images),
    ...equal('has_audio', when.has_audio),
    ...equal('has_documents', when.has_documents),
    ...equal('reasoning_class', when.not_reasoning_class === true ? false : undefined),
    ...bound('less', 'input_tokens', when.input_tokens_lt),
    ...bound('greater', 'input_tokens', when.input_tokens_gt),
    ...bound('less', 'estimated_cost_usd', when.estimated_cost_lt),
    ...bound('greater', 'estimated_cost_usd', when.estimated_cost_gt),
    ...bound('greater', 'upstream_p95_ms', when.upstream_latency_ms_p95_gt),
  ];
}

function equal(signal: Signal, value: Conditions['tag_equals' | 'has_images']): ConditionTest[] {
  return value === undefined || value === null ? [] : [{ kind: 'equal', signal, bound: value }];
}

function bound(kind: 'less' | 'greater', signal: Signal, value: number | null | undefined): ConditionTest[] {
  return value === undefined || value === null ? [] : [{ kind, signal, bound: value }];
}
