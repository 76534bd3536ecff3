// What callers write, as drafts that the store can trust, or a refusal with every problem of the whole body.
import { parseOrgId } from '../protocol/org-id.js';
import { type Check, boolean, checkFields, describe, isMap, text } from '../routing/checks.js';
import { type Path, type ProblemCode, Problems } from '../routing/problem.js';
import type { RouteDraft } from '../routing/route.js';
import { parseRouteDraft } from '../routing/validate.js';
import type { PlacedRoute } from '../store/route-store.js';
import { Refusal } from './refusal.js';
import { checkWellFormed } from './well-formed.js';

/** More than anybody reads; a body of nothing but mistakes could otherwise be answered with gigabytes. */
export const PROBLEMS_MAX = 1000;

/** @throws Refusal `invalid_route` */
export function parseDraft(body: unknown): RouteDraft {
  return collect(body, (problems) => parseRouteDraft(body, [], problems));
}

/**
 * Parses `{routes: […]}`: drafts that may say their `id` and `paused`.
 *
 * @throws Refusal `invalid_route`
 */
export function parseRouteSet(body: unknown): readonly PlacedRoute[] {
  return collect(body, (problems) => {
    let routes: readonly PlacedRoute[] | undefined;
    const list: Check = (value, at) => {
      if (Array.isArray(value)) routes = parseRoutes(value, at, problems);
      else problems.add(at, 'invalid_field', `expected a list of routes, got ${describe(value)}`);
    };
    if (checkFields(body, { routes: list }, [], problems) && isMap(body) && !Object.hasOwn(body, 'routes')) {
      problems.add(['routes'], 'invalid_field', 'expected a list of routes, got nothing');
    }
    return routes;
  });
}

const routeId: Check = (value, at, problems) => {
  if (typeof value !== 'string') text(value, at, problems);
  else if (parseOrgId(value) === undefined) {
    problems.add(at, 'invalid_field', `expected a UUID, got ${describe(value)}`);
  }
};

const PLACED_FIELDS = { id: routeId, paused: boolean };

function parseRoutes(values: readonly unknown[], at: Path, problems: Problems): readonly PlacedRoute[] {
  const seen = new Set<string>();
  return values.flatMap((value, index) => {
    const draft = parseRouteDraft(value, [...at, index], problems, PLACED_FIELDS);
    // The id is looked at even of a draft that is wrong elsewhere: all problems are told at once.
    const id = isMap(value) && typeof value['id'] === 'string' ? parseOrgId(value['id']) : undefined;
    if (id !== undefined && seen.has(id)) {
      problems.add([...at, index, 'id'], 'duplicate', `another route of this set has the id ${id}`);
    }
    if (id !== undefined) seen.add(id);
    if (draft === undefined) return [];
    const { paused } = value as { readonly paused?: boolean };
    return [{ ...draft, ...(id === undefined ? {} : { id }), ...(paused === undefined ? {} : { paused }) }];
  });
}

/** Thrown by the collector when it is full, and seen by nobody else. */
class TooManyProblems extends Error {}

class BoundedProblems extends Problems {
  override add(steps: Path, code: ProblemCode, message: string): void {
    if (this.list.length === PROBLEMS_MAX) throw new TooManyProblems();
    super.add(steps, code, message);
  }
}

function collect<T>(body: unknown, parse: (problems: Problems) => T | undefined): T {
  const problems = new BoundedProblems();
  let parsed: T | undefined;
  let isCut = false;
  try {
    parsed = parse(problems);
    checkWellFormed(body, [], problems);
  } catch (error) {
    if (!(error instanceof TooManyProblems)) throw error;
    isCut = true;
  }
  if (parsed !== undefined && problems.list.length === 0) return parsed;
  const count = problems.list.length;
  const detail = isCut
    ? `more than ${count} problems, of which these are the first`
    : `${count} ${count === 1 ? 'problem' : 'problems'}`;
  throw new Refusal('invalid_route', detail, { problems: problems.list });
}
