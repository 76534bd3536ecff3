// The result of a run, as `--json` saves it: every figure with its rounds and histogram, and all that one has to know
// to compare it with another.
import { execFile } from 'node:child_process';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchSettings } from './bench-case.js';
import type { Figure } from './figure.js';
import { repositoryPath } from './paths.js';

/** Raised when a saved result can no longer be read. */
const FORMAT = 1;

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
}

/** A figure of the suite; its name is `case/figure`. */
export type SuiteFigure = Figure & { readonly isInReadme: boolean };

export interface SuiteResult {
  readonly format: typeof FORMAT;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationSeconds: number;
  readonly machine: Machine;
  /** Of the working tree; with `+` where that has changes. Null outside a repository. */
  readonly commit: string | null;
  readonly settings: BenchSettings;
  readonly figures: readonly SuiteFigure[];
  readonly failures: readonly { readonly case: string; readonly message: string }[];
}

export function newResult(parts: Omit<SuiteResult, 'format' | 'machine'>): SuiteResult {
  return { format: FORMAT, machine: describeMachine(), ...parts };
}

function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
  };
}

export async function currentCommit(): Promise<string | null> {
  const git = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('git', ['-C', repositoryPath(''), ...args])).stdout.trim();
  try {
    const commit = await git('rev-parse', '--short=12', 'HEAD');
    return (await git('status', '--porcelain', '--untracked-files=no')) === '' ? commit : `${commit}+`;
  } catch {
    return null;
  }
}

export async function saveResult(path: string, result: SuiteResult): Promise<void> {
  await writeFile(path, `${JSON.stringify(result)}\n`);
}

/** @throws an Error that says what is wrong with the file. */
export async function loadResult(path: string): Promise<SuiteResult> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path} can't be read as a saved result: ${String(error)}`, { cause: error });
  }
  if (!isResult(parsed)) throw new Error(`${path} is no result of this suite: save one with --json`);
  return parsed;
}

/** Every saved result in a directory, the oldest first. Other files are passed over. */
export async function loadHistory(directory: string): Promise<SuiteResult[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json'));
  const parsed = await Promise.all(
    names.map(async (name): Promise<unknown> => JSON.parse(await readFile(join(directory, name), 'utf8'))),
  );
  return parsed.filter(isResult).sort((a, b) => a.startedAt.localeCompare(b.startedAt));
}

function isResult(value: unknown): value is SuiteResult {
  return (
    typeof value === 'object' &&
    value !== null &&
    'format' in value &&
    value.format === FORMAT &&
    'figures' in value &&
    Array.isArray(value.figures)
  );
}
