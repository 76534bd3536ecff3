// What has changed between two results, with its noise: half the range of a figure's rounds, of both results together.
// A change within the noise is none. Between different machines only ratios are compared, for they travel.
import { type Figure, median, spread } from './figure.js';
import { formatChange, formatValue } from './format.js';
import type { Machine, SuiteResult } from './suite-result.js';
import { type Column, formatTable } from './table.js';

export interface Change {
  readonly name: string;
  /** Of the compared number; `×` for a ratio. */
  readonly unit: string;
  readonly before: number;
  readonly after: number;
  /** After to before, less one: 0.1 is a tenth more. */
  readonly change: number;
  /** How much worse that is, as a part; negative: better. */
  readonly worse: number;
  /** undefined: there was one round, and nothing is known of the noise. */
  readonly noise: number | undefined;
}

/** Of the figures that both have. */
export function compareResults(before: SuiteResult, after: SuiteResult): Change[] {
  const onlyRatios = !isSameMachine(before.machine, after.machine);
  return after.figures.flatMap((one) => {
    const other = before.figures.find(({ name }) => name === one.name);
    if (other?.unit !== one.unit) return [];
    if (!onlyRatios) return [changeOf(one, one.unit, other.rounds, one.rounds)];
    if (other.ratio === null || one.ratio === null) return [];
    return [changeOf(one, '×', other.ratio.rounds, one.ratio.rounds)];
  });
}

function isSameMachine(one: Machine, other: Machine): boolean {
  return one.cpu === other.cpu && one.cores === other.cores && one.node === other.node;
}

export function changeOf(
  { name, better }: Pick<Figure, 'name' | 'better'>,
  unit: string,
  before: readonly number[],
  after: readonly number[],
): Change {
  const change = median(after) / median(before) - 1;
  const isKnown = before.length > 1 && after.length > 1;
  const noise = isKnown ? Math.hypot(spread(before), spread(after)) : undefined;
  const worse = better === 'less' ? change : -change;
  return { name, unit, before: median(before), after: median(after), change, worse, noise };
}

/** Beyond the threshold, and beyond the noise. */
export function isWorse({ worse, noise = 0 }: Change, threshold: number): boolean {
  return worse > threshold && worse > noise;
}

export function compareTable(changes: readonly Change[], threshold: number): string {
  if (changes.length === 0) return 'nothing to compare: the two results have no figure in common\n';
  const columns: readonly Column<Change>[] = [
    { title: 'case', align: 'left', text: ({ name }) => name },
    { title: 'unit', align: 'left', text: ({ unit }) => unit },
    { title: 'before', align: 'right', text: ({ before }) => formatValue(before) },
    { title: 'after', align: 'right', text: ({ after }) => formatValue(after) },
    { title: 'change', align: 'right', text: ({ change }) => formatChange(change) },
    {
      title: 'noise',
      align: 'right',
      text: ({ noise }) => (noise === undefined ? '?' : `± ${(noise * 100).toFixed(1)} %`),
    },
    { title: '', align: 'left', text: (change) => inWords(change, threshold) },
  ];
  const worse = changes.filter((change) => isWorse(change, threshold)).length;
  const summary = `${worse} of ${changes.length} figures are worse by more than ${threshold * 100} %\n`;
  return `${formatTable(columns, changes)}${summary}`;
}

function inWords(change: Change, threshold: number): string {
  if (isWorse(change, threshold)) return 'WORSE';
  const { worse, noise = 0 } = change;
  return -worse > threshold && -worse > noise ? 'better' : '';
}
