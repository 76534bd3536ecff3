// The format of a route file: text → every org's routes, or every problem with its line. JSON is YAML and is read
// as well. Pure: no file is opened here.
import {
  type Document,
  LineCounter,
  type Node,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  visit,
} from 'yaml';
import { messageOf } from '../errors.js';
import { parseOrgId } from '../protocol/org-id.js';
import { type Check, boolean, describe, isMap as isPlainMap, text } from '../routing/checks.js';
import { type Path, type ProblemCode, Problems } from '../routing/problem.js';
import type { Route, RouteDraft } from '../routing/route.js';
import { parseRouteDraft } from '../routing/validate.js';
import { nameBasedRouteId } from './route-id.js';
import { placeBeyondDepth } from './yaml-depth.js';

export interface RouteFileProblem {
  /** From 1. */
  readonly line: number;
  readonly column: number;
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

/** Uses of one anchor, those within other anchors multiplied: plenty for lists that routes share, and no bomb. */
const ALIASES_MAX = 10_000;

/** Levels of lists and maps, aliases followed: three times what a route with the deepest effects has. */
const DEPTH_MAX = 64;
const TOO_DEEP = `nested more than ${DEPTH_MAX} deep`;

export function parseRouteFile(source: string): ParsedRouteFile {
  const tooDeep = placeBeyondDepth(source, DEPTH_MAX);
  if (tooDeep !== undefined) {
    return { ok: false, problems: [{ ...tooDeep, path: '', code: 'syntax', message: TOO_DEEP }] };
  }
  const lines = new LineCounter();
  const document = parseDocument(source, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    stringKeys: true,
  });
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const syntax = (offset: number, message: string): RouteFileProblem => ({
    ...at(offset),
    path: '',
    code: 'syntax',
    message,
  });
  // A warning is a tag or a directive that means nothing here; whoever wrote `!env MODEL` didn't mean the text MODEL.
  const errors = [...document.errors, ...document.warnings];
  if (errors.length > 0) {
    return { ok: false, problems: errors.map(({ pos, message }) => syntax(pos[0], message)) };
  }
  const problems = new Problems();
  let content: unknown;
  try {
    // Maps come as Map objects: no key can meet an object's prototype on the way.
    content = toPlain(document.toJS({ mapAsMap: true, maxAliasCount: ALIASES_MAX }));
  } catch (error) {
    // An alias without an anchor, too many aliases, or one that is part of what it stands for.
    const dangling = danglingAliases(document).map(([offset, name]) =>
      syntax(offset, `there is no anchor &${name} before the alias`),
    );
    return { ok: false, problems: dangling.length > 0 ? dangling : [syntax(0, messageOf(error))] };
  }
  const orgs = parseOrgs(content, problems);
  if (problems.list.length === 0) return { ok: true, file: { orgs, document } };
  const located = problems.list.map(({ steps, path, code, message }): RouteFileProblem => ({
    ...at(offsetOf(document, steps)),
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

function parseOrgs(content: unknown, problems: Problems): Map<string, Route[]> {
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
      orgs.set(orgId, parseRoutes(orgId, routes, at, problems));
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
    routes.push({ id, paused, ...draft });
  }
  return routes;
}

/** Of the name; where that isn't enough, of its position in the org's list too. */
function defaultRouteId(orgId: string, { name }: RouteDraft, position: number | undefined): string {
  return nameBasedRouteId(orgId, position === undefined ? name : `${name}\n${position}`);
}

/** Maps as objects without a prototype, in which `__proto__` is a key like any other. */
function toPlain(value: unknown, depth = 0): unknown {
  if (depth > DEPTH_MAX) throw new RangeError(`${TOO_DEEP}: an alias may be part of what it stands for`);
  if (Array.isArray(value)) return value.map((member) => toPlain(member, depth + 1));
  if (!(value instanceof Map)) return value;
  const plain = Object.create(null) as Record<string, unknown>;
  for (const [key, member] of value) plain[String(key)] = toPlain(member, depth + 1);
  return plain;
}

function danglingAliases(document: Document.Parsed): [offset: number, name: string][] {
  const dangling: [offset: number, name: string][] = [];
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) === undefined) dangling.push([startOf(alias) ?? 0, alias.source]);
    },
  });
  return dangling;
}

/** Where in the source a value is; of one that is missing, where the innermost thing around it is. */
function offsetOf(document: Document.Parsed, steps: Path): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const step of steps) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
      if (pair === undefined) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      offset = startOf(node) ?? offset;
    } else {
      break;
    }
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  if (isPair(node)) return startOf(node.key);
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}
