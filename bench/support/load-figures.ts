// From the results of a load's rounds to figures.
import { type Figure, figure, figureOfHistograms } from './figure.js';
import type { LoadResult } from './load-tool.js';
import { problemsOfAll } from './socket-bench.js';

/** Latency from when a request was due; its p99 is what is judged. */
export function latencyFigure(name: string, results: readonly LoadResult[], at: Figure['at'] = null): Figure {
  return figureOfHistograms(
    { name, unit: 'µs', headline: 'p99', at, problems: problemsOfAll(results) },
    results.map(({ histogramUs }) => histogramUs),
  );
}

/** Decisions a second of a closed loop. */
export function throughputFigure(name: string, results: readonly LoadResult[]): Figure {
  return figure({
    name,
    unit: '/s',
    better: 'more',
    headline: 'value',
    rounds: results.map(({ decisionsPerSecond }) => decisionsPerSecond),
    problems: problemsOfAll(results),
  });
}
