// Histograms and the figures that are made of rounds.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { figure, figureOfHistograms, median, spread, withRatios } from '../../../bench/support/figure.js';
import { countOf, histogramOf, mergeHistograms, quantile } from '../../../bench/support/histogram.js';
import { formatChange, formatValue } from '../../../bench/support/format.js';

const value = { unit: 'ns', better: 'less', headline: 'value' } as const;

describe('a histogram', () => {
  const samples = Array.from({ length: 10_000 }, (_, index) => index + 1);
  const histogram = histogramOf(samples);

  it('tells any percentile to less than a hundredth', () => {
    for (const share of [0.001, 0.5, 0.9, 0.99, 0.999, 1]) {
      const exact = share * samples.length;
      const told = quantile(histogram, share);
      assert.ok(told >= exact && told <= exact * 1.01, `${share}: ${told} for ${exact}`);
    }
  });

  it('merges with others as if all had been one', () => {
    const [odd, even] = [1, 0].map((rest) => histogramOf(samples.filter((sample) => sample % 2 === rest)));
    assert.deepEqual(mergeHistograms([odd ?? [], even ?? []]), histogram);
    assert.equal(countOf(histogram), samples.length);
  });

  it('counts zeros, and has no percentile of nothing', () => {
    assert.deepEqual(histogramOf([0, 0]), [[0, 2]]);
    assert.ok(Number.isNaN(quantile([], 0.5)));
  });
});

describe('a figure', () => {
  it('has the percentile of each round for its number', () => {
    const one = figureOfHistograms({ name: 'a', unit: 'µs', headline: 'p99' }, [
      [
        [1, 99],
        [50, 1],
      ],
      [
        [1, 98],
        [50, 2],
      ],
    ]);
    assert.deepEqual(one.rounds, [1, 50]);
    assert.equal(countOf(one.histogram ?? []), 200);
  });

  it('has percentiles of which one bad round makes nothing', () => {
    const good = [[1, 1000]] as const;
    const bad = [[900, 1000]] as const;
    const one = figureOfHistograms({ name: 'a', unit: 'µs', headline: 'p99' }, [good, bad, good]);
    assert.deepEqual(one.percentiles, { p50: 1, p99: 1, p999: 1 });
  });

  it('is divided by its baseline round by round, and the baseline by nothing', () => {
    const figures = [
      figure({ ...value, name: 'base', rounds: [10, 20, 40] }),
      figure({ ...value, name: 'other', rounds: [20, 20, 20] }),
    ];
    const [base, other] = withRatios(figures, () => 'base');
    assert.equal(base?.ratio, null);
    assert.deepEqual(other?.ratio, { to: 'base', rounds: [2, 1, 0.5] });
  });

  it('has no ratio to what reached nothing', () => {
    const figures = [
      figure({ ...value, name: 'base', rounds: [0] }),
      figure({ ...value, name: 'other', rounds: [1] }),
    ];
    assert.equal(withRatios(figures, () => 'base')[1]?.ratio, null);
  });

  it('has the median of its rounds, and half their range as spread', () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
    assert.equal(spread([90, 100, 110]), 0.1);
  });
});

describe('the format of a figure', () => {
  it('keeps three digits that say something', () => {
    assert.deepEqual([0, 0.051234, 1.234, 12.345, 99.96, 123.4, 1234567.8, NaN].map(formatValue), [
      '0',
      '0.0512',
      '1.23',
      '12.3',
      '100',
      '123',
      '1,234,568',
      '?',
    ]);
    assert.deepEqual([0.0312, -0.5].map(formatChange), ['+3.1 %', '-50.0 %']);
  });
});
