// Compiles an org's routes into a table. Runs on the main thread whenever routes change; everything that can be
// worked out before a request comes is worked out here.
import type { Effects, Route } from './route.js';
import type { ConditionTest, Outcome, Row, Table } from './table.js';

/** @param routes every enabled route of one org, in table order. */
export function compileTable(routes: readonly Route[], revision: number): Table {
  return {
    revision,
    rows: routes.map(compileRow),
    outcomes: [
      withoutRoute('no_match', revision),
      withoutRoute('no_such_route', revision),
      ...routes.map((route) => outcomeOf(route, revision)),
    ],
  };
}

function compileRow(route: Route): Row {
  return { name: route.name, tests: compileConditions(route) };
}

/** Only the active conditions become tests. A bound of 0 is active, and so are `false` and the empty text. */
function compileConditions({ when }: Route): ConditionTest[] {
  const tests: ConditionTest[] = [];
  const isActive = <T>(bound: T | null | undefined): bound is T => bound !== undefined && bound !== null;

  // Cheap tests first; the prompt, which may be long, last. The order doesn't change what matches.
  if (isActive(when.input_tokens_lt))
    tests.push({ kind: 'less', signal: 'input_tokens', bound: when.input_tokens_lt });
  if (isActive(when.input_tokens_gt))
    tests.push({ kind: 'greater', signal: 'input_tokens', bound: when.input_tokens_gt });
  if (isActive(when.estimated_cost_lt)) {
    tests.push({ kind: 'less', signal: 'estimated_cost_usd', bound: when.estimated_cost_lt });
  }
  if (isActive(when.estimated_cost_gt)) {
    tests.push({ kind: 'greater', signal: 'estimated_cost_usd', bound: when.estimated_cost_gt });
  }
  if (isActive(when.upstream_latency_ms_p95_gt)) {
    tests.push({ kind: 'greater', signal: 'upstream_p95_ms', bound: when.upstream_latency_ms_p95_gt });
  }
  if (isActive(when.has_images)) tests.push({ kind: 'equal', signal: 'has_images', bound: when.has_images });
  if (isActive(when.has_audio)) tests.push({ kind: 'equal', signal: 'has_audio', bound: when.has_audio });
  if (isActive(when.has_documents))
    tests.push({ kind: 'equal', signal: 'has_documents', bound: when.has_documents });
  if (when.not_reasoning_class === true)
    tests.push({ kind: 'equal', signal: 'reasoning_class', bound: false });
  if (isActive(when.tag_equals)) tests.push({ kind: 'equal', signal: 'tag', bound: when.tag_equals });
  if (isActive(when.content_type))
    tests.push({ kind: 'equal', signal: 'content_type', bound: when.content_type });
  if (when.model_in !== undefined && when.model_in.length > 0) {
    tests.push({ kind: 'member', signal: 'model', members: when.model_in });
  }
  if (when.prompt_contains_any_of !== undefined && when.prompt_contains_any_of.length > 0) {
    const keywords = when.prompt_contains_any_of.map((keyword) => keyword.toLowerCase());
    tests.push({ kind: 'contains', signal: 'prompt', keywords });
  }
  return tests;
}

/**
 * A paused route is attributed but changes neither model, fallbacks nor effects; what protects somebody
 * (`disable_cache`, the cost limit, the effect `redact`) stays.
 */
function outcomeOf(route: Route, revision: number): Outcome {
  const { then, paused } = route;
  return {
    route_id: route.id,
    route: route.name,
    target_model: paused ? null : (then.target_model ?? null),
    fallbacks: paused ? [] : (then.fallbacks ?? []),
    disable_cache: then.disable_cache ?? false,
    max_cost_usd: then.max_cost_usd ?? null,
    effects: paused ? onlyRedact(then.effects ?? {}) : (then.effects ?? {}),
    paused,
    reason: 'matched',
    revision,
  };
}

function onlyRedact(effects: Effects): Effects {
  return Object.hasOwn(effects, 'redact') ? { redact: effects['redact'] } : {};
}

function withoutRoute(reason: 'no_match' | 'no_such_route', revision: number): Outcome {
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
    revision,
  };
}
