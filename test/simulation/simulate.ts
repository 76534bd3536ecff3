// Many runs of the simulation, each with a seed of its own, up to the first that goes wrong.
import { type Counts, Simulation } from './simulation.js';

export type Totals = Record<'runs' | keyof Counts, number>;

const NOTHING: Totals = {
  ...{ runs: 0, events: 0, decisions: 0, stale: 0, unavailable: 0 },
  ...{ loads: 0, invalidations: 0, restores: 0 },
};

/** Undefined: all went well. */
export interface Failure {
  readonly seed: number;
  readonly error: unknown;
}

/** Runs until one goes wrong. */
export async function simulate(
  firstSeed: number,
  runs: number,
  /** Called after each; false: enough. */
  onRun: (totals: Totals) => boolean = () => true,
): Promise<{ readonly totals: Totals; readonly failure: Failure | undefined }> {
  const totals: Totals = { ...NOTHING };
  for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
    const simulation = new Simulation(seed);
    try {
      await simulation.run();
    } catch (error) {
      return { totals, failure: { seed, error } };
    }
    add(totals, simulation.counts);
    if (!onRun(totals)) break;
  }
  return { totals, failure: undefined };
}

function add(totals: Totals, counts: Counts): void {
  totals.runs += 1;
  for (const name of Object.keys(counts) as (keyof Counts)[]) totals[name] += counts[name];
}

/** Everything that happens in that run. */
export async function traceOf(seed: number): Promise<readonly string[]> {
  const lines: string[] = [];
  const simulation = new Simulation(seed, (line) => lines.push(line));
  await simulation.run().catch((error: unknown) => lines.push(String(error)));
  return lines;
}

export function totalsText({
  runs,
  events,
  decisions,
  stale,
  unavailable,
  loads,
  invalidations,
  restores,
}: Totals): string {
  return (
    `${runs} runs, ${events} events: ${decisions} decisions (${stale} stale), ${unavailable} unavailable, ` +
    `${loads} loads, ${invalidations} invalidations, ${restores} restores`
  );
}

export function repeatCommand(seed: number): string {
  return `npm run simulate -- --seed ${seed} --runs 1 --trace`;
}
