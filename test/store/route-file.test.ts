// Reading a route file: what is wrong with it, and where, to the line and column.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkRouteFile, formatProblem, parseRouteFile } from '../../src/store/route-file.js';
import { ORG_ROUTES_BYTES_MAX } from '../../src/store/org-size.js';
import { problemsOf, routesOf, withRoute } from '../support/route-file-text.js';
import { org } from '../support/routes.js';

/** The only problem's place, code and text. */
function onlyProblem(text: string): string {
  const parsed = parseRouteFile(text);
  assert.ok(!parsed.ok && parsed.problems.length === 1, 'one problem was expected');
  const [problem] = parsed.problems;
  return problem === undefined ? '' : formatProblem('f', problem);
}

describe('a route file with problems', () => {
  it('gives all of them at once, in the order of the file, each with its place', () => {
    const text = `version: 2
orgs:
  ${org(1)}:
    - name: "  "
      then: { target_model: gpt-4o-mini }
    - name: second
      priority: 4294967296
      when:
        model_in: [gpt-4o,
                   "",
                   gpt-4o]
        content_type: xml
        estimated_cost_gt: -1
        has_images: "true"
        moon_phase: full
      then: {}
    - when: {}
      then: { fallbacks: [a, b, a], target_model: b, max_cost_usd: 0 }
    - just text
  not-a-uuid:
    - name: third
`;
    const at = `orgs.${org(1)}`;
    assert.deepEqual(problemsOf(text), [
      '1:1 version unknown_field',
      `4:7 ${at}[0].name blank`,
      `7:7 ${at}[1].priority invalid_field`,
      `10:20 ${at}[1].when.model_in[1] blank`,
      `11:20 ${at}[1].when.model_in[2] duplicate`,
      `12:9 ${at}[1].when.content_type unsupported`,
      `13:9 ${at}[1].when.estimated_cost_gt out_of_range`,
      `14:9 ${at}[1].when.has_images invalid_field`,
      `15:9 ${at}[1].when.moon_phase unknown_field`,
      `16:7 ${at}[1].then no_effect`,
      `17:7 ${at}[2].name invalid_field`,
      `18:30 ${at}[2].then.fallbacks[1] duplicate`,
      `18:33 ${at}[2].then.fallbacks[2] duplicate`,
      `18:54 ${at}[2].then.max_cost_usd out_of_range`,
      `19:7 ${at}[3] invalid_field`,
      '20:3 orgs.not-a-uuid invalid_field',
    ]);
  });

  it('gives their places in a file with other line ends, or with a byte order mark, as well', () => {
    const text = withRoute(`name: ''\n      then: { target_model: m }`);
    const expected = [`3:7 orgs.${org(1)}[0].name blank`];
    assert.deepEqual(problemsOf(text), expected);
    assert.deepEqual(problemsOf(text.replaceAll('\n', '\r\n')), expected);
    assert.deepEqual(problemsOf(`\uFEFF${text}`), expected);
  });

  it('gives their places in JSON as well', () => {
    const text = JSON.stringify({ orgs: { [org(1)]: [{ name: 7, then: { target_model: 'm' } }] } }, null, 2);
    assert.deepEqual(problemsOf(text), [`5:9 orgs.${org(1)}[0].name invalid_field`]);
  });

  it('gives those within what an alias stands for at the place of the anchor', () => {
    const text = `${withRoute('name: a\n      when: &bad { tag_equals: "" }\n      then: { target_model: m }')}\
    - { name: b, when: *bad, then: { target_model: m } }\n`;
    const at = `orgs.${org(1)}`;
    assert.deepEqual(problemsOf(text), [
      `4:20 ${at}[0].when.tag_equals blank`,
      `4:20 ${at}[1].when.tag_equals blank`,
    ]);
  });

  it('has them written as compilers do it', () => {
    const line = onlyProblem(withRoute('name: a\n      priority: high\n      then: { target_model: m }'));
    assert.equal(
      line,
      `f:4:7: orgs.${org(1)}[0].priority: invalid_field: expected a whole number from 0 to 4294967295, got the text "high"`,
    );
    assert.equal(onlyProblem('orgs:\n\t- a\n'), 'f:2:1: syntax: Tabs are not allowed as indentation');
  });
});

describe('the outline of a route file', () => {
  it('may be an empty map of orgs, or an org without routes', () => {
    assert.deepEqual(routesOf('orgs: {}\n'), []);
    const parsed = parseRouteFile(`orgs:\n  ${org(1)}: []\n`);
    assert.ok(parsed.ok);
    assert.deepEqual([...parsed.file.orgs.keys()], [org(1)]);
  });

  const refused = {
    'an empty file': ['', '1:1  invalid_field'],
    'a file of white space': ['\n \n', '1:1  invalid_field'],
    'a file of comments': ['# orgs: {}\n', '1:1  invalid_field'],
    'a file of text': ['orgs', '1:1  invalid_field'],
    'a list': ['- orgs\n', '1:1  invalid_field'],
    'no orgs': ['{}\n', '1:1 orgs invalid_field'],
    'orgs that are missing': ['orgs:\n', '1:1 orgs invalid_field'],
    'orgs that are a list': [`orgs:\n  - ${org(1)}\n`, '1:1 orgs invalid_field'],
    'an org without a list': [`orgs:\n  ${org(1)}:\n`, `2:3 orgs.${org(1)} invalid_field`],
    'an org that is a route': [
      `orgs:\n  ${org(1)}:\n    name: a\n    then: { target_model: m }\n`,
      `2:3 orgs.${org(1)} invalid_field`,
    ],
    'an org that is a number': ['orgs:\n  7: []\n', '2:3 orgs.7 invalid_field'],
    'an org with braces': [`orgs:\n  "{${org(1)}}": []\n`, `2:3 orgs.{${org(1)}} invalid_field`],
    'an org without hyphens': [
      `orgs:\n  ${org(1).replaceAll('-', '')}: []\n`,
      `2:3 orgs.${org(1).replaceAll('-', '')} invalid_field`,
    ],
    'a route that is empty': [`orgs:\n  ${org(1)}:\n    -\n`, `3:6 orgs.${org(1)}[0] invalid_field`],
    'a route that is a list': [`orgs:\n  ${org(1)}:\n    - - a\n`, `3:7 orgs.${org(1)}[0] invalid_field`],
  } as const;
  for (const [what, [text, problem]] of Object.entries(refused)) {
    it(`is refused with its place: ${what}`, () => {
      assert.deepEqual(problemsOf(text), [problem]);
    });
  }

  it('has each org once, in whatever case it is written', () => {
    const orgId = '0190a000-0000-7000-8000-00000000abcd';
    assert.deepEqual(problemsOf(`orgs:\n  ${orgId}: []\n  ${orgId}: []\n`), ['3:3  syntax']);
    assert.deepEqual(problemsOf(`orgs:\n  ${orgId}: []\n  ${orgId.toUpperCase()}: []\n`), [
      `3:3 orgs.${orgId.toUpperCase()} duplicate`,
    ]);
  });

  it('has each id once within an org, given or made of the name; another org may have it too', () => {
    const id = '11111111-2222-4333-8444-55555555555a';
    const routes = (...ids: readonly string[]): string =>
      ids
        .map((each, index) => `    - { name: r${index}, id: ${each}, then: { target_model: m } }\n`)
        .join('');
    const twice = `orgs:\n  ${org(1)}:\n${routes(id, id.toUpperCase())}`;
    assert.deepEqual(problemsOf(twice), [`4:19 orgs.${org(1)}[1].id duplicate`]);
    const ofName = '7e0570db-efff-5bde-bfb3-6841c53176f8';
    const taken = `orgs:\n  ${org(1)}:\n${routes(ofName)}    - { name: cheap-short, then: { target_model: m } }\n`;
    assert.deepEqual(problemsOf(taken), [`4:7 orgs.${org(1)}[1].id duplicate`]);
    const fine = `orgs:\n  ${org(1)}:\n${routes(id)}  ${org(2)}:\n${routes(id)}`;
    assert.deepEqual([routesOf(fine)[0]?.id, routesOf(fine, org(2))[0]?.id], [id, id]);
  });

  it('has ids that are UUIDs, and says of pauses true or false', () => {
    const text = withRoute('name: a\n      id: 7\n      paused: yes\n      then: { target_model: m }');
    const at = `orgs.${org(1)}[0]`;
    assert.deepEqual(problemsOf(text), [`4:7 ${at}.id invalid_field`, `5:7 ${at}.paused invalid_field`]);
    assert.deepEqual(problemsOf(text.replace('7\n', 'r-1\n').replace('yes', 'true')), [
      `4:7 ${at}.id invalid_field`,
    ]);
  });
});

describe('a route file in which an org has more routes than it may', () => {
  const orgId = org(1).toUpperCase();
  const withNote = (length: number, enabled = true): string =>
    JSON.stringify({
      orgs: {
        [org(2)]: [{ name: 'small', then: { target_model: 'm' } }],
        [orgId]: [{ name: 'huge', enabled, then: { effects: { note: 'ä'.repeat(length / 2) } } }],
      },
    });

  it('has a problem for its writer, at the org, and none for the daemon', () => {
    const text = withNote(ORG_ROUTES_BYTES_MAX);
    const parsed = checkRouteFile(text);
    assert.deepEqual(parsed.ok ? [] : parsed.problems, [
      {
        ...{ line: 1, column: text.indexOf(`"${orgId}"`) + 1, path: `orgs.${orgId}`, code: 'out_of_range' },
        message: 'the routes are 16.0 MiB as JSON, and 16.0 MiB is the most that an org may have',
      },
    ]);
    assert.equal(parseRouteFile(text).ok, true);
  });

  it('has none if it is a little less, or if nothing is decided by them', () => {
    assert.equal(checkRouteFile(withNote(ORG_ROUTES_BYTES_MAX - 1000)).ok, true);
    assert.equal(checkRouteFile(withNote(ORG_ROUTES_BYTES_MAX, false)).ok, true);
  });
});
