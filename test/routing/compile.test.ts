// Tables: what becomes of routes when they are compiled, and that a table can be shipped to another thread.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compileTable } from '../../src/routing/compile.js';
import type { ResolveRequest } from '../../src/routing/request.js';
import { resolve, select } from '../../src/routing/resolve.js';
import { type Action, type Conditions, type Route, inTableOrder } from '../../src/routing/route.js';
import { FIRST_ROUTE, NO_MATCH, NO_SUCH_ROUTE, type Outcome } from '../../src/routing/table.js';

function makeRoute(name: string, more: Partial<Route> = {}): Route {
  const then = { target_model: `model-${name}` };
  return { id: `id-${name}`, name, priority: 100, enabled: true, paused: false, when: {}, then, ...more };
}

const matching = (table: ReturnType<typeof compileTable>, request: Partial<ResolveRequest> = {}): Outcome =>
  resolve(table, { model: 'gpt-4o', ...request });

function outcomeOf(then: Action, more: Partial<Route> = {}): Outcome {
  return matching(compileTable([makeRoute('r', { then, ...more })], 1));
}

describe('table order', () => {
  it('is by priority, the highest first, as numbers over all of unsigned 32 bits', () => {
    const priorities = [9, 10, 0, 2147483648, 1, 4294967295, 2147483647];
    const routes = priorities.map((priority) => makeRoute(`p${priority}`, { priority }));
    assert.deepEqual(
      inTableOrder(routes).map(({ priority }) => priority),
      [4294967295, 2147483648, 2147483647, 10, 9, 1, 0],
    );
  });

  it('is the order of creation among equals, whatever their names and ids, and however many', () => {
    const routes = Array.from({ length: 1000 }, (_, index) =>
      makeRoute(`n${999 - index}`, { id: `id-${(index * 7919) % 1000}`, priority: index % 3 }),
    );
    for (const priority of [0, 1, 2]) {
      assert.deepEqual(
        inTableOrder(routes).filter((route) => route.priority === priority),
        routes.filter((route) => route.priority === priority),
      );
    }
  });

  it('is made of a list that is left as it was', () => {
    const routes = Object.freeze([makeRoute('low', { priority: 1 }), makeRoute('high', { priority: 2 })]);
    assert.deepEqual(
      inTableOrder(routes).map(({ name }) => name),
      ['high', 'low'],
    );
    assert.equal(routes[0]?.name, 'low');
  });
});

describe('a table', () => {
  it('has the revision that it was compiled at, in every outcome', () => {
    const table = compileTable([makeRoute('a'), makeRoute('b')], 2 ** 40);
    assert.equal(table.revision, 2 ** 40);
    assert.equal(table.outcomes.length, 4);
    for (const outcome of table.outcomes) assert.equal(outcome.revision, 2 ** 40);
  });

  it('keeps its routes in the order in which they are given', () => {
    const table = compileTable(
      ['b', 'a', 'c'].map((name) => makeRoute(name)),
      1,
    );
    assert.deepEqual(
      table.outcomes.slice(FIRST_ROUTE).map(({ route }) => route),
      ['b', 'a', 'c'],
    );
    assert.equal(matching(table).route, 'b');
  });

  it('names the place of an outcome: of a route, of no match, of no such route', () => {
    const table = compileTable(
      [makeRoute('a', { when: { tag_equals: 't' } }), makeRoute('b', { when: { tag_equals: 'u' } })],
      1,
    );
    assert.equal(select(table, { model: '', tag: 't' }), FIRST_ROUTE);
    assert.equal(select(table, { model: '', tag: 'u' }), FIRST_ROUTE + 1);
    assert.equal(select(table, { model: '' }), NO_MATCH);
    assert.equal(select(table, { model: '', force_route: 'b' }), FIRST_ROUTE + 1);
    assert.equal(select(table, { model: '', force_route: 'c' }), NO_SUCH_ROUTE);
    assert.equal(select(table, { model: '', tag: 't', force_route: '' }), NO_SUCH_ROUTE);
  });

  it('of no routes decides that nothing matches', () => {
    const nothing = {
      ...{ route_id: null, route: null, target_model: null, fallbacks: [], disable_cache: false },
      ...{ max_cost_usd: null, effects: {}, paused: false, revision: 0 },
    };
    const table = compileTable([], 0);
    assert.deepEqual(matching(table), { ...nothing, reason: 'no_match' });
    assert.deepEqual(matching(table, { force_route: 'a' }), { ...nothing, reason: 'no_such_route' });
  });

  it('takes the first of two routes of the same name when it is forced', () => {
    const table = compileTable([makeRoute('a', { id: 'first' }), makeRoute('a', { id: 'second' })], 1);
    assert.equal(matching(table, { force_route: 'a' }).route_id, 'first');
  });

  it('says everything that its route says', () => {
    const then = {
      ...{ target_model: 't', fallbacks: ['f', 'g'], disable_cache: true, max_cost_usd: 0.25 },
      effects: { redact: true, compress: { level: 3 } },
    };
    assert.deepEqual(outcomeOf(then), {
      ...{ route_id: 'id-r', route: 'r', ...then },
      ...{ paused: false, reason: 'matched', revision: 1 },
    });
  });

  it('says nothing that its route leaves out', () => {
    const nothing = {
      target_model: null,
      fallbacks: [],
      disable_cache: false,
      max_cost_usd: null,
      effects: {},
    };
    for (const then of [{}, nothing]) {
      assert.deepEqual(outcomeOf(then), {
        ...{ route_id: 'id-r', route: 'r', ...nothing },
        ...{ paused: false, reason: 'matched', revision: 1 },
      });
    }
  });
});

describe('a paused route', () => {
  const then = {
    ...{ target_model: 't', fallbacks: ['f'], disable_cache: true, max_cost_usd: 0.25 },
    effects: { redact: true, compress: true },
  };

  it('is attributed, keeps the model, and keeps disable_cache, the limit of the cost and redact', () => {
    assert.deepEqual(outcomeOf(then, { paused: true }), {
      ...{ route_id: 'id-r', route: 'r', target_model: null, fallbacks: [], disable_cache: true },
      ...{ max_cost_usd: 0.25, effects: { redact: true } },
      ...{ paused: true, reason: 'matched', revision: 1 },
    });
  });

  it('keeps redact as its route says it, and adds none where there is none', () => {
    assert.deepEqual(outcomeOf({ effects: { redact: false } }, { paused: true }).effects, { redact: false });
    assert.deepEqual(outcomeOf({ effects: { redact: ['email'], a: 1 } }, { paused: true }).effects, {
      redact: ['email'],
    });
    assert.deepEqual(outcomeOf({ effects: { compress: true } }, { paused: true }).effects, {});
    const inherited = JSON.parse('{"__proto__":{"redact":true}}') as Record<string, unknown>;
    assert.deepEqual(outcomeOf({ effects: inherited }, { paused: true }).effects, {});
  });

  it('ends the walk, so that no route behind it is taken', () => {
    const table = compileTable([makeRoute('held', { paused: true }), makeRoute('next')], 1);
    assert.deepEqual([matching(table).route, matching(table).target_model], ['held', null]);
  });

  it('is still paused when it is forced', () => {
    const routes = [makeRoute('next'), makeRoute('held', { paused: true, when: { tag_equals: 't' } })];
    const forced = matching(compileTable(routes, 1), { force_route: 'held' });
    assert.deepEqual([forced.route, forced.paused, forced.target_model], ['held', true, null]);
  });
});

/** Every condition at once, and a request that meets them all. */
const ALL_CONDITIONS: Required<Conditions> = {
  model_in: ['a', 'gpt-4o'],
  input_tokens_lt: 4294967295,
  input_tokens_gt: 0,
  tag_equals: '',
  has_images: false,
  has_audio: true,
  has_documents: false,
  prompt_contains_any_of: ['x', 'İSTANBUL', 'ΟΔΟΣ'],
  estimated_cost_gt: 0,
  estimated_cost_lt: 1e308,
  content_type: 'diff',
  upstream_latency_ms_p95_gt: 2147483648,
  not_reasoning_class: true,
};
const MEETS_ALL: ResolveRequest = {
  model: 'gpt-4o',
  input_tokens: 2147483648,
  tag: '',
  prompt: 'ΟΔΟΣ ΟΔΟΣ.',
  has_images: false,
  has_audio: true,
  has_documents: false,
  estimated_cost_usd: 5e-324,
  content_type: 'diff',
  upstream_p95_ms: 4294967295,
  reasoning_class: false,
};

describe('compiling', () => {
  it('makes a test of every condition: a request that meets all matches, and without any one signal none', () => {
    const table = compileTable([makeRoute('r', { when: ALL_CONDITIONS })], 1);
    assert.equal(resolve(table, MEETS_ALL).reason, 'matched');
    for (const signal of Object.keys(MEETS_ALL)) {
      const without = { ...MEETS_ALL, [signal]: undefined };
      assert.equal(resolve(table, without).reason, 'no_match', signal);
    }
  });

  it('makes no test of a condition that is null, empty or not_reasoning_class: false', () => {
    const inactive: Required<Conditions> = {
      ...{ model_in: [], prompt_contains_any_of: [], not_reasoning_class: false },
      ...{ input_tokens_lt: null, input_tokens_gt: null, tag_equals: null, content_type: null },
      ...{ has_images: null, has_audio: null, has_documents: null },
      ...{ estimated_cost_gt: null, estimated_cost_lt: null, upstream_latency_ms_p95_gt: null },
    };
    const table = compileTable([makeRoute('r', { when: inactive })], 1);
    assert.equal(resolve(table, { model: '' }).reason, 'matched');
    assert.deepEqual(table.index, compileTable([makeRoute('r', { when: {} })], 1).index);
  });

  it('leaves the routes as they were, deeply frozen ones too', () => {
    const effects = { redact: true, nested: [{ a: 1 }] };
    const then = { target_model: 't', fallbacks: ['f'], effects };
    const routes = [
      makeRoute('low', { when: ALL_CONDITIONS, then, paused: true }),
      makeRoute('high', { when: ALL_CONDITIONS, then, priority: 200 }),
    ];
    const before = structuredClone(routes);
    const table = compileTable(deepFreeze(routes), 1);
    resolve(table, MEETS_ALL);
    assert.deepEqual(routes, before);
  });
});

describe('a table that was shipped to another thread', () => {
  it('decides as the one that was compiled', () => {
    const routes = [
      makeRoute('all', { when: ALL_CONDITIONS, paused: true }),
      makeRoute('__proto__', { when: { model_in: ['__proto__'], prompt_contains_any_of: ['ß'] } }),
      makeRoute('zero', { when: { input_tokens_lt: 1, has_images: false } }),
      makeRoute('effects', {
        when: { tag_equals: 'e' },
        then: {
          effects: JSON.parse('{"__proto__":{"a":[null]},"constructor":1}') as Record<string, unknown>,
        },
      }),
    ];
    const table = compileTable(routes, 3);
    const shipped = structuredClone(table);
    assert.deepEqual(shipped, table);
    const requests = fc.record(
      {
        model: fc.constantFrom('gpt-4o', '__proto__', ''),
        input_tokens: fc.constantFrom(0, 1, MEETS_ALL.input_tokens),
        tag: fc.constantFrom('', 'e'),
        prompt: fc.constantFrom('ß', 'ss', 'οδος', MEETS_ALL.prompt),
        has_images: fc.boolean(),
        has_audio: fc.constant(true),
        has_documents: fc.constant(false),
        estimated_cost_usd: fc.constantFrom(0, MEETS_ALL.estimated_cost_usd),
        content_type: fc.constant('diff'),
        upstream_p95_ms: fc.constant(4294967295),
        reasoning_class: fc.boolean(),
        force_route: fc.constantFrom(undefined, undefined, undefined, 'zero', '__proto__', 'none'),
      },
      { requiredKeys: ['model'] },
    ) as fc.Arbitrary<ResolveRequest>;
    fc.assert(
      fc.property(requests, (request) => {
        assert.deepEqual(resolve(shipped, request), resolve(table, request));
      }),
      { examples: [[MEETS_ALL], [{ model: '', tag: 'e' }], [{ model: '__proto__', prompt: 'ẞ' }]] },
    );
  });
});

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
