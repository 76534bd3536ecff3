// The process that measures what compiled tables hold: prints bytes for each route.
//   node --expose-gc measure-table-memory.js ROUTES TABLES
import { compileForWorkers } from './engine.js';
import { typicalWorkload } from './typical.js';

const [routesText, tablesText] = process.argv.slice(2);
const routeCount = Number(routesText);
const tableCount = Number(tablesText);

const { routes } = typicalWorkload(routeCount, 1);
// What is made once, by the first table, is not a table's.
const tables = [compileForWorkers(routes)];
const before = heldBytes();
for (let count = 0; count < tableCount; count += 1) tables.push(compileForWorkers(ownTexts()));
const after = heldBytes();
console.log((after - before) / (routeCount * (tables.length - 1)));

/** Routes as they come from a store: texts of their own, shared with no other org's. */
function ownTexts(): typeof routes {
  return structuredClone(routes);
}

function heldBytes(): number {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
  for (let times = 0; times < 4; times += 1) globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  // Shared memory is on no thread's account.
  const shared = tables.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return heapUsed + external + shared;
}
