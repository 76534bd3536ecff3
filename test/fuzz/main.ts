// `npm run fuzz`: tries inputs that nobody would think of, for as many or as long as one likes. What fails is kept as a
// file, and tried again with every `npm test`.
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { anySeed } from '../support/random.js';
import { type Totals, fuzz } from './fuzz.js';
import { isJob, onOrphaned, runJobs, tellTotals } from './jobs.js';
import { keepRegression, regressionsOf } from './regressions.js';
import type { Target } from './target.js';
import { TARGETS } from './targets.js';

const USAGE = `usage: npm run fuzz -- [--target NAME]… [--count N] [--minutes M] [--seed S]
       npm run fuzz -- --target NAME --replay FILE

  --target NAME  ${TARGETS.map(({ name }) => name).join(', ')} (default: all, one after the other)
  --count N      how many of each: ${TARGETS.map(({ inputs, unit, name }) => `${name} ${inputs} ${unit}`).join(', ')}
  --minutes M    no longer than this for each
  --jobs J       processes at a time, where a target is all in the process (default: as many as cores)
  --seed S       the same seed tries the same inputs with as many jobs (default: any)
  --replay FILE  try one input that was kept`;

class UsageError extends Error {}

async function main(argv: readonly string[]): Promise<number> {
  const options = {
    target: { type: 'string', multiple: true },
    count: { type: 'string' },
    minutes: { type: 'string' },
    jobs: { type: 'string' },
    seed: { type: 'string' },
    replay: { type: 'string' },
    help: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ args: [...argv], options });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const targets = values.target === undefined ? TARGETS : values.target.map(targetOf);
  if (values.replay !== undefined) return replay(targets, values.replay);
  const seed = values.seed === undefined ? anySeed() : numberOf('seed', values.seed);
  const minutes = values.minutes === undefined ? Infinity : numberOf('minutes', values.minutes);
  const jobs = values.jobs === undefined ? availableParallelism() : numberOf('jobs', values.jobs);
  const interrupt = new AbortController();
  process.once('SIGINT', () => {
    interrupt.abort();
  });
  if (isJob) onOrphaned(() => interrupt.abort());
  for (const target of targets) {
    if (interrupt.signal.aborted) return 130;
    const count = values.count === undefined ? target.inputs : numberOf('count', values.count);
    const run = { target, seed, count, milliseconds: minutes * 60_000, signal: interrupt.signal };
    const isClean = target.isInProcess && jobs > 1 ? await runAll(run, jobs) : await runOne(run);
    if (!isClean) return 1;
  }
  return interrupt.signal.aborted ? 130 : 0;
}

interface Run {
  readonly target: Target;
  readonly seed: number;
  readonly count: number;
  readonly milliseconds: number;
  readonly signal: AbortSignal;
}

/** In processes of their own. False: something was found, and told. */
async function runAll(run: Run, jobs: number): Promise<boolean> {
  const progress = announced(run, `, ${jobs} jobs`);
  const script = fileURLToPath(import.meta.url);
  const onProgress = (totals: Totals): void => {
    console.error(`fuzz: ${progress(totals)}`);
  };
  const { totals, hasFound } = await runJobs(script, { ...run, target: run.target.name, jobs, onProgress });
  console.log(progress(totals));
  return !hasFound;
}

/** In this process. False: something was found, and told. */
async function runOne(run: Run): Promise<boolean> {
  const { target, seed, count, milliseconds, signal } = run;
  const { name } = target;
  const progress = isJob ? undefined : announced(run);
  const { totals, failure } = await fuzz(target, {
    seed,
    count,
    milliseconds,
    corpus: (await regressionsOf(name)).map(({ input }) => input),
    isInterrupted: () => signal.aborted,
    onProgress: (so) => {
      if (progress === undefined) tellTotals(so);
      else console.error(`fuzz: ${progress(so)}`);
    },
  });
  if (progress === undefined) tellTotals(totals);
  else console.log(progress(totals));
  if (failure === undefined) return true;
  const { error, input } = failure;
  console.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const file = await keepRegression(name, input);
  console.log(`The input is kept. To try it again:  npm run fuzz -- --target ${name} --replay ${file}`);
  return false;
}

/** Says what begins; returns what says how far it is. */
function announced({ target, seed, count }: Run, how = ''): (totals: Totals) => string {
  console.error(`fuzz: ${target.name}, ${count} ${target.unit}, seed ${seed}${how}`);
  const startedMs = performance.now();
  return (totals) => totalsText(target, totals, performance.now() - startedMs);
}

async function replay(targets: readonly Target[], file: string): Promise<number> {
  const [target] = targets;
  if (target === undefined || targets.length > 1) throw new UsageError('--replay is for one --target');
  const session = await target.open();
  try {
    await session.run(await readFile(file));
    console.log(`${target.name}: nothing is wrong with it`);
    return 0;
  } catch (error) {
    console.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return 1;
  } finally {
    await session.close();
  }
}

function totalsText(target: Target, { inputs, units, kept, characters }: Totals, elapsedMs: number): string {
  const rate = Math.round(units / (elapsedMs / 1000));
  return (
    `${target.name}: ${units} ${target.unit} in ${inputs} inputs, ${rate} /s; ` +
    `${kept} inputs came to new places, ${characters} characters of code run; ${(elapsedMs / 1000).toFixed(0)} s`
  );
}

function targetOf(name: string): Target {
  const target = TARGETS.find((other) => other.name === name);
  if (target === undefined) throw new UsageError(`there is no target ${name}`);
  return target;
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new UsageError(`--${name} must be a number, not ${text}`);
  return value;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError || (error instanceof TypeError && 'code' in error))) throw error;
  console.error(`fuzz: ${error.message}\n${USAGE}`);
  process.exitCode = 2;
}
