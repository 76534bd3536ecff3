// Two results beside each other: what counts as a change, and what as noise.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NORMAL } from '../../../bench/support/bench-case.js';
import { changeOf, compareResults, compareTable, isWorse } from '../../../bench/support/compare.js';
import { type Figure, figure } from '../../../bench/support/figure.js';
import { type SuiteResult, newResult } from '../../../bench/support/suite-result.js';

const less = { name: 'a/b', better: 'less' } as const;
const more = { name: 'a/b', better: 'more' } as const;

describe('a comparison', () => {
  it('calls worse what is beyond the threshold and beyond the noise', () => {
    const steady = changeOf(less, 'ns', [100, 100, 101], [120, 121, 120]);
    assert.ok(isWorse(steady, 0.1));
    assert.ok(!isWorse(steady, 0.25));
    const noisy = changeOf(less, 'ns', [60, 100, 140], [80, 120, 160]);
    assert.ok(!isWorse(noisy, 0.1), 'a fifth more, and half of it again from round to round');
    assert.match(compareTable([steady, noisy], 0.1), /WORSE[^]*1 of 2 figures are worse by more than 10 %/);
  });

  it('knows which way is worse', () => {
    const fewer = changeOf(more, '/s', [100, 100], [80, 80]);
    assert.ok(isWorse(fewer, 0.1));
    assert.ok(!isWorse(changeOf(less, 'ns', [100, 100], [80, 80]), 0.1));
    assert.equal(Math.round(fewer.worse * 100), 20);
  });

  it('says that nothing is known of the noise of a single round', () => {
    assert.equal(changeOf(less, 'ns', [100], [200]).noise, undefined);
  });

  it('is of absolute figures on one machine, and of ratios between two', () => {
    const before = resultWith({ rounds: [100, 100], ratio: { to: 'limit', rounds: [2, 2] } });
    const after = resultWith({ rounds: [150, 150], ratio: { to: 'limit', rounds: [1.8, 1.8] } });
    assert.equal(compareResults(before, after)[0]?.after, 150);
    const elsewhere = { ...after, machine: { ...after.machine, cpu: 'another' } };
    assert.equal(compareResults(before, elsewhere)[0]?.after, 1.8);
  });

  it('leaves out what only one of the two has', () => {
    const before = resultWith({ rounds: [100], name: 'old/one' });
    const after = resultWith({ rounds: [100], name: 'new/one' });
    assert.deepEqual(compareResults(before, after), []);
    assert.match(compareTable([], 0.1), /nothing to compare/);
  });
});

function resultWith(parts: Partial<Figure> & Pick<Figure, 'rounds'>): SuiteResult {
  const one = figure({ ...less, unit: 'ns', headline: 'value', ...parts });
  return newResult({
    startedAt: '2026-01-01T00:00:00.000Z',
    durationSeconds: 1,
    commit: null,
    settings: NORMAL,
    figures: [{ ...one, isInReadme: false }],
    failures: [],
  });
}
