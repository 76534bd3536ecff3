// Texts of route files, and what reading them gives, for the tests of the format.
import assert from 'node:assert/strict';
import type { Route } from '../../src/routing/route.js';
import { formatProblem, parseRouteFile } from '../../src/store/route-file.js';
import { org } from './routes.js';

/** A file whose org is `org(1)` and has one route, whose fields begin on line 3, in column 7. */
export function withRoute(...fields: readonly string[]): string {
  return `orgs:\n  ${org(1)}:\n    - ${fields.join('\n      ')}\n`;
}

/** Every problem of the file as `line:column path code`. */
export function problemsOf(text: string): string[] {
  const parsed = parseRouteFile(text);
  assert.ok(!parsed.ok, 'the file was expected to be refused');
  return parsed.problems.map(({ line, column, path, code }) => `${line}:${column} ${path} ${code}`);
}

/** The same for a file `withRoute`, the paths beginning at the route. */
export function routeProblemsOf(text: string): string[] {
  return problemsOf(text).map((problem) => problem.replace(`orgs.${org(1)}[0].`, ''));
}

export function routesOf(text: string, orgId = org(1)): readonly Route[] {
  const parsed = parseRouteFile(text);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.problems.map((each) => formatProblem('', each)).join('\n'));
  // A copy, for a map without a prototype is as good as one with.
  return structuredClone(parsed.file.orgs.get(orgId) ?? []);
}

/** The one route of a file `withRoute`. */
export function onlyRoute(text: string): Route {
  const [route, another] = routesOf(text);
  assert.ok(route !== undefined && another === undefined, 'one route was expected');
  return route;
}
