// Rows of a tt-routing table as routes: what is taken over, what becomes an effect, what is refused.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { convertCrateRows } from '../../../src/cli/routes/crate-rows.js';
import { wantedOfRows } from '../../../src/cli/routes/import.js';
import { SignalboxError } from '../../../src/errors.js';

const ORG = '0190a000-0000-7000-8000-000000000001';
const ID = '0190a000-0000-7000-8000-0000000000a1';

function one(row: object): unknown {
  const { orgs, problems } = convertCrateRows([{ org_id: ORG, name: 'a', ...row }]);
  assert.deepEqual(problems, []);
  return JSON.parse(JSON.stringify(orgs.get(ORG)?.[0]));
}

describe('rows of a tt-routing table', () => {
  test('keep their id, name, priority, conditions and action', () => {
    const when = { model_in: ['gpt-4o'], input_tokens_lt: 0, has_images: false };
    const then = { target_model: 'b', fallbacks: ['c'], disable_cache: true, max_cost_usd: 0.5 };
    const row = { id: ID, priority: 0, enabled: false, when, then };
    assert.deepEqual(one(row), { ...row, name: 'a' });
  });

  test('may have conditions and action as JSON text, under any of the names of their columns', () => {
    const when = { input_tokens_gt: 5 };
    const then = { target_model: 'b' };
    for (const column of ['when', 'match', 'conditions', 'when_json'])
      for (const value of [when, JSON.stringify(when)])
        assert.deepEqual(one({ [column]: value, action: JSON.stringify(then) }), { name: 'a', when, then });
  });

  test('lose what is null, which is no condition', () => {
    const when = { model_in: null, input_tokens_lt: null, tag_equals: 'x' };
    const then = { target_model: 'b', fallbacks: null, redact: null };
    const expected = { name: 'a', when: { tag_equals: 'x' }, then: { target_model: 'b' } };
    assert.deepEqual(one({ when, then, priority: null, match: null }), expected);
  });

  test('turn what else an action says into effects, whatever it is called', () => {
    const then = JSON.parse(
      '{"redact":true,"compress":false,"format_switch":"json","__proto__":1,"effects":{"flex":1}}',
    ) as object;
    const { orgs } = convertCrateRows([{ org_id: ORG, name: 'a', then }]);
    assert.equal(
      JSON.stringify(orgs.get(ORG)?.[0]),
      '{"name":"a","when":{},"then":{"effects":{"redact":true,"compress":false,"format_switch":"json","__proto__":1,"flex":1}}}',
    );
  });

  test('have booleans as databases export them', () => {
    const then = { target_model: 'b' };
    assert.deepEqual(one({ then, enabled: 0 }), { name: 'a', enabled: false, when: {}, then });
    assert.deepEqual(one({ then, enabled: '1', paused: 1 }), {
      ...{ name: 'a', enabled: true, paused: true },
      ...{ when: {}, then },
    });
    assert.deepEqual(one({ then, paused_at: '2026-01-01' }), { name: 'a', paused: true, when: {}, then });
  });

  test('come in the order of their creation, where every row says when that was', () => {
    const row = (name: string, created_at?: string): object => ({
      ...{ org_id: ORG, name, then: { target_model: 'b' } },
      ...(created_at === undefined ? {} : { created_at }),
    });
    const names = (rows: readonly object[]): unknown =>
      convertCrateRows(rows)
        .orgs.get(ORG)
        ?.map((route) => (route as { name: string }).name);
    assert.deepEqual(names([row('b', '2026-01-02T00:00:00Z'), row('a', '2026-01-01T00:00:00Z')]), ['a', 'b']);
    assert.deepEqual(names([row('b', '2026-01-02T00:00:00Z'), row('a')]), ['b', 'a']);
  });

  test('are refused with every problem of every row, a condition that is not known above all', () => {
    const rows = [
      'text',
      { org_id: ORG, name: 'a', when: { moon_phase: 'full' }, then: { target_model: 'b' } },
      { name: 'a' },
      { org_id: ORG, name: 'a', when: '{', then: {} },
      { org_id: ORG, name: '', priority: -1, then: {} },
      { org_id: 'acme', name: 'a', then: {} },
    ];
    assert.throws(
      () => wantedOfRows('rows.json', rows),
      (error) => {
        assert.ok(error instanceof SignalboxError);
        const lines = error.message.split('\n').map((line) => line.replace(/: expected.*|: must.*/, ''));
        assert.deepEqual(lines.map((line) => line.split(':').slice(0, 3).join(':')).sort(), [
          'orgs.acme: invalid_field: an org is a UUID, got the text "acme"',
          'row 1',
          'row 2: when.moon_phase: unknown_field',
          'row 3: org_id',
          'row 4: when',
          'row 5: name: blank',
          'row 5: priority: invalid_field',
          'row 5: then: no_effect',
          'rows.json has 8 problems',
        ]);
        return true;
      },
    );
  });
});
