// `npm run test:faults [-- PART…] [--json FILE] [--resolve-timeout 50ms]`: plays every fault, or those whose name contains a part, in full, and
// prints a table. Exit 1 if anything was seen that must never be.
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type Column, formatTable } from '../../src/cli/output/table.js';
import type { Scale } from '../support/fault-stage.js';
import { ALL_FAULTS } from './all-faults.js';
import { type FaultResult, playFault } from './fault.js';

const FIGURES = [
  ...['sent', 'decisions', 'stale', 'not yet known', 'errors', 'fail-opens', 'slowest ms', 'recovery ms'],
];

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'string' },
    // Of a machine that does nothing else: 50ms, the daemon's default.
    'resolve-timeout': { type: 'string', default: '250ms' },
  },
  allowPositionals: true,
});
const faults = ALL_FAULTS.filter(
  ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
);
if (faults.length === 0) {
  console.error(`no fault's name contains ${positionals.join(' or ')}; there are:`);
  for (const { name } of ALL_FAULTS) console.error(`  ${name}`);
  process.exit(2);
}

const SCALE: Scale = {
  ttl: '1s',
  resolveTimeout: values['resolve-timeout'],
  outageMs: 3000,
  rounds: 5,
  edits: 6000,
};
const results: FaultResult[] = [];
const failures: string[] = [];
for (const [index, fault] of faults.entries()) {
  console.error(`${index + 1} of ${faults.length}: ${fault.name} …`);
  try {
    const result = await playFault(fault, SCALE);
    results.push(result);
    failures.push(...result.problems.map((problem) => `${fault.name}: ${problem}`));
  } catch (error) {
    failures.push(
      `${fault.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }
}

console.log(
  formatTable(
    [{ title: 'fault' }, ...FIGURES.map((title): Column => ({ title, align: 'right' }))],
    results.map((result) => [
      result.fault,
      ...[result.sent, result.decisions, result.stale, result.notYetKnown].map(String),
      ...[result.errors, result.failOpens, result.slowestMs, result.recoveryMs].map(String),
    ]),
  ),
);
console.log('\nhow each was caused');
for (const { fault, cause } of results) console.log(`  ${fault}: ${cause}`);
if (values.json !== undefined) {
  const machine = { node: process.version, cores: cpus().length, cpu: cpus()[0]?.model };
  await writeFile(values.json, `${JSON.stringify({ machine, scale: SCALE, results, failures }, null, 2)}\n`);
}
if (failures.length > 0) {
  console.error(`\nwhat must never be:\n${failures.map((failure) => `  ${failure}`).join('\n')}`);
  process.exitCode = 1;
}
