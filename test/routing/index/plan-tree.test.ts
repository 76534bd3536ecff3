// Which nodes are planned for which rows: those that decide in few steps, whatever a request is about.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ALL_BITS, numberedRows } from '../../../src/routing/index/numbered-row.js';
import { planTree } from '../../../src/routing/index/plan-tree.js';
import type { Plan } from '../../../src/routing/index/plan.js';
import type { Conditions } from '../../../src/routing/route.js';

const ROWS = 3000;

function planOf(when: (index: number) => Conditions, rows = ROWS): Plan | undefined {
  return planTree(
    numberedRows(Array.from({ length: rows }, (_, index) => ({ when: when(index) }))),
    ALL_BITS,
  );
}

function range(index: number): Conditions {
  return { input_tokens_gt: 10 * index, input_tokens_lt: 10 * index + 20 };
}

describe('a plan', () => {
  it('finds rows by the texts that they list', () => {
    const plan = planOf((index) => ({ tag_equals: `t${index}`, has_images: index % 2 === 0 }));
    assert.equal(plan?.kind, 'by-text');
  });

  it('finds rows by narrow ranges, even if none of their other conditions tells them apart', () => {
    const plan = planOf((index) => ({
      ...range(index),
      has_images: index % 2 === 0,
      ...(index % 3 === 0 && { content_type: 'code' as const }),
    }));
    assert.equal(plan?.kind, 'by-number');
  });

  it('does not find rows by ranges that most of them have in common', () => {
    const plan = planOf((index) => ({
      ...range(index % 2 === 0 ? 0 : index),
      has_images: index % 3 === 0,
      estimated_cost_gt: index,
    }));
    assert.equal(plan?.kind, 'sets');
  });

  it('finds each row by what tells it apart, where some list texts and others have ranges', () => {
    const plan = planOf((index) => (index % 2 === 0 ? range(index) : { tag_equals: `t${index}` }));
    assert.ok(plan?.kind === 'by-text' || plan?.kind === 'by-number');
    const rest = plan.kind === 'by-text' ? plan.none : plan.others;
    assert.ok(rest?.kind === 'by-text' || rest?.kind === 'by-number');
    assert.notEqual(rest.kind, plan.kind);
  });

  it('tries the first rows first where most requests fulfil one of them', () => {
    const plan = planOf((index) => {
      const asks = 1 + ((37 * index) % 63);
      return {
        ...((asks & 1) !== 0 && { has_images: index % 2 === 0 }),
        ...((asks & 2) !== 0 && { has_audio: index % 3 === 0 }),
        ...((asks & 4) !== 0 && { content_type: 'code' as const }),
        ...((asks & 8) !== 0 && { estimated_cost_gt: index % 7 }),
        ...((asks & 16) !== 0 && { upstream_latency_ms_p95_gt: index % 11 }),
        ...((asks & 32) !== 0 && { tag_equals: `t${index % 5}` }),
      };
    });
    assert.ok(plan?.kind === 'either' && plan.one.kind === 'sifted');
  });

  it('does not try a hundred rows that requests seem to fulfil as often as not', () => {
    const plan = planOf(
      (index) => ({
        model_in: [0, 1, 2].map((model) => `m${3 * (index % 20) + model}`),
        ...(index % 2 === 0 ? { input_tokens_gt: index } : { estimated_cost_gt: index }),
      }),
      100,
    );
    assert.equal(plan?.kind, 'by-text');
  });

  it('does not try a few rows either if one strange value would leave them all unfulfilled', () => {
    const plan = planOf((index) => ({ input_tokens_gt: 1000 + index, has_images: index % 2 === 0 }), 40);
    assert.equal(plan?.kind, 'sets');
  });

  it('does not try rows all of which one strange value would leave unfulfilled', () => {
    const plan = planOf((index) => ({ input_tokens_gt: 1000 + index, has_images: index % 2 === 0 }));
    assert.equal(plan?.kind, 'sets');
  });
});
