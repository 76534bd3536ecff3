// The fields of a route that an edit changes, one by one.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { changedFields } from '../../../src/cli/planning/changed-fields.js';

const route = {
  id: '0190a000-0000-7000-8000-0000000000a1',
  name: 'a',
  priority: 100,
  enabled: true,
  paused: false,
  when: { model_in: ['x', 'y'], input_tokens_lt: 500 },
  then: { target_model: 'm', effects: { redact: true } },
};

describe('the fields that change', () => {
  test('are none between alike routes', () => {
    assert.deepEqual(changedFields(route, structuredClone(route)), []);
  });

  test('are told one by one, as deep as maps go, and lists as wholes', () => {
    const after = {
      ...route,
      priority: 0,
      when: { model_in: ['y', 'x'], has_images: false },
      then: { target_model: 'm', effects: { redact: false } },
    };
    assert.deepEqual(changedFields(route, after), [
      { path: 'priority', before: 100, after: 0 },
      { path: 'when.model_in', before: ['x', 'y'], after: ['y', 'x'] },
      { path: 'when.input_tokens_lt', before: 500, after: undefined },
      { path: 'then.effects.redact', before: true, after: false },
      { path: 'when.has_images', before: undefined, after: false },
    ]);
  });

  test('take a key of the language for a key', () => {
    const effects = JSON.parse('{"__proto__":1}') as Record<string, unknown>;
    assert.deepEqual(changedFields({ ...route, then: { effects: {} } }, { ...route, then: { effects } }), [
      { path: 'then.effects.__proto__', before: undefined, after: 1 },
    ]);
  });
});
