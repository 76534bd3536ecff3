// What writers are refused, and what they are not: every field, every code, every path.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Problem, type ProblemCode, Problems } from '../../src/routing/problem.js';
import { CONTENT_TYPES, type RouteDraft } from '../../src/routing/route.js';
import { parseRouteDraft } from '../../src/routing/validate.js';

interface Parsed {
  readonly draft: RouteDraft | undefined;
  readonly problems: readonly Problem[];
  /** `path code`, sorted: the order in which problems are told is nobody's promise. */
  readonly found: readonly string[];
}

function parse(document: unknown): Parsed {
  const problems = new Problems();
  const draft = parseRouteDraft(document, [], problems);
  return {
    draft,
    problems: problems.list,
    found: problems.list.map(({ path, code }) => `${path} ${code}`).sort(),
  };
}

const then = { target_model: 'gpt-4o-mini' };
const withField = (field: string, value: unknown): unknown => ({ name: 'r', then, [field]: value });
const withWhen = (when: unknown): unknown => ({ name: 'r', when, then });
const withThen = (action: unknown): unknown => ({ name: 'r', then: action });

/** Puts a value where the path says, in a route that is fine but for it. */
function withValueAt(path: string, value: unknown): unknown {
  const [part = '', field] = path.split('.');
  if (field === undefined) return withField(part, value);
  return part === 'when'
    ? withWhen({ [field]: value })
    : withThen({ effects: { a: 1 }, ...then, [field]: value });
}

function assertFound(document: unknown, ...expected: readonly string[]): void {
  const { draft, problems, found } = parse(document);
  assert.deepEqual(found, [...expected].sort());
  assert.equal(draft, undefined);
  for (const { message } of problems) assert.notEqual(message, '');
}

function assertAccepted(document: unknown): RouteDraft {
  const { draft, found } = parse(document);
  assert.deepEqual(found, []);
  assert.ok(draft !== undefined);
  return draft;
}

/** Values that are of the right type nowhere but where they are listed. */
const VALUES: Readonly<Record<string, unknown>> = {
  'a text': 'x',
  'a number': 1,
  true: true,
  'a list': ['x'],
  'a map': { compress: true },
};

/** Each field, the kinds of value that it takes, and whether it takes null. */
const FIELDS: readonly (readonly [path: string, takes: readonly string[], nullable: boolean])[] = [
  ['name', ['a text'], false],
  ['priority', ['a number'], false],
  ['enabled', ['true'], false],
  // A map, but not of any key.
  ['when', [], false],
  ['then', [], false],
  ['when.model_in', ['a list'], false],
  ['when.input_tokens_lt', ['a number'], true],
  ['when.input_tokens_gt', ['a number'], true],
  ['when.tag_equals', ['a text'], true],
  ['when.has_images', ['true'], true],
  ['when.has_audio', ['true'], true],
  ['when.has_documents', ['true'], true],
  ['when.prompt_contains_any_of', ['a list'], false],
  ['when.estimated_cost_gt', ['a number'], true],
  ['when.estimated_cost_lt', ['a number'], true],
  // A text, but not any.
  ['when.content_type', [], true],
  ['when.upstream_latency_ms_p95_gt', ['a number'], true],
  ['when.not_reasoning_class', ['true'], false],
  ['then.target_model', ['a text'], true],
  ['then.fallbacks', ['a list'], false],
  ['then.disable_cache', ['true'], false],
  ['then.max_cost_usd', ['a number'], true],
  ['then.effects', ['a map'], false],
];
const fieldsOf = (part: string): readonly string[] =>
  FIELDS.map(([path]) => path).filter((path) => path.startsWith(`${part}.`));

const UINT32_FIELDS = [
  ...['priority', 'when.input_tokens_lt', 'when.input_tokens_gt', 'when.upstream_latency_ms_p95_gt'],
];
const COST_BOUNDS = ['when.estimated_cost_gt', 'when.estimated_cost_lt'];

/** Those with the property White_Space: https://www.unicode.org/Public/UCD/latest/ucd/PropList.txt */
const WHITE_SPACE = new Set([
  ...[0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x85, 0xa0, 0x1680],
  ...[0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a],
  ...[0x2028, 0x2029, 0x202f, 0x205f, 0x3000],
]);

describe('a route that a writer may write', () => {
  it('is given the default of everything that it does not say', () => {
    assert.deepEqual(assertAccepted({ name: 'r', then }), {
      name: 'r',
      priority: 100,
      enabled: true,
      when: {},
      then,
    });
  });

  it('keeps everything that it says', () => {
    const document = {
      name: ' padded ',
      priority: 0,
      enabled: false,
      when: {
        model_in: ['gpt-4o', 'GPT-4o', ' gpt-4o'],
        input_tokens_lt: 0,
        input_tokens_gt: 4294967295,
        tag_equals: ' t',
        has_images: false,
        has_audio: true,
        has_documents: false,
        prompt_contains_any_of: ['a', 'A', 'ß', 'SS', 'é', 'e\u0301'],
        estimated_cost_gt: 0,
        estimated_cost_lt: 1e308,
        content_type: 'json',
        upstream_latency_ms_p95_gt: 2147483648,
        not_reasoning_class: false,
      },
      then: {
        target_model: 'one',
        fallbacks: ['two', 'ONE', 'One'],
        disable_cache: true,
        max_cost_usd: 5e-324,
        effects: { compress: true },
      },
    };
    assert.deepEqual(assertAccepted(document), document);
  });

  it('may say null where a condition or an action is the same as absent', () => {
    for (const [path, , nullable] of FIELDS) if (nullable) assertAccepted(withValueAt(path, null));
    const nulls = fieldsOf('when').filter((path) => FIELDS.some(([other, , may]) => other === path && may));
    const when = Object.fromEntries(nulls.map((path) => [path.slice('when.'.length), null]));
    assert.deepEqual(assertAccepted(withWhen(when)).when, when);
  });

  it('may have empty lists', () => {
    assertAccepted(withWhen({ model_in: [], prompt_contains_any_of: [] }));
    assertAccepted(withThen({ ...then, fallbacks: [], effects: {} }));
  });

  it('may name each of the six kinds of content', () => {
    assert.equal(CONTENT_TYPES.length, 6);
    for (const content_type of ['json', 'csv', 'log', 'code', 'diff', 'prose']) {
      assertAccepted(withWhen({ content_type }));
    }
  });

  it('may have members and fallbacks that differ in case, in white space or in normalisation only', () => {
    const variants = ['é', 'e\u0301', 'É', 'É '];
    assertAccepted(withWhen({ model_in: variants, prompt_contains_any_of: variants }));
    assertAccepted(withThen({ target_model: ' É', fallbacks: variants }));
  });

  it('may do any single thing', () => {
    assertAccepted(withThen({ target_model: 'one' }));
    assertAccepted(withThen({ fallbacks: ['one'] }));
    assertAccepted(withThen({ disable_cache: true }));
    assertAccepted(withThen({ max_cost_usd: 0.01 }));
    assertAccepted(withThen({ effects: { redact: false } }));
  });

  it('may have a negative zero for a bound, which is a zero', () => {
    for (const path of [...UINT32_FIELDS, ...COST_BOUNDS]) {
      assertAccepted(withValueAt(path, JSON.parse('-0')));
    }
  });

  it('may come as maps without a prototype', () => {
    const bare = (entries: object): unknown => Object.assign(Object.create(null) as object, entries);
    const document = bare({
      name: 'r',
      when: bare({ has_images: true }),
      then: bare({ effects: bare({ a: 1 }) }),
    });
    assert.equal(assertAccepted(document).when.has_images, true);
  });
});

describe('effects', () => {
  it('are kept verbatim, whatever their keys and however deep', () => {
    const text =
      '{"__proto__":{"redact":true},"constructor":"x","toJSON":1,"":[[],{},null,-1.5,"ß",{"a":[{"b":false}]}]}';
    const { effects } = assertAccepted(withThen({ effects: JSON.parse(text) as unknown })).then;
    assert.deepEqual(effects, JSON.parse(text));
    assert.equal(
      JSON.stringify(Object.entries(effects ?? {})),
      JSON.stringify(Object.entries(JSON.parse(text) as object)),
    );
  });

  it('hold finite numbers only, for that is all that JSON has', () => {
    assertFound(
      withThen({ effects: JSON.parse('{"a":1e999,"b":{"c":[0,-1e999]}}') as unknown }),
      'then.effects.a invalid_field',
      'then.effects.b.c[1] invalid_field',
    );
    assertFound(withThen({ effects: { a: NaN } }), 'then.effects.a invalid_field');
  });

  it('hold nothing that is no JSON value', () => {
    for (const value of [undefined, 1n, new Date(0), new Map(), (): void => undefined, Symbol('s')]) {
      assertFound(withThen({ effects: { a: value } }), 'then.effects.a invalid_field');
    }
  });

  it('are refused when nested without end, with one problem and not a full stack', () => {
    let nested: unknown = 1;
    for (let depth = 0; depth < 100_000; depth += 1) nested = depth % 2 === 0 ? [nested] : { a: nested };
    const { draft, problems } = parse(withThen({ effects: { nested } }));
    assert.equal(draft, undefined);
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['invalid_field'],
    );
    assert.match(problems[0]?.path ?? '', /^then\.effects\.nested/);
  });
});

describe('a writer is refused', () => {
  describe('a value of a wrong type', () => {
    for (const [path, takes, nullable] of FIELDS) {
      for (const [kind, value] of Object.entries(VALUES)) {
        if (takes.includes(kind)) continue;
        if (path === 'when' || path === 'then') {
          if (kind === 'a map') continue;
        }
        if (path === 'when.content_type' && kind === 'a text') continue;
        it(`${path}: ${kind}`, () => assertFound(withValueAt(path, value), `${path} invalid_field`));
      }
      if (!nullable) it(`${path}: null`, () => assertFound(withValueAt(path, null), `${path} invalid_field`));
    }

    for (const path of ['when.model_in', 'when.prompt_contains_any_of', 'then.fallbacks']) {
      it(`${path}: members that are no text`, () =>
        assertFound(
          withValueAt(path, ['x', null, 1, ['y'], { z: 1 }, true]),
          ...[1, 2, 3, 4, 5].map((index) => `${path}[${index}] invalid_field`),
        ));
    }

    for (const document of [null, undefined, 'x', 1, true, [], [{ name: 'r', then }]]) {
      it(`the route itself: ${JSON.stringify(document)}`, () => assertFound(document, ' invalid_field'));
    }
  });

  describe('a number that is no unsigned 32-bit integer', () => {
    for (const path of UINT32_FIELDS) {
      for (const text of ['-1', '0.5', '1e-7', '4294967296', '1e999', '-1e999', '9007199254740993']) {
        it(`${path}: ${text}`, () =>
          assertFound(withValueAt(path, JSON.parse(text)), `${path} invalid_field`));
      }
      it(`${path}: NaN`, () => assertFound(withValueAt(path, NaN), `${path} invalid_field`));
    }
  });

  it('a route without a name', () => assertFound({ then }, 'name invalid_field'));

  it('a name that is blank', () => {
    for (const name of ['', ' ', '\t\r\n', '\u0085\u00a0\u3000']) {
      assertFound(withField('name', name), 'name blank');
    }
  });

  it('blank members of lists', () => {
    for (const path of ['when.model_in', 'when.prompt_contains_any_of', 'then.fallbacks']) {
      assertFound(withValueAt(path, ['x', '', 'y', '\u2003']), `${path}[1] blank`, `${path}[3] blank`);
    }
  });

  it('members of lists that are there already', () => {
    for (const path of ['when.model_in', 'when.prompt_contains_any_of', 'then.fallbacks']) {
      assertFound(
        withValueAt(path, ['a', 'b', 'a', '__proto__', '__proto__', 'a']),
        ...[2, 4, 5].map((index) => `${path}[${index}] duplicate`),
      );
    }
  });

  it('a blank tag', () => assertFound(withWhen({ tag_equals: '' }), 'when.tag_equals blank'));

  it('a kind of content that is not one of the six', () => {
    for (const content_type of ['', 'JSON', 'xml', ' json', '__proto__', 'constructor']) {
      assertFound(withWhen({ content_type }), 'when.content_type unsupported');
    }
  });

  it('a bound on the cost that is negative or not finite', () => {
    for (const path of COST_BOUNDS) {
      for (const text of ['-0.01', '-5e-324', '1e999', '-1e999']) {
        assertFound(withValueAt(path, JSON.parse(text)), `${path} out_of_range`);
      }
      assertFound(withValueAt(path, NaN), `${path} out_of_range`);
    }
  });

  it('a blank target', () => {
    assertFound(withThen({ target_model: '' }), 'then.target_model blank');
    assertFound(withThen({ target_model: '\u00a0' }), 'then.target_model blank');
  });

  it('a fallback that is the target', () => {
    assertFound(withThen({ target_model: 'one', fallbacks: ['two', 'one'] }), 'then.fallbacks[1] duplicate');
  });

  it('a limit of the cost that is not positive or not finite', () => {
    for (const text of ['0', '-0', '-1', '1e999', '-1e999']) {
      assertFound(withThen({ max_cost_usd: JSON.parse(text) as number }), 'then.max_cost_usd out_of_range');
    }
    assertFound(withThen({ max_cost_usd: NaN }), 'then.max_cost_usd out_of_range');
  });

  it('an action that does nothing', () => {
    assertFound({ name: 'r' }, 'then no_effect');
    assertFound(withThen({}), 'then no_effect');
    assertFound(withThen({ target_model: null }), 'then no_effect');
    assertFound(withThen({ fallbacks: [] }), 'then no_effect');
    assertFound(withThen({ disable_cache: false }), 'then no_effect');
    assertFound(withThen({ max_cost_usd: null }), 'then no_effect');
    assertFound(withThen({ effects: {} }), 'then no_effect');
    assertFound(
      withThen({ target_model: null, fallbacks: [], disable_cache: false, max_cost_usd: null, effects: {} }),
      'then no_effect',
    );
  });

  describe('a key that nobody knows', () => {
    const keys = [
      'Name',
      'conditions',
      'paused',
      'id',
      'revision',
      '__proto__',
      'constructor',
      'toString',
      'length',
    ];
    for (const key of keys) {
      // As parsers give it: `__proto__` is a key like any other.
      const extra = `${JSON.stringify(key)}:{"name":"x"}`;
      it(`${key}, in the route`, () =>
        assertFound(JSON.parse(`{"name":"r","then":{"target_model":"t"},${extra}}`), `${key} unknown_field`));
      it(`${key}, among the conditions`, () =>
        assertFound(
          JSON.parse(`{"name":"r","when":{${extra}},"then":{"target_model":"t"}}`),
          `when.${key} unknown_field`,
        ));
      it(`${key}, in the action`, () =>
        assertFound(
          JSON.parse(`{"name":"r","then":{"target_model":"t",${extra}}}`),
          `then.${key} unknown_field`,
        ));
    }

    it('and such a key is not an effect', () =>
      assertFound(withThen({ compress: true }), 'then no_effect', 'then.compress unknown_field'));

    it('unless this writer may say it, and then it is checked', () => {
      const problems = new Problems();
      const more = {
        id: (value: unknown, at: readonly (string | number)[], to: Problems): void => {
          if (value !== 'good') to.add(at, 'invalid_field', 'expected good');
        },
      };
      assert.ok(parseRouteDraft({ name: 'r', then, id: 'good' }, [], problems, more) !== undefined);
      assert.equal(parseRouteDraft({ name: 'r', then, id: 'bad' }, ['x'], problems, more), undefined);
      assert.deepEqual(
        problems.list.map(({ path }) => path),
        ['x.id'],
      );
    });
  });

  it('everything at once, each problem with its own path', () => {
    assertFound(
      JSON.parse(`{
        "name": "\\u3000", "priority": -1, "enabled": 1, "colour": "red",
        "when": {
          "model_in": ["a", "a", "", 1], "input_tokens_lt": 1.5, "input_tokens_gt": "1", "tag_equals": " ",
          "has_images": 0, "has_audio": "true", "has_documents": [], "prompt_contains_any_of": ["k", " ", "k"],
          "estimated_cost_gt": -1, "estimated_cost_lt": 1e999, "content_type": "xml",
          "upstream_latency_ms_p95_gt": 4294967296, "not_reasoning_class": null, "__proto__": null
        },
        "then": {
          "target_model": "t", "fallbacks": ["t", "", "u", "u"], "disable_cache": "no", "max_cost_usd": 0,
          "effects": [], "flex": true
        }
      }`),
      ...['name blank', 'priority invalid_field', 'enabled invalid_field', 'colour unknown_field'],
      ...['when.model_in[1] duplicate', 'when.model_in[2] blank', 'when.model_in[3] invalid_field'],
      ...['when.input_tokens_lt invalid_field', 'when.input_tokens_gt invalid_field'],
      ...['when.tag_equals blank', 'when.has_images invalid_field', 'when.has_audio invalid_field'],
      ...['when.has_documents invalid_field', 'when.prompt_contains_any_of[1] blank'],
      ...['when.prompt_contains_any_of[2] duplicate', 'when.estimated_cost_gt out_of_range'],
      ...['when.estimated_cost_lt out_of_range', 'when.content_type unsupported'],
      ...['when.upstream_latency_ms_p95_gt invalid_field', 'when.not_reasoning_class invalid_field'],
      ...['when.__proto__ unknown_field', 'then.fallbacks[0] duplicate', 'then.fallbacks[1] blank'],
      ...['then.fallbacks[3] duplicate', 'then.disable_cache invalid_field'],
      ...['then.max_cost_usd out_of_range', 'then.effects invalid_field', 'then.flex unknown_field'],
    );
  });
});

describe('blank', () => {
  it('is a text of nothing but Unicode white space, and no other code point of the basic plane', () => {
    for (let codePoint = 0; codePoint <= 0xffff; codePoint += 1) {
      const { found } = parse(withField('name', String.fromCharCode(codePoint)));
      const expected = WHITE_SPACE.has(codePoint) ? ['name blank'] : [];
      assert.deepEqual(found, expected, `U+${codePoint.toString(16).padStart(4, '0')}`);
    }
  });

  it('is all white space together, next line and ideographic space among it', () => {
    const all = String.fromCharCode(...WHITE_SPACE);
    assertFound(withWhen({ tag_equals: all }), 'when.tag_equals blank');
    assertFound(withWhen({ tag_equals: '\u0085' }), 'when.tag_equals blank');
    assertFound(withWhen({ tag_equals: '\u00a0\u3000' }), 'when.tag_equals blank');
  });

  it('is not a byte-order mark, a zero-width space, or white space around something', () => {
    for (const tag of ['\ufeff', '\u200b', '\u180e', '\u2060', '\0', ' x ', '\u3000\ufeff\u3000', '\n\n.']) {
      assertAccepted(withWhen({ tag_equals: tag }));
    }
  });

  it('is seen in a long text too', () => {
    assertFound(withField('name', ' '.repeat(1_000_000)), 'name blank');
    assertAccepted(withField('name', `${' '.repeat(1_000_000)}x`));
  });
});

describe('a problem', () => {
  it('has a path that starts where the document stands, as text and as steps', () => {
    const problems = new Problems();
    parseRouteDraft(withWhen({ model_in: [''] }), ['orgs', 'o', 3], problems);
    const [problem] = problems.list;
    assert.deepEqual(
      { path: problem?.path, steps: problem?.steps },
      { path: 'orgs.o[3].when.model_in[0]', steps: ['orgs', 'o', 3, 'when', 'model_in', 0] },
    );
  });

  it('of one document does not make the next one invalid', () => {
    const problems = new Problems();
    problems.add(['elsewhere'], 'blank' satisfies ProblemCode, 'something else');
    assert.ok(parseRouteDraft({ name: 'r', then }, [], problems) !== undefined);
    assert.equal(problems.list.length, 1);
  });
});

describe('parsing a route', () => {
  it('leaves the document as it was', () => {
    const document = { name: 'r', when: { model_in: ['b', 'a'] }, then: { fallbacks: ['d', 'c'] } };
    const before = structuredClone(document);
    assertAccepted(document);
    assert.deepEqual(document, before);
  });
});
