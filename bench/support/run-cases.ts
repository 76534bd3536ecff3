// Runs cases one after the other. A case that fails doesn't take the others with it; an interrupt ends the one under
// way, and everything that it started and wrote is gone before this returns.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchContext, BenchSettings } from './bench-case.js';
import type { NamedCase } from './find-cases.js';
import { Progress } from './progress.js';
import { type SuiteFigure, type SuiteResult, currentCommit, newResult } from './suite-result.js';

/** @throws the signal's reason when it was aborted. */
export async function runCases(
  cases: readonly NamedCase[],
  settings: BenchSettings,
  signal: AbortSignal,
): Promise<SuiteResult> {
  const startedAt = new Date().toISOString();
  const beganAtMs = performance.now();
  const progress = new Progress(cases.length);
  const figures: SuiteFigure[] = [];
  const failures: { case: string; message: string }[] = [];
  for (const one of cases) {
    progress.begin(one.name);
    try {
      figures.push(...(await runCase(one, settings, signal, progress)));
    } catch (error) {
      if (signal.aborted) {
        progress.end();
        throw error;
      }
      failures.push({ case: one.name, message: error instanceof Error ? error.message : String(error) });
    }
  }
  progress.end();
  const durationSeconds = (performance.now() - beganAtMs) / 1000;
  const commit = await currentCommit();
  return newResult({ startedAt, durationSeconds, commit, settings, figures, failures });
}

async function runCase(
  { name, file, bench }: NamedCase,
  settings: BenchSettings,
  signal: AbortSignal,
  progress: Progress,
): Promise<SuiteFigure[]> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-bench-run-'));
  const cleanups: (() => unknown)[] = [() => rm(directory, { recursive: true, force: true })];
  const context: BenchContext = {
    ...{ settings, signal, directory, file },
    say: (what) => {
      progress.say(what);
    },
    defer: (cleanup) => {
      cleanups.push(cleanup);
    },
  };
  try {
    const figures = await bench.run(context);
    assertAsDeclared(
      figures.map((one) => one.name),
      bench.figures,
    );
    const { isInReadme = false } = bench;
    return figures.map((one) => ({ ...one, isInReadme, name: `${name}/${one.name}` }));
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

/** README and the budgets name figures before any has been measured. */
function assertAsDeclared(actual: readonly string[], declared: readonly string[]): void {
  if (actual.join() !== declared.join()) {
    throw new Error(`the case declares the figures ${declared.join(', ')} and gave ${actual.join(', ')}`);
  }
}
