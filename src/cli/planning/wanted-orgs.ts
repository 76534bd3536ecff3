// A file → the routes that each org is to have. A file with problems is refused with all of them.
import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { SignalboxError, messageOf, systemCode } from '../../errors.js';
import { parseOrgId } from '../../protocol/org-id.js';
import { type RouteFile, formatProblem, checkRouteFile } from '../../store/route-file.js';
import type { WantedOrgs } from './org-plan.js';

/** `-` is standard input. */
export async function readSource(path: string): Promise<string> {
  if (path === '-') return readAll(process.stdin);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = systemCode(error) === 'ENOENT' ? 'there is no such file' : messageOf(error);
    throw new SignalboxError('refused', `cannot read ${path}: ${reason}`, { cause: error });
  }
}

/** @param only these orgs of the file; all of them without it. */
export async function readWantedOrgs(path: string, only: readonly string[] | undefined): Promise<WantedOrgs> {
  return pickOrgs(parseWantedOrgs(path, await readSource(path)), only, path);
}

export function parseWantedOrgs(path: string, source: string): WantedOrgs {
  const parsed = checkRouteFile(source);
  if (parsed.ok) return asSaid(parsed.file);
  throw problemsError(
    path,
    parsed.problems.map((problem) => formatProblem(path, problem)),
  );
}

/**
 * A pause that the file says nothing of is left as it is: whoever stops a route in an emergency must not see it go on
 * because somebody applied a file.
 */
export function asSaid({ orgs, document }: RouteFile): WantedOrgs {
  const content: unknown = document.toJS({ mapAsMap: true, maxAliasCount: -1 });
  const said = new Map<string, unknown>();
  const ofOrgs: unknown = content instanceof Map ? content.get('orgs') : undefined;
  if (ofOrgs instanceof Map)
    for (const [key, routes] of ofOrgs) said.set(parseOrgId(String(key)) ?? '', routes);
  return new Map(
    [...orgs].map(([orgId, routes]) => {
      const ofOrg = said.get(orgId);
      const saysPaused = (index: number): boolean => {
        const route: unknown = Array.isArray(ofOrg) ? ofOrg[index] : undefined;
        return route instanceof Map && route.has('paused');
      };
      const wanted = routes.map(({ paused, ...route }, index) =>
        saysPaused(index) ? { ...route, paused } : route,
      );
      return [orgId, wanted];
    }),
  );
}

export function pickOrgs(orgs: WantedOrgs, only: readonly string[] | undefined, path: string): WantedOrgs {
  if (only === undefined) return orgs;
  return new Map(
    only.map((orgId) => {
      const routes = orgs.get(orgId);
      // No routes, which would delete all of them, is said by an empty list in the file, not by a mistyped --org.
      if (routes === undefined) throw new SignalboxError('refused', `${path} has no org ${orgId}`);
      return [orgId, routes];
    }),
  );
}

export function problemsError(path: string, lines: readonly string[]): SignalboxError {
  const amount = `${lines.length} ${lines.length === 1 ? 'problem' : 'problems'}`;
  return new SignalboxError('refused', [`${path} has ${amount}`, ...lines].join('\n'));
}
