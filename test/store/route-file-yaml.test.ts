// What YAML brings with it, and what becomes of it in a route file: syntax errors, aliases, tags, keys of all kinds, and
// values that look like others.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Route } from '../../src/routing/route.js';
import { formatProblem, parseRouteFile } from '../../src/store/route-file.js';
import { org } from '../support/routes.js';

/** Every problem as `line:column path code`, the paths without the org and the route. */
function problemsOf(text: string): string[] {
  const parsed = parseRouteFile(text);
  assert.ok(!parsed.ok, 'the file was expected to be refused');
  return parsed.problems.map(
    ({ line, column, path, code }) => `${line}:${column} ${path.replace(`orgs.${org(1)}[0].`, '')} ${code}`,
  );
}

function onlyRoute(text: string): Route {
  const parsed = parseRouteFile(text);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.problems.map((each) => formatProblem('', each)).join('\n'));
  const [route, another] = parsed.file.orgs.get(org(1)) ?? [];
  assert.ok(route !== undefined && another === undefined);
  return structuredClone(route);
}

/** A file with one org and one route, whose fields begin on line 3, in column 7. */
const withRoute = (...fields: readonly string[]): string =>
  `orgs:\n  ${org(1)}:\n    - ${fields.join('\n      ')}\n`;

describe('a route file that is not YAML', () => {
  it('is refused with the place of each syntax error', () => {
    assert.deepEqual(problemsOf('orgs: {\n'), ['2:1  syntax']);
    assert.deepEqual(problemsOf(withRoute('name: "never closed')), ['4:1  syntax']);
    assert.deepEqual(problemsOf(withRoute('name: "a" b')), ['3:17  syntax']);
    assert.deepEqual(
      problemsOf(withRoute('name: a', 'name: b', 'then: { target_model: m, target_model: n }')),
      ['4:7  syntax', '5:32  syntax'],
    );
  });

  it('is refused when it holds several documents, with the place of the second', () => {
    assert.deepEqual(problemsOf('orgs: {}\n---\norgs: {}\n'), ['2:1  syntax']);
  });

  // Running out of stack in the middle of reading has ended the whole process.
  const tooDeep = {
    'lists in brackets': ['['.repeat(50_000), 1],
    'maps in braces': [withRoute('name: a', `then: { effects: ${'{ a: '.repeat(5000)}`), 4],
    'lists of lists': [`orgs:\n  ${'- '.repeat(5000)}`, 2],
    'keys that are maps': [`\n\n${'? '.repeat(5000)}`, 3],
    'maps by indentation': [
      Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join(''),
      65,
    ],
  } as const;
  for (const [what, [text, line]] of Object.entries(tooDeep)) {
    it(`is refused, and stops nothing, when it is nested out of all reason: ${what}`, () => {
      const [problem, another] = problemsOf(text);
      assert.ok(problem?.startsWith(`${line}:`) && problem.endsWith(' syntax'), problem);
      assert.equal(another, undefined);
    });
  }

  it('may be nested as deep as effects may be', () => {
    const effects = `${'{ a: '.repeat(16)}1${' }'.repeat(16)}`;
    assert.ok(onlyRoute(withRoute('name: a', `then: { effects: ${effects} }`)).then.effects !== undefined);
  });
});

describe('an alias in a route file', () => {
  it('is what its anchor is', () => {
    const parsed = parseRouteFile(`orgs:
  ${org(1)}:
    - name: &name a
      when: &when
        model_in: &models [gpt-4o, gpt-4.1]
      then: { target_model: *name, fallbacks: *models }
    - { name: b, when: *when, then: { target_model: m } }
  ${org(2)}: &routes
    - { name: c, then: { target_model: m } }
  ${org(3)}: *routes
`);
    assert.ok(parsed.ok);
    const [a, b] = parsed.file.orgs.get(org(1)) ?? [];
    assert.deepEqual([a?.then.target_model, a?.then.fallbacks], ['a', ['gpt-4o', 'gpt-4.1']]);
    assert.deepEqual(b?.when.model_in, ['gpt-4o', 'gpt-4.1']);
    assert.equal(parsed.file.orgs.get(org(3))?.[0]?.name, 'c');
  });

  it('may be used by hundreds of routes', () => {
    const first = withRoute('name: first', 'when: { model_in: &models [a, b] }', 'then: { target_model: m }');
    const more = Array.from(
      { length: 500 },
      (_, index) => `    - { name: r${index}, when: { model_in: *models }, then: { target_model: m } }\n`,
    );
    const parsed = parseRouteFile(first + more.join(''));
    assert.ok(parsed.ok);
    assert.deepEqual(parsed.file.orgs.get(org(1))?.at(-1)?.when.model_in, ['a', 'b']);
  });

  it('is refused where its anchor is missing or comes later, with its place', () => {
    const text = withRoute(
      'name: *nobody',
      'when: { tag_equals: *later }',
      'then: { target_model: &later m }',
    );
    assert.deepEqual(problemsOf(text), ['3:13  syntax', '4:27  syntax']);
  });

  it('is refused where it stands for something that it is part of', () => {
    assert.deepEqual(problemsOf(withRoute('name: a', 'then: { effects: &e { e: *e } }')), ['1:1  syntax']);
  });

  it('is refused where aliases of aliases would fill the memory', () => {
    const levels = Array.from({ length: 9 }, (_, level) => {
      const item = level === 0 ? 'lol' : `*l${level - 1}`;
      return `l${level}: &l${level} [${Array(10).fill(item).join(', ')}]\n`;
    });
    assert.deepEqual(problemsOf(`${levels.join('')}orgs: {}\n`), ['1:1  syntax']);
  });
});

describe('a key in a route file', () => {
  it('that other programs choke on is a key like any other', () => {
    assert.deepEqual(problemsOf('__proto__: {}\norgs: {}\n'), ['1:1 __proto__ unknown_field']);
    assert.deepEqual(problemsOf('orgs: { __proto__: [] }\n'), ['1:9 orgs.__proto__ invalid_field']);
    const fields = ['name: a', '__proto__: { paused: true }', 'constructor: 1', 'then: { toString: x }'];
    assert.deepEqual(problemsOf(withRoute(...fields)), [
      '4:7 __proto__ unknown_field',
      '5:7 constructor unknown_field',
      '6:7 then no_effect',
      '6:15 then.toString unknown_field',
    ]);
    const { then } = onlyRoute(withRoute('name: a', 'then: { effects: { __proto__: { a: 1 } } }'));
    assert.equal(JSON.stringify(then), '{"effects":{"__proto__":{"a":1}}}');
    assert.ok(!('a' in {}), 'nothing was changed that everything inherits from');
  });

  it('is text, and nothing but text', () => {
    const { then } = onlyRoute(
      withRoute('name: a', 'then: { effects: { 1: one, true: yes, null: none, 1.50: x } }'),
    );
    assert.deepEqual(then.effects, { '1': 'one', true: 'yes', null: 'none', '1.50': 'x' });
    assert.deepEqual(problemsOf('orgs:\n  ? [a, b]\n  : []\n'), ['2:5  syntax']);
    assert.deepEqual(problemsOf('orgs:\n  !!int 1: []\n'), ['2:3  syntax']);
  });

  it('merges nothing: << is a key that no route has', () => {
    assert.deepEqual(problemsOf(withRoute('name: a', '<<: { paused: true }', 'then: { target_model: m }')), [
      '4:7 << unknown_field',
    ]);
  });
});

describe('a value in a route file', () => {
  it('is text where older YAML would see something else', () => {
    const models = [
      'no',
      'on',
      'yes',
      'off',
      'y',
      '2024-01-01',
      '2001-12-14t21:59:43.10-05:00',
      '12:30:45',
      '1_000',
    ];
    const route = onlyRoute(
      withRoute(
        'name: no',
        `when: { model_in: [${models.join(', ')}] }`,
        'then: { target_model: 2024-01-01 }',
      ),
    );
    assert.equal(route.name, 'no');
    assert.deepEqual(route.when.model_in, models);
    assert.equal(route.then.target_model, '2024-01-01');
  });

  it('is a number in every notation that YAML has', () => {
    const route = onlyRoute(
      withRoute(
        'name: a',
        'priority: 0x10',
        'when: { input_tokens_lt: 1e3, input_tokens_gt: 0o17, estimated_cost_gt: .5, upstream_latency_ms_p95_gt: 010 }',
        'then: { max_cost_usd: 12.0 }',
      ),
    );
    assert.equal(route.priority, 16);
    assert.deepEqual(route.when, {
      input_tokens_lt: 1000,
      input_tokens_gt: 15,
      estimated_cost_gt: 0.5,
      upstream_latency_ms_p95_gt: 10,
    });
    assert.equal(route.then.max_cost_usd, 12);
  });

  it('is refused where another kind is expected, however alike they look', () => {
    const text = withRoute(
      'name: 123',
      'priority: "7"',
      'enabled: no',
      'when:',
      '  model_in: gpt-4o',
      '  input_tokens_lt: 1_000',
      '  tag_equals: 5',
      '  has_images: "false"',
      '  not_reasoning_class: ~',
      '  prompt_contains_any_of: [true, ~]',
      'then: { target_model: { m: 1 }, fallbacks: ~, disable_cache: on, effects: [a] }',
    );
    assert.deepEqual(problemsOf(text), [
      '3:7 name invalid_field',
      '4:7 priority invalid_field',
      '5:7 enabled invalid_field',
      '7:9 when.model_in invalid_field',
      '8:9 when.input_tokens_lt invalid_field',
      '9:9 when.tag_equals invalid_field',
      '10:9 when.has_images invalid_field',
      '11:9 when.not_reasoning_class invalid_field',
      '12:34 when.prompt_contains_any_of[0] invalid_field',
      '12:40 when.prompt_contains_any_of[1] invalid_field',
      '13:15 then.target_model invalid_field',
      '13:39 then.fallbacks invalid_field',
      '13:53 then.disable_cache invalid_field',
      '13:72 then.effects invalid_field',
    ]);
  });

  it('is refused where it is missing behind its key', () => {
    assert.deepEqual(problemsOf(withRoute('name:', 'priority:', 'when:', 'then:')), [
      '3:7 name invalid_field',
      '4:7 priority invalid_field',
      '5:7 when invalid_field',
      '6:7 then invalid_field',
    ]);
  });

  it('is refused where it is no finite number, or none that fits', () => {
    const text = withRoute(
      'name: a',
      'priority: 4294967296',
      'when: { input_tokens_lt: -1, input_tokens_gt: 0.5, estimated_cost_gt: 1e999, estimated_cost_lt: .nan }',
      'then: { max_cost_usd: .inf, effects: { deep: [1, 1e999] } }',
    );
    assert.deepEqual(problemsOf(text), [
      '4:7 priority invalid_field',
      '5:15 when.input_tokens_lt invalid_field',
      '5:36 when.input_tokens_gt invalid_field',
      '5:58 when.estimated_cost_gt out_of_range',
      '5:84 when.estimated_cost_lt out_of_range',
      '6:15 then.max_cost_usd out_of_range',
      '6:56 then.effects.deep[1] invalid_field',
    ]);
  });

  it('is refused where its tag means nothing here, and never taken without it', () => {
    assert.deepEqual(problemsOf(withRoute('name: !env NAME', 'then: { target_model: !secret m }')), [
      '3:13  syntax',
      '4:29  syntax',
    ]);
    const tagged = onlyRoute(withRoute('name: !!str 5', 'then: { target_model: m }'));
    assert.equal(tagged.name, '5');
  });
});
