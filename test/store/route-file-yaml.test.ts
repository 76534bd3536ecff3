// What YAML brings with it, and what becomes of it in a route file: syntax errors, nesting, aliases, keys of all kinds.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRouteFile } from '../../src/store/route-file.js';
import { onlyRoute, routeProblemsOf, withRoute } from '../support/route-file-text.js';
import { org } from '../support/routes.js';

describe('a route file that is not YAML', () => {
  it('is refused with the place of each syntax error', () => {
    assert.deepEqual(routeProblemsOf('orgs: {\n'), ['2:1  syntax']);
    assert.deepEqual(routeProblemsOf(withRoute('name: "never closed')), ['4:1  syntax']);
    assert.deepEqual(routeProblemsOf(withRoute('name: "a" b')), ['3:17  syntax']);
    assert.deepEqual(
      routeProblemsOf(withRoute('name: a', 'name: b', 'then: { target_model: m, target_model: n }')),
      ['4:7  syntax', '5:32  syntax'],
    );
  });

  it('is refused when it holds several documents, with the place of the second', () => {
    assert.deepEqual(routeProblemsOf('orgs: {}\n---\norgs: {}\n'), ['2:1  syntax']);
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
      const [problem, another] = routeProblemsOf(text);
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
    assert.deepEqual(routeProblemsOf(text), ['3:13  syntax', '4:27  syntax']);
  });

  it('is refused where it stands for something that it is part of', () => {
    assert.deepEqual(routeProblemsOf(withRoute('name: a', 'then: { effects: &e { e: *e } }')), [
      '1:1  syntax',
    ]);
  });

  it('is refused where aliases of aliases would fill the memory', () => {
    const levels = Array.from({ length: 9 }, (_, level) => {
      const item = level === 0 ? 'lol' : `*l${level - 1}`;
      return `l${level}: &l${level} [${Array(10).fill(item).join(', ')}]\n`;
    });
    assert.deepEqual(routeProblemsOf(`${levels.join('')}orgs: {}\n`), ['1:1  syntax']);
  });
});

describe('a key in a route file', () => {
  it('that other programs choke on is a key like any other', () => {
    assert.deepEqual(routeProblemsOf('__proto__: {}\norgs: {}\n'), ['1:1 __proto__ unknown_field']);
    assert.deepEqual(routeProblemsOf('orgs: { __proto__: [] }\n'), ['1:9 orgs.__proto__ invalid_field']);
    const fields = ['name: a', '__proto__: { paused: true }', 'constructor: 1', 'then: { toString: x }'];
    assert.deepEqual(routeProblemsOf(withRoute(...fields)), [
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
    assert.deepEqual(routeProblemsOf('orgs:\n  ? [a, b]\n  : []\n'), ['2:5  syntax']);
    assert.deepEqual(routeProblemsOf('orgs:\n  !!int 1: []\n'), ['2:3  syntax']);
  });

  it('merges nothing: << is a key that no route has', () => {
    assert.deepEqual(
      routeProblemsOf(withRoute('name: a', '<<: { paused: true }', 'then: { target_model: m }')),
      ['4:7 << unknown_field'],
    );
  });
});
