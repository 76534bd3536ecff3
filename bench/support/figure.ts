// One line of the results: something measured in several rounds, with its spread and, where something else was
// measured beside it in the same rounds, the ratio to that. Absolute figures belong to a machine; ratios travel.
import { type Histogram, mergeHistograms, quantile } from './histogram.js';

export type Unit = 'ns' | 'µs' | 'ms' | 'MB/s' | '/s' | 'bytes' | 'KiB' | 'MiB';

/** Each the median of its values in the rounds: what the machine does beside in one of them doesn't count. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

export interface Figure {
  /** Within its case. */
  readonly name: string;
  readonly unit: Unit;
  readonly better: 'less' | 'more';
  /** Which number of a round `rounds` has: a percentile, or the one value that there is. */
  readonly headline: 'p50' | 'p99' | 'value';
  readonly rounds: readonly number[];
  /** Of all rounds together, for plots; null where a round gives a single value. */
  readonly histogram: Histogram | null;
  /** Null where a round gives a single value. */
  readonly percentiles: Percentiles | null;
  /** `rounds` divided, round by round, by those of the figure `to`. */
  readonly ratio: { readonly to: string; readonly rounds: readonly number[] } | null;
  /** Where it stands on a plot: of `axis` and, among others, in `series`. */
  readonly at: { readonly axis: 'routes' | 'requests/s'; readonly x: number; readonly series: string } | null;
  /** Why it is not to be trusted; empty as a rule. */
  readonly problems: readonly string[];
}

type Optional = 'histogram' | 'percentiles' | 'ratio' | 'at' | 'problems';

/** A figure; what isn't said isn't there. */
export function figure(parts: Omit<Figure, Optional> & Partial<Pick<Figure, Optional>>): Figure {
  return { histogram: null, percentiles: null, ratio: null, at: null, problems: [], ...parts };
}

/** The same figures with ratios, from each that `baselineOf` names another for. */
export function withRatios(
  figures: readonly Figure[],
  baselineOf: (name: string) => string | undefined,
): Figure[] {
  return figures.map((one) => {
    const to = baselineOf(one.name);
    const baseline = to === undefined ? undefined : figures.find(({ name }) => name === to);
    if (to === undefined || baseline === undefined || baseline === one) return one;
    const rounds = one.rounds.map((value, round) => value / (baseline.rounds[round] ?? NaN));
    // Of a baseline that reached nothing there is no ratio.
    return rounds.every(Number.isFinite) ? { ...one, ratio: { to, rounds } } : one;
  });
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.floor(sorted.length / 2)];
  if (low === undefined || high === undefined) throw new Error('the median of nothing');
  return (low + high) / 2;
}

/** How far the rounds are from each other: half of their range, as a part of the median. */
export function spread(rounds: readonly number[]): number {
  const middle = median(rounds);
  return middle === 0 ? 0 : (Math.max(...rounds) - Math.min(...rounds)) / 2 / Math.abs(middle);
}

/** The figure's number: the median of its rounds. */
export function valueOf({ rounds }: Figure): number {
  return median(rounds);
}

/** A figure from the histograms of its rounds, of which a percentile is the headline. */
export function figureOfHistograms(
  parts: Pick<Figure, 'name' | 'unit'> & { readonly headline: 'p50' | 'p99' } & Partial<
      Pick<Figure, 'at' | 'problems' | 'better'>
    >,
  histograms: readonly Histogram[],
): Figure {
  const ofRounds = (share: number): number[] => histograms.map((histogram) => quantile(histogram, share));
  const [p50s, p99s, p999s] = [ofRounds(0.5), ofRounds(0.99), ofRounds(0.999)];
  return figure({
    better: 'less',
    ...parts,
    rounds: parts.headline === 'p50' ? p50s : p99s,
    percentiles: { p50: median(p50s), p99: median(p99s), p999: median(p999s) },
    histogram: mergeHistograms(histograms),
  });
}
