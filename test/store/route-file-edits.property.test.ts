// Any route that a writer may say can be written to a route file, and is read from it as it was given.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CONTENT_TYPES, type RouteDraft, UINT32_MAX } from '../../src/routing/route.js';
import { appendRoute, changeRoute } from '../../src/store/route-file-edits.js';
import { type RouteFile, parseRouteFile } from '../../src/store/route-file.js';
import { org, route } from '../support/routes.js';

/** Where a new route goes: into nothing, behind others in both of YAML's styles, into JSON. */
const sources = [
  'orgs: {}\n',
  `orgs:\n  ${org(1)}:\n    - name: a\n      then:\n        target_model: m\n`,
  `orgs: { ${org(1)}: [{ name: a, then: { target_model: m } }] } # in one line\n`,
  '{"orgs": {}}',
];

// What means something to YAML, what needs an escape, half of a surrogate pair, and anything else.
const characters = fc.oneof(
  fc.constantFrom(
    ...Array.from(' \n\r\t:#,[]{}&*!|>\'"%@`-?\\~0.eN'),
    '\u0085',
    '\u2028',
    '\ufeff',
    '\ud800',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const text = fc.string({ unit: characters }).filter((value) => /\P{White_Space}/u.test(value));
const texts = fc.uniqueArray(text, { maxLength: 4 });
const uint32 = fc.integer({ min: 0, max: UINT32_MAX });
const cost = fc.double({ min: 0, minExcluded: true, noNaN: true, noDefaultInfinity: true });
// JSON has one zero.
const json = fc.jsonValue({ maxDepth: 3 }).map((value): unknown => JSON.parse(JSON.stringify(value)));

const drafts: fc.Arbitrary<RouteDraft> = fc.record({
  name: text,
  priority: uint32,
  enabled: fc.boolean(),
  when: fc.record(
    {
      model_in: texts,
      input_tokens_lt: fc.option(uint32),
      tag_equals: fc.option(text),
      has_images: fc.option(fc.boolean()),
      prompt_contains_any_of: texts,
      estimated_cost_gt: fc.option(cost),
      content_type: fc.option(fc.constantFrom(...CONTENT_TYPES)),
      not_reasoning_class: fc.boolean(),
    },
    { requiredKeys: [] },
  ),
  then: fc.record({
    target_model: text,
    effects: fc.dictionary(fc.oneof(text, fc.constant('__proto__')), json),
  }),
});

function parsed(source: string): RouteFile {
  const file = parseRouteFile(source);
  assert.ok(file.ok, source);
  return file.file;
}

describe('any route that a writer may say', () => {
  it('can be added to a file, and a route of the file be changed to it', () => {
    fc.assert(
      fc.property(drafts, drafts, fc.constantFrom(...sources), (first, second, source) => {
        const id = '11111111-2222-4333-8444-55555555555a';
        const added = appendRoute(parsed(source), org(1), route('', { ...first, id })).text;
        const before = parsed(added).orgs.get(org(1))?.at(-1);
        assert.ok(before !== undefined);
        assert.deepEqual(structuredClone(before), structuredClone({ ...first, id, paused: false }));
        const changed = changeRoute(parsed(added), org(1), before, second)?.text;
        const after = parsed(changed ?? added)
          .orgs.get(org(1))
          ?.at(-1);
        assert.deepEqual(structuredClone(after), structuredClone({ ...second, id, paused: false }));
      }),
      { numRuns: 200, includeErrorInReport: true },
    );
  });
});
