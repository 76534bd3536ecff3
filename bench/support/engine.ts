// The engine as the cases see it: the only file here that knows how src/routing is called.
import { shareTable } from '../../src/protocol/shared-table.js';
import { compileTable } from '../../src/routing/compile.js';
import { RouteIndex } from '../../src/routing/index/route-index.js';
import type { ResolveRequest } from '../../src/routing/request.js';
import { resolve } from '../../src/routing/resolve.js';
import type { Route } from '../../src/routing/route.js';
import { signalsOf } from '../../src/routing/signals.js';
import type { Table } from '../../src/routing/table.js';
import { naiveResolve } from '../../test/support/naive-resolve.js';
import type { Batch } from './code-case.js';
import type { Workload } from './typical.js';

/** Of each workload; the plain telling of the rules is slow where there are many. */
const VERIFIED = 8;

export type CompiledTable = Table;

export function compile(routes: readonly Route[]): CompiledTable {
  return compileTable(routes, 1);
}

/** A table as it is shipped: one block of shared memory. */
export function compileForWorkers(routes: readonly Route[]): SharedArrayBuffer {
  return shareTable(compile(routes));
}

/** The name of the route that is taken; null: none. Of a request that is an object; workers have bytes. */
export function decide(table: CompiledTable, request: ResolveRequest): string | null {
  return resolve(table, request).route;
}

/** Decides that request again and again as a worker does, once it has read it. */
export function decider(table: CompiledTable, request: ResolveRequest): () => number {
  const index = new RouteIndex(table.index);
  const signals = signalsOf(request);
  return () => index.select(signals);
}

/**
 * Decides each of the requests once: what a worker does between reading a request and writing its answer. Some are
 * looked at first, for only right answers are worth measuring.
 */
export function decideAll({ routes, requests }: Workload): Batch {
  const table = compile(routes);
  for (const request of requests.slice(0, VERIFIED)) {
    const expected = naiveResolve(routes, request).route;
    const actual = decide(table, request);
    if (actual !== expected) throw new Error(`decided ${String(actual)}, not ${String(expected)}`);
  }
  const index = new RouteIndex(table.index);
  const all = requests.map(signalsOf);
  return {
    operations: all.length,
    run: () => {
      let sum = 0;
      for (const signals of all) sum += index.select(signals);
      return sum;
    },
  };
}
