// What the main thread pays when an org's routes have changed.
import { codeCase } from '../../support/code-case.js';
import { compileForWorkers } from '../../support/engine.js';
import { typicalWorkload } from '../../support/typical.js';

const compileRoutes = (count: number) => () => {
  const { routes } = typicalWorkload(count);
  return { operations: 1, run: () => compileForWorkers(routes) };
};

export const bench = codeCase({
  about: 'time to compile the routes of one org into a table, ready to be shipped',
  unit: 'µs',
  inOneProcess: true,
  subjects: {
    '20-routes': compileRoutes(20),
    '1000-routes': compileRoutes(1000),
    '10000-routes': compileRoutes(10_000),
  },
});
