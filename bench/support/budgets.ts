// What the project promises of its figures: bench/budgets.json, each entry a bound on one figure. Bounds on ratios hold
// on any machine, those on absolute figures on one like that which the budget was made for.
import { readFileSync } from 'node:fs';
import { type Figure, median, valueOf } from './figure.js';
import { formatValue } from './format.js';
import { repositoryPath } from './paths.js';

export interface Budget {
  /** `case/figure`. */
  readonly figure: string;
  readonly of: 'p50' | 'p99' | 'ratio' | 'value';
  readonly unit?: Figure['unit'];
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface Verdict {
  /** As people write it: `≤ 200 ns`. */
  readonly text: string;
  readonly isMet: boolean;
}

export function loadBudgets(): Budget[] {
  return JSON.parse(readFileSync(repositoryPath('bench/budgets.json'), 'utf8')) as Budget[];
}

/** undefined: nothing is promised of that figure. */
export function judge(one: Figure, budgets: readonly Budget[]): Verdict | undefined {
  const budget = budgets.find(({ figure }) => figure === one.name);
  if (budget === undefined) return undefined;
  const { atMost = Infinity, atLeast = -Infinity } = budget;
  const value = budgetedValue(one, budget);
  const bound = Number.isFinite(atMost) ? atMost : atLeast;
  const shown = budget.of === 'ratio' ? `${bound} ×` : `${formatValue(bound)} ${one.unit}`;
  return {
    text: `${bound === atMost ? '≤' : '≥'} ${shown}`,
    // A figure that isn't there meets nothing.
    isMet: value <= atMost && value >= atLeast,
  };
}

function budgetedValue(one: Figure, { of, unit }: Budget): number {
  if (unit !== undefined && unit !== one.unit)
    throw new Error(`${one.name} is in ${one.unit}, not in ${unit}`);
  switch (of) {
    case 'ratio':
      return one.ratio === null ? NaN : median(one.ratio.rounds);
    case 'value':
      return valueOf(one);
    case 'p50':
      return one.percentiles?.p50 ?? NaN;
    case 'p99':
      return one.percentiles?.p99 ?? NaN;
  }
}
