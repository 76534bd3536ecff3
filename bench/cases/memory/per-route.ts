// What a compiled table holds, by the garbage collector's own count and that of shared memory, for tables of twenty
// routes and for one of ten thousand; of the routes that it was compiled from nothing is counted.
import type { BenchCase } from '../../support/bench-case.js';
import { figure } from '../../support/figure.js';
import { runChild } from '../../support/run-child.js';
import { benchFile } from '../../support/paths.js';

const SIZES = { '20-routes-a-table': [20, 2000], '10000-routes-a-table': [10_000, 4] } as const;

export const bench: BenchCase = {
  about: 'memory of a compiled table, for each typical route in it',
  figures: Object.keys(SIZES),
  isInReadme: true,
  async run({ settings, signal, say }) {
    const figures = [];
    for (const [name, [routes, tables]] of Object.entries(SIZES)) {
      const rounds: number[] = [];
      for (let round = 1; round <= settings.rounds; round += 1) {
        say(`${name}, round ${round} of ${settings.rounds}`);
        const args = [benchFile('support/measure-table-memory.js'), String(routes), String(tables)];
        rounds.push(Number(await runChild(process.execPath, ['--expose-gc', ...args], signal)));
      }
      figures.push(figure({ name, unit: 'bytes', better: 'less', headline: 'value', rounds }));
    }
    return figures;
  },
};
