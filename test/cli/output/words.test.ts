// Durations, values, conditions and actions in words, as people say them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { actionText, conditionsText, durationWords, valueText } from '../../../src/cli/output/words.js';

describe('words', () => {
  test('of a duration are its two largest units', () => {
    const cases = [
      [-5, 'less than a second'],
      [999, 'less than a second'],
      [1000, '1 second'],
      [61_000, '1 minute 1 second'],
      [3_600_000, '1 hour'],
      [3_605_000, '1 hour'],
      [7_384_000, '2 hours 3 minutes'],
      [90_061_000, '1 day 1 hour'],
    ] as const;
    for (const [ms, words] of cases) assert.equal(durationWords(ms), words);
  });

  test('of a value cannot be taken for another', () => {
    assert.equal(valueText('gpt-4o'), 'gpt-4o');
    assert.equal(valueText('two words'), '"two words"');
    assert.equal(valueText(''), '""');
    assert.equal(valueText(undefined), '(none)');
    assert.equal(valueText(0), '0');
    assert.equal(valueText(['a']), '["a"]');
  });

  test('of conditions and actions keep zero and false, and leave out null', () => {
    assert.equal(conditionsText({}), 'always');
    assert.equal(
      conditionsText({ input_tokens_lt: 0, has_images: false, tag_equals: null }),
      'input_tokens_lt=0 has_images=false',
    );
    assert.equal(actionText({ target_model: 'm', disable_cache: true }), '→ m disable_cache=true');
    assert.equal(actionText({ effects: { redact: true } }), 'effects={"redact":true}');
  });
});
