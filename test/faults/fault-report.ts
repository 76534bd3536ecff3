// Plays faults one after the other, and tells: a table on standard output, a file of JSON if wanted, and what must never
// be on standard error, with exit code 1.
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { type Column, formatTable } from '../../src/cli/output/table.js';
import type { Scale } from '../support/fault-stage.js';
import type { FaultResult } from './fault.js';

/** A fault that is ready to be played. */
export interface Playable {
  readonly name: string;
  /** Only if it is named. */
  readonly isLong?: boolean;
  readonly play: () => Promise<FaultResult>;
}

export interface ReportOptions {
  readonly scale: Scale;
  /** Those whose name contains one of them; none: all. */
  readonly parts: readonly string[];
  readonly jsonFile: string | undefined;
}

const FIGURES = [
  ...['sent', 'decisions', 'stale', 'not yet known', 'errors', 'fail-opens', 'slowest ms', 'recovery ms'],
];

export async function playAndReport(all: readonly Playable[], options: ReportOptions): Promise<void> {
  const { scale, parts, jsonFile } = options;
  const faults = all.filter(({ name, isLong = false }) =>
    parts.length === 0 ? !isLong : parts.some((part) => name.includes(part)),
  );
  if (faults.length === 0) {
    console.error(`no fault's name contains ${parts.join(' or ')}; there are:`);
    for (const { name } of all) console.error(`  ${name}`);
    process.exitCode = 2;
    return;
  }
  const results: FaultResult[] = [];
  const failures: string[] = [];
  for (const [index, { name, play }] of faults.entries()) {
    console.error(`${index + 1} of ${faults.length}: ${name} …`);
    try {
      const result = await play();
      results.push(result);
      failures.push(...result.problems.map((problem) => `${name}: ${problem}`));
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  console.log(table(results));
  if (jsonFile !== undefined) {
    const machine = { node: process.version, cores: cpus().length, cpu: cpus()[0]?.model };
    await writeFile(jsonFile, `${JSON.stringify({ machine, scale, results, failures }, null, 2)}\n`);
  }
  if (failures.length > 0) {
    console.error(`\nwhat must never be:\n${failures.map((failure) => `  ${failure}`).join('\n')}`);
    process.exitCode = 1;
  }
}

function table(results: readonly FaultResult[]): string {
  const text = formatTable(
    [{ title: 'fault' }, ...FIGURES.map((title): Column => ({ title, align: 'right' }))],
    results.map((result) => [
      result.fault,
      ...[result.sent, result.decisions, result.stale, result.notYetKnown].map(String),
      ...[result.errors, result.failOpens, result.slowestMs, result.recoveryMs].map(String),
    ]),
  );
  const causes = results.map(({ fault, cause }) => `  ${fault}: ${cause}`);
  return [text, '', 'how each was caused', ...causes].join('\n');
}
