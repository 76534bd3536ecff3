// `npm run simulate`: runs of the simulation. The first that goes wrong is told with what happened in it last, and with
// the command that repeats it.
import { parseArgs } from 'node:util';
import { anySeed } from '../support/random.js';
import { MUTANTS, simulateMutant } from './mutants.js';
import { type Failure, repeatCommand, simulate, totalsText, traceOf } from './simulate.js';

const USAGE = `usage: npm run simulate -- [--seed N] [--runs M] [--trace] | --mutants

  --seed N   the first run's seed; each further run has the next one (default: any)
  --runs M   how many runs (default: 2000)
  --trace    print everything that happens in the first run
  --mutants  plant known defects, one after the other, and see that each is found`;

/** What came just before a failure says most. */
const LINES_TOLD = 60;

const PROGRESS_MS = 1000;

async function main(argv: readonly string[]): Promise<number> {
  const options = {
    seed: { type: 'string' },
    runs: { type: 'string', default: '2000' },
    trace: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ args: [...argv], options });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (values.mutants) return findMutants();
  const seed = values.seed === undefined ? anySeed() : count('seed', values.seed, 2 ** 32 - 1);
  const runs = count('runs', values.runs, 2 ** 32);
  if (values.trace) for (const line of await traceOf(seed)) console.log(line);
  const interrupt = new AbortController();
  process.once('SIGINT', () => {
    interrupt.abort();
  });
  let saidMs = performance.now();
  const startedMs = saidMs;
  console.error(`simulate: ${runs} runs from seed ${seed} on`);
  const { totals, failure } = await simulate(seed, runs, (so) => {
    if (performance.now() - saidMs >= PROGRESS_MS) {
      saidMs = performance.now();
      console.error(`simulate: ${totalsText(so)}`);
    }
    return !interrupt.signal.aborted;
  });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${totalsText(totals)}; ${seconds} s`);
  if (failure !== undefined) await tell(failure, values.trace);
  return failure === undefined ? (interrupt.signal.aborted ? 130 : 0) : 1;
}

/** Whether the simulation would tell if the code were wrong. */
async function findMutants(): Promise<number> {
  let missed = 0;
  for (const mutant of MUTANTS) {
    const { isFound, runs, output } = await simulateMutant(mutant);
    if (!isFound) missed += 1;
    console.log(`${isFound ? `found in run ${runs}` : 'MISSED'}: the code ${mutant.name}`);
    console.log(`       ${/^seed \d+: .*$/m.exec(output)?.[0] ?? output.trim().split('\n').at(-1) ?? ''}`);
  }
  console.log(`${MUTANTS.length - missed} of ${MUTANTS.length} defects were found`);
  return missed === 0 ? 0 : 1;
}

async function tell({ seed, error }: Failure, isTraced: boolean): Promise<void> {
  if (!isTraced) for (const line of (await traceOf(seed)).slice(-LINES_TOLD)) console.log(line);
  console.log(`seed ${seed}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  console.log(`To see it again:  ${repeatCommand(seed)}`);
}

function count(name: string, text: string, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > most)
    throw new UsageError(`--${name} must be a whole number, not ${text}`);
  return value;
}

class UsageError extends Error {}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError || (error instanceof TypeError && 'code' in error))) throw error;
  console.error(`simulate: ${error.message}\n${USAGE}`);
  process.exitCode = 2;
}
