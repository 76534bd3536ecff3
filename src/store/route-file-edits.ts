// Edits of a route file that keep everything else that it says, its comments too. Each returns the file as it is to
// be. A route without an id of its own has one made of its name; an edit that would change that id writes it down.
import { isDeepStrictEqual } from 'node:util';
import { type Document, type YAMLMap, isCollection, isMap, isScalar, isSeq, visit, YAMLSeq } from 'yaml';
import { SignalboxError } from '../errors.js';
import { parseOrgId } from '../protocol/org-id.js';
import { DEFAULT_PRIORITY, type Route, type RouteDraft } from '../routing/route.js';
import { draftOf } from './org-routes.js';
import { type RouteFile, parseRouteFile } from './route-file.js';

const DRAFT_KEYS = ['name', 'priority', 'enabled', 'when', 'then'] as const satisfies (keyof RouteDraft)[];

export interface EditedFile {
  readonly text: string;
  /** What reading that text gives. */
  readonly file: RouteFile;
}

/** Adds a route behind the org's others; the org too, if the file hasn't got it. */
export function appendRoute(file: RouteFile, orgId: string, route: Route): EditedFile {
  const { document } = file;
  const key = orgKey(document, orgId);
  const node = document.createNode({ id: route.id, ...withoutDefaults(route) });
  return edited(file, orgId, [...routesOf(file, orgId), route], () => {
    const [path, added]: [string[], unknown] =
      key === undefined ? [['orgs'], document.createPair(orgId, [node])] : [['orgs', key], node];
    const around: unknown = document.getIn(path);
    // `orgs: {}` is where most files begin.
    if (isCollection(around) && around.items.length === 0) around.flow = false;
    document.addIn(path, added);
  });
}

/** Undefined: the route is so already. */
export function changeRoute(
  file: RouteFile,
  orgId: string,
  route: Route,
  draft: RouteDraft,
): EditedFile | undefined {
  // The file's maps have no prototype, a writer's have; as copies they are alike.
  const [before, after] = [draftOf(route), draftOf(draft)];
  const changedKeys = DRAFT_KEYS.filter((key) => !isDeepStrictEqual(before[key], after[key]));
  if (changedKeys.length === 0) return undefined;
  const routes = routesOf(file, orgId).map((other) =>
    other.id === route.id ? { ...other, ...after } : other,
  );
  return edited(file, orgId, routes, () => {
    const { node } = find(file, orgId, route.id);
    if (changedKeys.includes('name')) pinIds(file, orgId, route);
    for (const key of changedKeys) {
      const value = after[key];
      // A scalar's node is kept, and with it the comment behind it.
      node.set(key, typeof value === 'object' ? file.document.createNode(value) : value);
    }
  });
}

export function removeRoute(file: RouteFile, orgId: string, routeId: string): EditedFile {
  const routes = routesOf(file, orgId).filter((route) => route.id !== routeId);
  return edited(file, orgId, routes, () => {
    const { index, key } = find(file, orgId, routeId);
    pinIds(file, orgId);
    file.document.deleteIn(['orgs', key, index]);
  });
}

export function pauseRoute(file: RouteFile, orgId: string, route: Route, paused: boolean): EditedFile {
  const routes = routesOf(file, orgId).map((other) => (other.id === route.id ? { ...other, paused } : other));
  return edited(file, orgId, routes, () => {
    const { node } = find(file, orgId, route.id);
    if (paused) node.set('paused', true);
    else node.delete('paused');
  });
}

/** Makes these all the routes of the org. Those that stay as they are keep their text. */
export function setRoutes(file: RouteFile, orgId: string, routes: readonly Route[]): EditedFile {
  const { document } = file;
  return edited(file, orgId, routes, () => {
    pinIds(file, orgId);
    const key = orgKey(document, orgId);
    const before = new Map(routesOf(file, orgId).map((route, index) => [route.id, { route, index }]));
    const nodes = routes.map((route): unknown => {
      const { id, paused } = route;
      const known = before.get(id);
      if (known !== undefined && isDeepStrictEqual(asData(known.route), asData(route))) {
        return document.getIn(['orgs', key, known.index]);
      }
      return document.createNode({ id, ...withoutDefaults(route), ...(paused ? { paused } : {}) });
    });
    const list = new YAMLSeq();
    list.items = nodes;
    if (key === undefined) document.addIn(['orgs'], document.createPair(orgId, list));
    else document.setIn(['orgs', key], list);
    const orgs: unknown = document.get('orgs');
    if (isCollection(orgs)) orgs.flow = false;
  });
}

/**
 * The text after the edit, once it is certain that it says what was meant and nothing else: with anchors and aliases
 * in the file, an edit may reach other routes, or leave an alias of nothing.
 *
 * @throws SignalboxError `conflict` if it doesn't.
 */
function edited(file: RouteFile, orgId: string, routes: readonly Route[], edit: () => void): EditedFile {
  const { document } = file;
  let text: string;
  try {
    edit();
    text = render(document);
  } catch (error) {
    throw notEditable(error);
  }
  const parsed = parseRouteFile(text);
  const expected = new Map(file.orgs).set(orgId, routes);
  if (!parsed.ok || !isDeepStrictEqual(asData([...parsed.file.orgs]), asData([...expected])))
    throw notEditable();
  return { text, file: parsed.file };
}

/** To compare by: without prototypes, and with one zero. */
function asData(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** A file that is JSON stays JSON. */
function render(document: Document): string {
  visit(document, {
    Scalar: (_, node) => {
      // The library breaks text of several lines, when it stands in brackets, so that it says something else.
      if (typeof node.value !== 'string' || !node.value.includes('\n')) return;
      if (node.type === undefined || node.type === 'PLAIN') node.type = 'QUOTE_DOUBLE';
    },
  });
  if (!isMap(document.contents) || document.contents.flow !== true)
    return document.toString({ lineWidth: 0 });
  const text = document.toString({
    lineWidth: 0,
    defaultKeyType: 'QUOTE_DOUBLE',
    defaultStringType: 'QUOTE_DOUBLE',
  });
  try {
    return `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
  } catch {
    return text;
  }
}

function notEditable(cause?: unknown): SignalboxError {
  const why = 'the route is written in a way that cannot be edited here, such as with anchors and aliases';
  return new SignalboxError('conflict', why, { cause });
}

function routesOf(file: RouteFile, orgId: string): readonly Route[] {
  return file.orgs.get(orgId) ?? [];
}

function withoutDefaults(draft: RouteDraft): Partial<RouteDraft> {
  const { name, priority, enabled, when, then } = draft;
  return {
    name,
    ...(priority === DEFAULT_PRIORITY ? {} : { priority }),
    ...(enabled ? {} : { enabled }),
    ...(Object.keys(when).length === 0 ? {} : { when }),
    then,
  };
}

/**
 * Writes down the ids that the edit would change: those of routes whose name repeats, which depend on their position,
 * and that of a route which is renamed.
 */
function pinIds(file: RouteFile, orgId: string, renamed?: Route): void {
  const key = orgKey(file.document, orgId);
  const routes = routesOf(file, orgId);
  for (const [index, route] of routes.entries()) {
    const node: unknown = file.document.getIn(['orgs', key, index]);
    const repeats = routes.some((other) => other !== route && other.name === route.name);
    if (isMap(node) && !node.has('id') && (repeats || route.id === renamed?.id)) node.set('id', route.id);
  }
}

/** The org's key as the file spells it: upper-case digits are as good. */
function orgKey(document: Document, orgId: string): string | undefined {
  const orgs = document.get('orgs');
  if (!isMap(orgs)) return undefined;
  for (const { key } of orgs.items) {
    if (isScalar(key) && parseOrgId(String(key.value)) === orgId) return String(key.value);
  }
  return undefined;
}

function find(
  file: RouteFile,
  orgId: string,
  routeId: string,
): { key: string; index: number; node: YAMLMap } {
  const key = orgKey(file.document, orgId);
  const index = routesOf(file, orgId).findIndex((route) => route.id === routeId);
  const routes: unknown = file.document.getIn(['orgs', key]);
  const node = isSeq(routes) ? routes.items[index] : undefined;
  if (key === undefined || !isMap(node)) throw notEditable();
  return { key, index, node };
}
