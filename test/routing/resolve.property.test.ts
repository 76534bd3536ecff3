// The engine against the naive reading of the rules (test/support/naive-resolve.ts), on random routes and requests.
// They are drawn from small alphabets, so that routes match, tie and shadow one another all the time.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compileTable } from '../../src/routing/compile.js';
import type { ResolveRequest } from '../../src/routing/request.js';
import { resolve } from '../../src/routing/resolve.js';
import {
  type Action,
  type Conditions,
  CONTENT_TYPES,
  type Effects,
  type Route,
  inTableOrder,
} from '../../src/routing/route.js';
import type { Outcome } from '../../src/routing/table.js';
import { naiveResolve } from '../support/naive-resolve.js';

const RUNS = 20_000;
const REVISION = 7;

/** A bound of 0, either side of the sign bit, and the largest; neighbours, since bounds are strict. */
const UINTS = [0, 1, 2, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];
const COSTS = [-1, 0, 5e-324, 0.05, 0.1 + 0.2, 0.3, 1, 1e308];
const PRIORITIES = [0, 1, 100, 100, 100, 0x8000_0000, 0xffff_ffff];
/** Names that a plain object as a lookup table, a trim or a case folding would confuse. */
const TEXTS = ['', ' ', 'a', 'A', '__proto__', 'constructor', 'ß', 'ss', 'İ', 'i', 'K'];
const MODELS = ['', 'gpt-4o', 'GPT-4o', ' gpt-4o', '__proto__', 'toString', 'gpt-4ο'];
/** Pieces of prompts, and keywords too: lower-casing the whole is not lower-casing the pieces. */
const PROMPT_PIECES = [
  ...['', ' ', '\n', '.', '__proto__', 'a', 'A', '\u{1f600}', '\ufeff', 'é', 'e\u0301'],
  ...['i', 'I', 'İ', 'i\u0307', '\u0307', 'ı', 'İSTANBUL', 'istanbul', 'i\u0307stanbul'],
  ...['Σ', 'σ', 'ς', 'ΟΔΟΣ', 'οδος', 'οδοσ', 'Α', 'α', 'ß', 'ẞ', 'SS', 'ss'],
  ...['\u212a', 'K', 'k', '\u212b', 'å', '\u2126', 'ω', 'ſ', 's', 'ﬁ', 'fi', 'Ж', 'ж'],
];

const pick = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

const keyword = fc.oneof(
  { weight: 4, arbitrary: pick(PROMPT_PIECES) },
  { weight: 1, arbitrary: fc.array(pick(PROMPT_PIECES), { maxLength: 2 }).map((pieces) => pieces.join('')) },
);

/** Each condition there is: what else than absent it can be. */
const CONDITIONS: { readonly [K in keyof Conditions]-?: fc.Arbitrary<Conditions[K]> } = {
  model_in: fc.array(pick(MODELS), { maxLength: 4 }),
  input_tokens_lt: pick([null, ...UINTS]),
  input_tokens_gt: pick([null, ...UINTS]),
  tag_equals: pick([null, ...TEXTS]),
  has_images: pick([null, true, false]),
  has_audio: pick([null, true, false]),
  has_documents: pick([null, true, false]),
  prompt_contains_any_of: fc.array(keyword, { maxLength: 3 }),
  estimated_cost_gt: pick([null, ...COSTS]),
  estimated_cost_lt: pick([null, ...COSTS]),
  content_type: pick([null, ...CONTENT_TYPES]),
  upstream_latency_ms_p95_gt: pick([null, ...UINTS]),
  not_reasoning_class: fc.boolean(),
};

type Condition = keyof Conditions;

/** Few conditions, so that all hold often enough: any condition, one after the other, a later one taking over. */
const conditions: fc.Arbitrary<Conditions> = fc
  .array(
    fc.oneof(
      ...(Object.keys(CONDITIONS) as Condition[]).map((condition) =>
        (CONDITIONS[condition] as fc.Arbitrary<unknown>).map((bound) => [condition, bound] as const),
      ),
    ),
    { maxLength: 4 },
  )
  .map((entries) => Object.fromEntries(entries));

const ACTIONS: readonly Action[] = [
  {},
  { target_model: null, fallbacks: [], disable_cache: false, max_cost_usd: null, effects: {} },
  { target_model: 'one', fallbacks: ['two', 'three'], effects: { redact: true, compress: true } },
  { target_model: '__proto__', disable_cache: true, max_cost_usd: 0.5, effects: { redact: false } },
  { fallbacks: ['only'], disable_cache: true, max_cost_usd: 0 },
  { target_model: '', effects: JSON.parse('{"__proto__":{"redact":true},"flex":[1,{"a":null}]}') as Effects },
];

const NAMES = ['a', 'A', 'a ', '__proto__', 'ß', ''];

const routeList: fc.Arbitrary<Route[]> = fc
  .array(
    fc.record({
      name: pick(NAMES),
      priority: pick(PRIORITIES),
      enabled: pick([true, true, true, false]),
      paused: pick([false, false, true]),
      when: conditions,
      then: pick(ACTIONS),
    }),
    { maxLength: 8 },
  )
  .map((drafts) => drafts.map((draft, index) => ({ id: `id-${index}`, ...draft })));

/** Each signal there is; the last of the alphabets are values that no route has. */
const SIGNALS: { readonly [K in keyof ResolveRequest]-?: fc.Arbitrary<ResolveRequest[K]> } = {
  model: pick([...MODELS, 'other']),
  input_tokens: pick([undefined, ...UINTS]),
  tag: pick([undefined, ...TEXTS, 'other']),
  prompt: fc
    .array(pick(PROMPT_PIECES), { maxLength: 4 })
    .map((pieces): string | undefined => pieces.join('')),
  has_images: pick([undefined, true, false]),
  has_audio: pick([undefined, true, false]),
  has_documents: pick([undefined, true, false]),
  estimated_cost_usd: pick([undefined, ...COSTS]),
  content_type: pick([undefined, ...CONTENT_TYPES, 'JSON', 'xml', '']),
  upstream_p95_ms: pick([undefined, ...UINTS]),
  reasoning_class: pick([undefined, true, false]),
  force_route: fc.oneof(
    { weight: 5, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: pick([...NAMES, 'other']) },
  ),
};

/** What a gateway doesn't know may be absent, or be there without a value. */
const request = fc.record(SIGNALS, { requiredKeys: ['model'] }) as fc.Arbitrary<ResolveRequest>;

function engineResolve(routes: readonly Route[], asked: ResolveRequest): Outcome {
  const enabled = inTableOrder(routes).filter((route) => route.enabled);
  return resolve(compileTable(enabled, REVISION), asked);
}

describe('the engine', () => {
  it('decides as the naive reading of the rules does, whatever the routes and the request', () => {
    fc.assert(
      fc.property(routeList, request, (routes, asked) => {
        assert.deepEqual(engineResolve(routes, asked), {
          ...naiveResolve(routes, asked),
          revision: REVISION,
        });
      }),
      { numRuns: RUNS },
    );
  });

  it('is shown enough by these alphabets: every kind of outcome, and every condition that holds or fails', () => {
    const seen = new Map<string, number>();
    const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
    for (const [routes, asked] of fc.sample(fc.tuple(routeList, request), { numRuns: 4000, seed: 1 })) {
      const { reason, paused, route_id } = naiveResolve(routes, asked);
      count(reason);
      if (paused) count('paused');
      if (asked.force_route !== undefined) count(`forced ${reason}`);
      const selected = routes.find(({ id }) => id === route_id);
      if (selected !== undefined) {
        const rivals = routes.filter((route) => route.enabled && route !== selected);
        if (rivals.some((route) => naiveResolve([route], asked).reason === 'matched')) count('shadowing');
      }
      for (const { when } of routes) {
        for (const [condition, bound] of Object.entries(when) as [string, unknown][]) {
          const alone = { ...asked, force_route: undefined };
          const only: Route = {
            ...{ id: '', name: '', priority: 0, enabled: true, paused: false, then: {} },
            when: { [condition]: bound },
          };
          count(`${condition} ${naiveResolve([only], alone).reason}`);
        }
      }
    }
    const expected = [
      ...['matched', 'no_match', 'no_such_route', 'paused', 'shadowing'],
      ...['forced matched', 'forced no_such_route'],
      ...Object.keys(CONDITIONS).flatMap((name) => [`${name} matched`, `${name} no_match`]),
    ];
    for (const what of expected) {
      assert.ok((seen.get(what) ?? 0) >= 100, `${what}: seen ${seen.get(what) ?? 0} times in 4000 runs`);
    }
  });
});
