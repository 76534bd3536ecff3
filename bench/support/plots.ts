// From figures to what the report draws, as plain data.
import { median, valueOf } from './figure.js';
import { type Histogram, countOf } from './histogram.js';
import type { SuiteFigure, SuiteResult } from './suite-result.js';

/** One line of a plot. */
interface Series {
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Plot {
  readonly title: string;
  readonly kind: 'percentiles' | 'rate' | 'routes' | 'history';
  readonly unit: string;
  readonly series: readonly Series[];
}

/** @param history every result to plot over time, the oldest first. */
export function plotsOf(figures: readonly SuiteFigure[], history: readonly SuiteResult[]): Plot[] {
  return [
    ...curves(figures, 'requests/s', 'rate', 'p99 against offered rate'),
    ...curves(figures, 'routes', 'routes', 'Cost of a decision against number of routes'),
    ...percentilePlots(figures),
    ...historyPlots(history),
  ];
}

function curves(
  figures: readonly SuiteFigure[],
  axis: 'requests/s' | 'routes',
  kind: 'rate' | 'routes',
  title: string,
): Plot[] {
  const series = new Map<string, [number, number][]>();
  let unit = '';
  for (const one of figures) {
    if (one.at?.axis !== axis) continue;
    const { series: label, x } = one.at;
    series.set(label, [...(series.get(label) ?? []), [x, valueOf(one)]]);
    unit = one.unit;
  }
  if (series.size === 0) return [];
  // One series may come from several cases, which may measure the same place.
  const lines = [...series].map(([label, points]) => ({ label, points: inOrder(points) }));
  return [{ title, kind, unit, series: lines }];
}

function inOrder(points: readonly [number, number][]): [number, number][] {
  return [...new Map(points)].sort(([a], [b]) => a - b);
}

/** A plot for each case that has distributions of latency. */
function percentilePlots(figures: readonly SuiteFigure[]): Plot[] {
  const distributions = figures.filter(({ histogram, headline }) => histogram !== null && headline === 'p99');
  return byCase(distributions, ({ name }) => name).map(([name, members]) => ({
    title: name,
    kind: 'percentiles' as const,
    unit: members[0]?.unit ?? '',
    series: members.map(({ name: full, histogram }) => ({
      label: full.slice(name.length + 1),
      points: percentilePoints(histogram ?? []),
    })),
  }));
}

const POINTS_PER_DECADE = 40;

/** x is one over the share of values that are larger: 100 is p99, 1000 is p99.9. */
function percentilePoints(histogram: Histogram): [number, number][] {
  const total = countOf(histogram);
  const points: [number, number][] = [];
  let seen = 0;
  let lastStep = -1;
  for (const [upTo, count] of histogram) {
    seen += count;
    const x = seen === total ? total : total / (total - seen);
    const step = Math.floor(Math.log10(x) * POINTS_PER_DECADE);
    if (step === lastStep && seen !== total) continue;
    lastStep = step;
    points.push([x, upTo]);
  }
  return points;
}

/** Each figure over all results, as a part of what it was first: one plot for each group of cases. */
function historyPlots(results: readonly SuiteResult[]): Plot[] {
  if (results.length < 2) return [];
  const lines = new Map<string, [number, number][]>();
  for (const { startedAt, figures } of results) {
    for (const one of figures) {
      const points = lines.get(one.name) ?? [];
      points.push([
        Date.parse(startedAt) / 1000,
        one.ratio === null ? valueOf(one) : median(one.ratio.rounds),
      ]);
      lines.set(one.name, points);
    }
  }
  const repeated = [...lines].filter(([, points]) => points.length > 1);
  return byCase(repeated, ([name]) => name).map(([name, members]) => ({
    title: name,
    kind: 'history' as const,
    unit: 'of the first',
    series: members.map(([full, points]) => ({
      label: full.slice(name.length + 1),
      points: relativeToFirst(points),
    })),
  }));
}

/** A figure that was nothing at first has no history. */
function relativeToFirst(points: readonly [number, number][]): [number, number][] {
  const first = points[0]?.[1] ?? 0;
  return first === 0 ? [] : points.map(([x, y]) => [x, y / first]);
}

function byCase<T>(items: readonly T[], nameOf: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item).slice(0, nameOf(item).lastIndexOf('/'));
    groups.set(name, [...(groups.get(name) ?? []), item]);
  }
  return [...groups];
}
