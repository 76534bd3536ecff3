// The report: one self-contained page with plots. What the page draws is worked out here, as plain data; the page
// itself is bench/report/page.html, and uPlot goes into it whole, so that it needs no network.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Budget } from './budgets.js';
import { repositoryPath } from './paths.js';
import { plotsOf } from './plots.js';
import { resultColumns } from './result-table.js';
import type { SuiteResult } from './suite-result.js';

export async function reportPage(
  result: SuiteResult,
  history: readonly SuiteResult[],
  budgets: readonly Budget[],
): Promise<string> {
  const all = history.some(({ startedAt }) => startedAt === result.startedAt)
    ? history
    : [...history, result];
  const { machine, startedAt, commit, settings } = result;
  const columns = resultColumns(budgets);
  const data = {
    ...{ machine, startedAt, commit, settings },
    columns: columns.map(({ title, align }) => ({ title, align })),
    rows: result.figures.map((one) => columns.map(({ text }) => text(one))),
    plots: plotsOf(result.figures, all),
  };
  const library = dirname(createRequire(import.meta.url).resolve('uplot'));
  const [page, script, style] = await Promise.all([
    readFile(repositoryPath('bench/report/page.html'), 'utf8'),
    readFile(join(library, 'uPlot.iife.min.js'), 'utf8'),
    readFile(join(library, 'uPlot.min.css'), 'utf8'),
  ]);
  // Functions, for in a text `$&` would mean something.
  return page
    .replace('/* uPlot style */', () => style)
    .replace('/* uPlot script */', () => script)
    .replace('"the data"', () => JSON.stringify(data).replaceAll('<', '\\u003c'));
}
