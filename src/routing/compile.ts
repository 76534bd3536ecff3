// Compiles an org's routes into a table. Runs on the main thread whenever routes change; everything that can be
// worked out before a request comes is worked out here.
import { writeIndex } from './index/write-index.js';
import type { Effects, Route } from './route.js';
import { FIRST_ROUTE, NO_SUCH_ROUTE, type Outcome, type Table } from './table.js';

/** @param routes every enabled route of one org, in table order. */
export function compileTable(routes: readonly Route[], revision: number): Table {
  const rows = routes.map(({ when }, index) => ({ when, outcome: FIRST_ROUTE + index }));
  const names = new Map<string, number>();
  // Names need not be unique: the first route of a name is the one that is forced.
  for (const [index, { name }] of routes.entries())
    if (!names.has(name)) names.set(name, FIRST_ROUTE + index);
  return {
    revision,
    index: writeIndex(rows, names, NO_SUCH_ROUTE),
    outcomes: [
      withoutRoute('no_match', revision),
      withoutRoute('no_such_route', revision),
      ...routes.map((route) => outcomeOf(route, revision)),
    ],
  };
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
