// Reads the conformance cases, test/fixtures/conformance.json: routes in creation order, one request, and the route
// and target that it must get. The cases are data that other implementations of the dialect share, and are kept as
// they came.
import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import type { ResolveRequest } from '../../src/routing/request.js';
import type { Route } from '../../src/routing/route.js';
import { repositoryPath } from './paths.js';

export interface ConformanceCase {
  readonly id: string;
  /** What it is there to show. */
  readonly about: string;
  /** In creation order, with `paused` only where it is true. */
  readonly routes: readonly ConformanceRoute[];
  readonly request: ResolveRequest;
  readonly expect: ExpectedSelection;
}

export type ConformanceRoute = Omit<Route, 'paused'> & Partial<Pick<Route, 'paused'>>;

export interface ExpectedSelection {
  /** The name of the selected route; null: nothing matches. */
  readonly route: string | null;
  readonly target_model: string | null;
}

/** All cases, in the file's order. */
export async function loadConformanceCases(): Promise<readonly ConformanceCase[]> {
  const text = await readFile(repositoryPath('test/fixtures/conformance.json'), 'utf8');
  const { cases } = JSON.parse(text) as { readonly cases: readonly ConformanceCase[] };
  const ids = new Set<string>();
  for (const conformanceCase of cases) {
    const { id, expect } = conformanceCase;
    // A case that says more than is looked at would check less than it says.
    assert.deepEqual(Object.keys(conformanceCase), ['id', 'about', 'routes', 'request', 'expect'], id);
    assert.deepEqual(Object.keys(expect), ['route', 'target_model'], id);
    assert.ok(!ids.has(id), `two cases have the id ${id}`);
    ids.add(id);
  }
  return cases;
}

/** A case's routes as a store has them. */
export function storedRoutes({ routes }: ConformanceCase): Route[] {
  return routes.map((route) => ({ paused: false, ...route }));
}
