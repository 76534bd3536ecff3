// The format of a route file: text → every org's routes, or every problem with its line. JSON is YAML and is read
// as well. Pure: no file is opened here.
import type { Document } from 'yaml';
import { parseOrgId } from '../protocol/org-id.js';
import { type Check, boolean, describe, isMap as isPlainMap, text } from '../routing/checks.js';
import { type Path, type ProblemCode, Problems } from '../routing/problem.js';
import type { Route, RouteDraft } from '../routing/route.js';
import { parseRouteDraft } from '../routing/validate.js';
import { UNKNOWN_ORG, draftOf, listEnabled, withRoutes } from './org-routes.js';
import { orgRoutesJson, whyTooLarge } from './org-size.js';
import { nameBasedRouteId } from './route-id.js';
import { type Place, readYaml } from './yaml-document.js';

/** As long as the time at which a file is changed, which is what its routes get: they are counted with it. */
const REVISION = 1_000_000_000_000;

export interface RouteFileProblem extends Place {
  /** Empty where the text isn't even YAML. */
  readonly path: string;
  readonly code: ProblemCode | 'syntax';
  readonly message: string;
}

export interface RouteFile {
  /** Every org's routes in file order, which is their creation order. */
  readonly orgs: ReadonlyMap<string, readonly Route[]>;
  readonly document: Document.Parsed;
}

export type ParsedRouteFile =
  | { readonly ok: true; readonly file: RouteFile }
  | { readonly ok: false; readonly problems: readonly RouteFileProblem[] };

/**
 * The file as a daemon reads it: an org that has more routes than it may keeps those that it had, and the file is as good
 * as any for the others.
 */
export function parseRouteFile(source: string): ParsedRouteFile {
  return parse(source, () => undefined);
}

/** The same for whoever writes the file, and is to hear of that before the daemon does. */
export function checkRouteFile(source: string): ParsedRouteFile {
  return parse(source, (orgId, routes) => {
    const record = withRoutes(UNKNOWN_ORG, routes, REVISION);
    return whyTooLarge(Buffer.byteLength(orgRoutesJson(listEnabled(orgId, record))));
  });
}

/** What is wrong with all routes of an org together. */
type CheckOrg = (orgId: string, routes: readonly Route[]) => string | undefined;

function parse(source: string, checkOrg: CheckOrg): ParsedRouteFile {
  const yaml = readYaml(source);
  if (!yaml.ok) {
    return { ok: false, problems: yaml.problems.map((each) => ({ ...each, path: '', code: 'syntax' })) };
  }
  const { document, content, placeOf } = yaml;
  const problems = new Problems();
  const orgs = parseOrgs(content, checkOrg, problems);
  if (problems.list.length === 0) return { ok: true, file: { orgs, document } };
  const located = problems.list.map(({ steps, path, code, message }): RouteFileProblem => ({
    ...placeOf(steps),
    path,
    code,
    message,
  }));
  return { ok: false, problems: located.sort((a, b) => a.line - b.line || a.column - b.column) };
}

/** One line for a problem, as compilers write it: `routes.yaml:12:7: orgs.….priority: invalid_field: expected …`. */
export function formatProblem(file: string, { line, column, path, code, message }: RouteFileProblem): string {
  const where = path === '' ? '' : ` ${path}:`;
  return `${file}:${line}:${column}:${where} ${code}: ${message}`;
}

function parseOrgs(content: unknown, checkOrg: CheckOrg, problems: Problems): Map<string, Route[]> {
  const orgs = new Map<string, Route[]>();
  if (!isPlainMap(content)) {
    // An empty file too: an editor that is about to write must not take every route away.
    problems.add([], 'invalid_field', `expected a map with the key orgs, got ${describe(content)}`);
    return orgs;
  }
  for (const key of Object.keys(content)) {
    if (key !== 'orgs') problems.add([key], 'unknown_field', 'unknown field; expected orgs');
  }
  const byOrg = content['orgs'];
  if (!isPlainMap(byOrg)) {
    problems.add(['orgs'], 'invalid_field', `expected a map from org to routes, got ${describe(byOrg)}`);
    return orgs;
  }
  for (const [key, routes] of Object.entries(byOrg)) {
    const orgId = parseOrgId(key);
    const at = ['orgs', key];
    if (orgId === undefined) {
      problems.add(at, 'invalid_field', `an org is a UUID, got ${describe(key)}`);
    } else if (orgs.has(orgId)) {
      problems.add(at, 'duplicate', 'the org is in the file already');
    } else if (!Array.isArray(routes)) {
      problems.add(at, 'invalid_field', `expected a list of routes, got ${describe(routes)}`);
    } else {
      const ofOrg = parseRoutes(orgId, routes, at, problems);
      orgs.set(orgId, ofOrg);
      const problem = checkOrg(orgId, ofOrg);
      if (problem !== undefined) problems.add(at, 'out_of_range', problem);
    }
  }
  return orgs;
}

const routeId: Check = (value, at, problems) => {
  if (typeof value !== 'string') text(value, at, problems);
  else if (parseOrgId(value) === undefined)
    problems.add(at, 'invalid_field', `expected a UUID, got ${describe(value)}`);
};

/** What a route file may say of a route beyond what any writer may. */
const FILE_FIELDS = { id: routeId, paused: boolean };

function parseRoutes(orgId: string, values: readonly unknown[], at: Path, problems: Problems): Route[] {
  const drafts = values.map((value, index) => {
    const draft = parseRouteDraft(value, [...at, index], problems, FILE_FIELDS);
    if (draft === undefined) return undefined;
    const { id, paused = false } = value as { id?: string; paused?: boolean };
    return { draft, id, paused };
  });
  const timesUnidentified = new Map<string, number>();
  for (const parsed of drafts) {
    if (parsed === undefined || parsed.id !== undefined) continue;
    timesUnidentified.set(parsed.draft.name, (timesUnidentified.get(parsed.draft.name) ?? 0) + 1);
  }
  const routes: Route[] = [];
  const seen = new Set<string>();
  for (const [index, parsed] of drafts.entries()) {
    if (parsed === undefined) continue;
    const { draft, id: given, paused } = parsed;
    const repeats = (timesUnidentified.get(draft.name) ?? 0) > 1;
    const id = given?.toLowerCase() ?? defaultRouteId(orgId, draft, repeats ? index : undefined);
    if (seen.has(id))
      problems.add([...at, index, 'id'], 'duplicate', `another route of this org has the id ${id}`);
    seen.add(id);
    // As a copy it has maps like anybody else’s, and is equal to what says the same.
    routes.push({ id, paused, ...draftOf(draft) });
  }
  return routes;
}

/** Of the name; where that isn't enough, of its position in the org's list too. */
function defaultRouteId(orgId: string, { name }: RouteDraft, position: number | undefined): string {
  return nameBasedRouteId(orgId, position === undefined ? name : `${name}\n${position}`);
}
