// What a request must get, told once more and as plainly as it can be: no table, no order of tests, nothing worked
// out beforehand. Shares no code with src/, only its types; the engine is compared with it.
import type { ResolveRequest } from '../../src/routing/request.js';
import type { Conditions, Effects, Route } from '../../src/routing/route.js';
import type { Outcome } from '../../src/routing/table.js';

/** @param routes one org's routes in creation order, disabled ones too. */
export function naiveResolve(routes: readonly Route[], request: ResolveRequest): Omit<Outcome, 'revision'> {
  const { force_route: forced } = request;
  const candidates = routes
    .filter((route) => route.enabled)
    .filter((route) => (isGiven(forced) ? route.name === forced : holds(route.when, request)));
  // Only a higher priority takes the place of a route that was created earlier.
  const [first, ...others] = candidates;
  if (first === undefined) return nothing(isGiven(forced) ? 'no_such_route' : 'no_match');
  const { id, name, paused, then } = others.reduce((a, b) => (b.priority > a.priority ? b : a), first);
  return {
    route_id: id,
    route: name,
    target_model: isGiven(then.target_model) && !paused ? then.target_model : null,
    fallbacks: isGiven(then.fallbacks) && !paused ? then.fallbacks : [],
    disable_cache: isGiven(then.disable_cache) ? then.disable_cache : false,
    max_cost_usd: isGiven(then.max_cost_usd) ? then.max_cost_usd : null,
    effects: isGiven(then.effects) ? (paused ? only('redact', then.effects) : then.effects) : {},
    paused,
    reason: 'matched',
  };
}

/** All present conditions must hold. A signal that isn't given fails each that looks at it. */
function holds(when: Conditions, request: ResolveRequest): boolean {
  const prompt = request.prompt?.toLowerCase();
  return [
    isEmpty(when.model_in) || when.model_in.some((model) => model === request.model),
    !isGiven(when.input_tokens_lt) || below(request.input_tokens, when.input_tokens_lt),
    !isGiven(when.input_tokens_gt) || below(when.input_tokens_gt, request.input_tokens),
    !isGiven(when.tag_equals) || same(request.tag, when.tag_equals),
    !isGiven(when.has_images) || same(request.has_images, when.has_images),
    !isGiven(when.has_audio) || same(request.has_audio, when.has_audio),
    !isGiven(when.has_documents) || same(request.has_documents, when.has_documents),
    isEmpty(when.prompt_contains_any_of) ||
      (isGiven(prompt) && when.prompt_contains_any_of.some((word) => prompt.includes(word.toLowerCase()))),
    !isGiven(when.estimated_cost_gt) || below(when.estimated_cost_gt, request.estimated_cost_usd),
    !isGiven(when.estimated_cost_lt) || below(request.estimated_cost_usd, when.estimated_cost_lt),
    !isGiven(when.content_type) || same(request.content_type, when.content_type),
    !isGiven(when.upstream_latency_ms_p95_gt) ||
      below(when.upstream_latency_ms_p95_gt, request.upstream_p95_ms),
    !isGiven(when.not_reasoning_class) || !when.not_reasoning_class || same(request.reasoning_class, false),
  ].every((condition) => condition);
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

function isEmpty(list: readonly string[] | null | undefined): list is undefined {
  return !isGiven(list) || list.length === 0;
}

/** Strictly, and only if both are known. */
function below(a: number | undefined, b: number | undefined): boolean {
  return isGiven(a) && isGiven(b) && a < b;
}

function same<T>(signal: T | undefined, bound: T): boolean {
  return isGiven(signal) && signal === bound;
}

function only(key: string, effects: Effects): Effects {
  return Object.fromEntries(Object.entries(effects).filter(([name]) => name === key));
}

function nothing(reason: 'no_match' | 'no_such_route'): Omit<Outcome, 'revision'> {
  return {
    route_id: null,
    route: null,
    target_model: null,
    fallbacks: [],
    disable_cache: false,
    max_cost_usd: null,
    effects: {},
    paused: false,
    reason,
  };
}
