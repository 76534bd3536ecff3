// Distributions as sparse histograms, `[largest value of a bucket, how many]`, ascending. The load generator prints
// them so; samples that are taken here go into buckets of the same relative width, below 0.8 %.

export type Histogram = readonly (readonly [upTo: number, count: number])[];

const BUCKETS_PER_DOUBLING = 128;

export function histogramOf(samples: readonly number[]): Histogram {
  const counts = new Map<number, number>();
  for (const sample of samples) {
    const upTo = bucketTop(sample);
    counts.set(upTo, (counts.get(upTo) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a - b);
}

function bucketTop(sample: number): number {
  if (!(sample > 0)) return 0;
  const bucket = Math.ceil(Math.log2(sample) * BUCKETS_PER_DOUBLING);
  // Ten digits are enough to tell buckets apart, and short in a file.
  return Number((2 ** (bucket / BUCKETS_PER_DOUBLING)).toPrecision(10));
}

export function mergeHistograms(histograms: readonly Histogram[]): Histogram {
  const counts = new Map<number, number>();
  for (const histogram of histograms) {
    for (const [upTo, count] of histogram) counts.set(upTo, (counts.get(upTo) ?? 0) + count);
  }
  return [...counts].sort(([a], [b]) => a - b);
}

export function countOf(histogram: Histogram): number {
  return histogram.reduce((sum, [, count]) => sum + count, 0);
}

/** The smallest value that at least that share of all values doesn't exceed; NaN without values. */
export function quantile(histogram: Histogram, share: number): number {
  const rank = Math.max(1, Math.ceil(share * countOf(histogram)));
  let seen = 0;
  for (const [upTo, count] of histogram) {
    seen += count;
    if (seen >= rank) return upTo;
  }
  return NaN;
}

/** The same values in another unit: 0.001 makes milliseconds of microseconds. */
export function scaled(histogram: Histogram, factor: number): Histogram {
  return histogram.map(([upTo, count]) => [upTo * factor, count]);
}
