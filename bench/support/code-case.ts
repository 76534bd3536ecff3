// Cases that measure code in process, with tinybench. As a rule each figure has a process of its own, for what one
// subject does to V8's inline caches must not be paid for by the next; and the subjects take turns, round by round,
// for a machine is not the same from one minute to the next.
import type { BenchCase, BenchContext } from './bench-case.js';
import { type Figure, figure, figureOfHistograms, withRatios } from './figure.js';
import { type Histogram, quantile, scaled } from './histogram.js';
import { runChild } from './run-child.js';
import { benchFile } from './paths.js';

/** What is measured: one call of `run` does `operations` of them, enough for a clock to tell. */
export interface Batch {
  readonly operations: number;
  /** Its result is looked at, so that nothing can be optimised away. */
  readonly run: () => unknown;
}

/** Sets one subject up, in the process that measures it; throws where it doesn't give the right answers. */
export type Subject = () => Batch | Promise<Batch>;

export interface CodeCase extends BenchCase {
  readonly subjects: Readonly<Record<string, Subject>>;
}

export interface CodeCaseOptions {
  readonly about: string;
  readonly subjects: Readonly<Record<string, Subject>>;
  readonly isInReadme?: boolean;
  /** Measures all figures of a round in one process: where they do the same to the code, and to see it when it has seen much. */
  readonly inOneProcess?: boolean;
  /** Time for each operation, unless there is something better to say. */
  readonly unit?: 'ns' | 'µs' | 'MB/s';
  /** With `MB/s`: what one operation of that figure reads or writes. */
  readonly bytesPerOperation?: (name: string) => number;
  /** The figure that another is divided by. */
  readonly baselineOf?: (name: string) => string | undefined;
  readonly at?: (name: string) => Figure['at'];
}

/** What the measuring process prints, for each of its figures. Times are nanoseconds for one operation, averaged over a batch. */
export interface CodeSamples {
  readonly histogramNs: Histogram;
}

export function codeCase(options: CodeCaseOptions): CodeCase {
  const { about, subjects, isInReadme = false } = options;
  const figures = Object.keys(subjects);
  return { about, subjects, figures, isInReadme, run: (context) => run(options, figures, context) };
}

async function run(
  options: CodeCaseOptions,
  names: readonly string[],
  { settings, signal, file, say }: BenchContext,
): Promise<Figure[]> {
  const { unit = 'ns', bytesPerOperation, at, baselineOf } = options;
  const histograms = new Map<string, Histogram[]>(names.map((name) => [name, []]));
  const processes = options.inOneProcess === true ? [names] : names.map((name) => [name]);
  for (let round = 1; round <= settings.rounds; round += 1) {
    for (const together of processes) {
      say(`${together.join(', ')}, round ${round} of ${settings.rounds}`);
      const args = [benchFile('support/measure-code.js'), file, JSON.stringify(settings), ...together];
      const output = await runChild(process.execPath, ['--expose-gc', ...args], signal);
      const samples = JSON.parse(output) as CodeSamples[];
      together.forEach((name, index) => histograms.get(name)?.push(samples[index]?.histogramNs ?? []));
    }
  }
  const figures = names.map((name) => {
    const rounds = histograms.get(name) ?? [];
    const place = at === undefined ? null : at(name);
    if (unit === 'MB/s') return rateFigure(name, rounds, bytesPerOperation?.(name));
    const factor = unit === 'ns' ? 1 : 0.001;
    return figureOfHistograms(
      { name, unit, headline: 'p50', at: place },
      rounds.map((histogram) => scaled(histogram, factor)),
    );
  });
  return baselineOf === undefined ? figures : withRatios(figures, baselineOf);
}

/** Bytes a nanosecond, a thousand times that in MB/s, of the median batch of each round. */
function rateFigure(name: string, rounds: readonly Histogram[], bytes: number | undefined): Figure {
  if (bytes === undefined) throw new Error('MB/s needs bytesPerOperation');
  const rates = rounds.map((histogram) => (bytes * 1000) / quantile(histogram, 0.5));
  return figure({ name, unit: 'MB/s', better: 'more', headline: 'value', rounds: rates });
}
