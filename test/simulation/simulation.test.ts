// The daemon's cache, change feed, publisher and workers under faults that a seed decides; and that the simulation
// would tell if they were wrong.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertPlace } from '../support/mutation.js';
import { anySeed } from '../support/random.js';
import { MUTANTS, simulateMutant } from './mutants.js';
import { repeatCommand, simulate, totalsText, traceOf } from './simulate.js';

const RUNS = 300;

/** One of each kind: what is kept, what is served, who waits, what is asked of the store. */
const SOME_MUTANTS = [
  'takes what was read before an invalidation for fresh',
  'serves a table after its time',
  'forgets a request that is parked',
  'loads an org as often as it is asked for',
] as const;

describe('the simulation', () => {
  it(`finds nothing wrong in ${RUNS} runs that were never made before`, async (t) => {
    const seed = anySeed();
    t.diagnostic(`npm run simulate -- --seed ${seed} --runs ${RUNS}`);
    const { totals, failure } = await simulate(seed, RUNS);
    t.diagnostic(totalsText(totals));
    if (failure !== undefined) assert.fail(`${String(failure.error)}\n${repeatCommand(failure.seed)}`);
    const { runs, decisions, stale, unavailable } = totals;
    assert.equal(runs, RUNS);
    assert.ok(decisions > 10_000 && stale > 1000 && unavailable > 100, 'there were storms');
  });

  it('is the same every time for the same seed', async () => {
    const trace = await traceOf(17);
    assert.ok(trace.length > 100, `${trace.length} lines`);
    assert.deepEqual(await traceOf(17), trace);
  });

  it('has a place in the code for every defect that can be planted', async () => {
    for (const mutant of MUTANTS) await assertPlace(mutant);
  });

  // `npm run simulate -- --mutants` tries all.
  for (const name of SOME_MUTANTS) {
    it(`finds it when the code ${name}`, async () => {
      const mutant = MUTANTS.find((other) => other.name === name);
      assert.ok(mutant !== undefined);
      const { isFound, output } = await simulateMutant(mutant);
      assert.ok(isFound, output);
    });
  }
});
