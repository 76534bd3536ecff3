// One run of the command: measures or loads, prints, saves, compares.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { type BenchSettings, NORMAL, QUICK } from './bench-case.js';
import { loadBudgets } from './budgets.js';
import { type BenchOptions, UsageError } from './command-line.js';
import { compareResults, compareTable, isWorse } from './compare.js';
import { compareWithRevision } from './compare-revision.js';
import { type NamedCase, figureNames, findCases, selectCases } from './find-cases.js';
import { readmeTable, writeReadme } from './readme-table.js';
import { reportPage } from './report.js';
import { problemLines, resultTable } from './result-table.js';
import { runCases } from './run-cases.js';
import { type SuiteResult, loadHistory, loadResult, saveResult } from './suite-result.js';

/** Returns the exit code. */
export async function measureAndReport(
  names: readonly string[],
  options: BenchOptions,
  signal: AbortSignal,
): Promise<number> {
  const all = await findCases();
  const cases = selectCases(all, names);
  if (options.list) {
    process.stdout.write(listing(cases));
    return 0;
  }
  const settings = settingsOf(options);
  const { compare } = options;
  // What the flags name must be there before minutes are spent on it.
  const before = compare !== undefined && existsSync(compare) ? await loadResult(compare) : undefined;
  if (compare !== undefined && before === undefined) {
    refuseBeside(compare, options);
    return compareWithRevision(compare, cases, settings, options.threshold, signal);
  }
  const history = options.history === undefined ? [] : await loadHistory(options.history);
  const result =
    options.from === undefined ? await runCases(cases, settings, signal) : await loadResult(options.from);
  const isTrusted = await present(result, history, options);
  if (options.writeReadme) {
    await writeReadme(result, loadBudgets(), figureNames(all.filter(({ bench }) => bench.isInReadme)));
  }
  if (before === undefined) return isTrusted ? 0 : 1;
  const changes = compareResults(before, result);
  process.stdout.write(compareTable(changes, options.threshold));
  return isTrusted && !changes.some((change) => isWorse(change, options.threshold)) ? 0 : 1;
}

/** Two trees that take turns give changes, and no result of either. */
function refuseBeside(revision: string, options: BenchOptions): void {
  const flags = ['from', 'json', 'report', 'history', 'markdown', 'writeReadme'] as const;
  const given = flags.find((flag) => options[flag] !== undefined && options[flag] !== false);
  if (given === undefined) return;
  const name = given === 'writeReadme' ? 'write-readme' : given;
  throw new UsageError(
    `--${name} doesn't go with --compare ${revision}, which is no file and so a revision: run them one after the other`,
  );
}

function settingsOf({ quick, rounds }: BenchOptions): BenchSettings {
  const settings = quick ? QUICK : NORMAL;
  return rounds === undefined ? settings : { ...settings, rounds };
}

function listing(cases: readonly NamedCase[]): string {
  return cases
    .map(({ name, bench }) => `${name}\n    ${bench.about}\n    ${bench.figures.join(', ')}\n`)
    .join('');
}

/** Returns whether every figure can be trusted. */
async function present(
  result: SuiteResult,
  history: readonly SuiteResult[],
  options: BenchOptions,
): Promise<boolean> {
  const budgets = loadBudgets();
  if (options.json !== undefined) await saveResult(options.json, result);
  process.stdout.write(options.markdown ? await readmeTable(result, budgets) : resultTable(result, budgets));
  if (options.report !== undefined)
    await writeFile(options.report, await reportPage(result, history, budgets));
  const problems = problemLines(result);
  for (const line of problems) process.stderr.write(`${line}\n`);
  return problems.length === 0;
}
