// Values in a route file that look like others, and where one kind is taken for another.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onlyRoute, routeProblemsOf, withRoute } from '../support/route-file-text.js';

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
    assert.deepEqual(routeProblemsOf(text), [
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
    assert.deepEqual(routeProblemsOf(withRoute('name:', 'priority:', 'when:', 'then:')), [
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
    assert.deepEqual(routeProblemsOf(text), [
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
    assert.deepEqual(routeProblemsOf(withRoute('name: !env NAME', 'then: { target_model: !secret m }')), [
      '3:13  syntax',
      '4:29  syntax',
    ]);
    const tagged = onlyRoute(withRoute('name: !!str 5', 'then: { target_model: m }'));
    assert.equal(tagged.name, '5');
  });
});
