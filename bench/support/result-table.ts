// The one table that a run prints. A figure with a distribution has its percentiles, each the median of the rounds; one
// that is a single value a round has the median in the first column.
import { type Budget, judge } from './budgets.js';
import { type Figure, median, valueOf } from './figure.js';
import { formatRatio, formatValue } from './format.js';
import type { SuiteResult } from './suite-result.js';
import { type Column, formatTable } from './table.js';

export function resultTable(result: SuiteResult, budgets: readonly Budget[]): string {
  return `${formatTable(resultColumns(budgets), result.figures)}${provenance(result)}\n`;
}

/** What, where and how it was measured. */
export function provenance({ machine, startedAt, commit, settings, durationSeconds }: SuiteResult): string {
  const { cpu, cores, node, kernel } = machine;
  const where = `${cores} cores (${cpu}), Node ${node.slice(1)}, kernel ${kernel}`;
  const rounds = `${settings.rounds} ${settings.rounds === 1 ? 'round' : 'rounds'}`;
  const how = `${settings.isQuick ? 'quick, ' : ''}${rounds}, ${Math.round(durationSeconds)} s in all`;
  return `On ${where}; ${startedAt.slice(0, 10)}, commit ${commit ?? 'unknown'}; ${how}.`;
}

/** Shared with README's table. */
export function resultColumns(budgets: readonly Budget[]): Column<Figure>[] {
  return [
    { title: 'case', align: 'left', text: ({ name }) => name },
    { title: 'unit', align: 'left', text: ({ unit }) => unit },
    { title: 'p50', align: 'right', text: (one) => formatValue(one.percentiles?.p50 ?? valueOf(one)) },
    { title: 'p99', align: 'right', text: ({ percentiles }) => optional(percentiles?.p99) },
    { title: 'p99.9', align: 'right', text: ({ percentiles }) => optional(percentiles?.p999) },
    {
      title: 'ratio',
      align: 'right',
      text: ({ ratio }) => (ratio === null ? '' : formatRatio(median(ratio.rounds))),
    },
    { title: 'to', align: 'left', text: ({ ratio }) => ratio?.to ?? '' },
    { title: 'budget', align: 'left', text: (one) => budgetText(one, budgets) },
  ];
}

function optional(value: number | undefined): string {
  return value === undefined ? '' : formatValue(value);
}

function budgetText(one: Figure, budgets: readonly Budget[]): string {
  const verdict = judge(one, budgets);
  return verdict === undefined ? '' : `${verdict.text} ${verdict.isMet ? 'met' : 'MISSED'}`;
}

/** What is wrong with the run, a line each: figures not to be trusted, and cases that failed. */
export function problemLines({ figures, failures }: SuiteResult): string[] {
  return [
    ...failures.map((failure) => `failed: ${failure.case}: ${failure.message}`),
    ...figures.flatMap(({ name, problems }) =>
      problems.map((problem) => `not to be trusted: ${name}: ${problem}`),
    ),
  ];
}
