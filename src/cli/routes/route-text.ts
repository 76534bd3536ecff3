// Routes for people. Pure.
import { stringify } from 'yaml';
import type { HitCount } from '../../admin/backend.js';
import type { HitsAnswer, OrgAnswer } from '../admin/answers.js';
import { printable } from '../output/printable.js';
import { formatTable } from '../output/table.js';
import { actionText, conditionsText, count, durationWords } from '../output/words.js';
import type { StoredRoute } from '../../store/route-store.js';

const NAME_WIDTH = 40;
const WHEN_WIDTH = 60;
const THEN_WIDTH = 50;

export function stateText({ enabled, paused }: Pick<StoredRoute, 'enabled' | 'paused'>): string {
  if (!enabled) return paused ? 'disabled, paused' : 'disabled';
  return paused ? 'paused' : 'on';
}

/**
 * @param hits of the routes that are decided by; others have none to tell.
 * @param nowMs of the wall clock.
 */
export function routeListText(
  { org_id: org, revision, routes }: OrgAnswer,
  hits: HitsAnswer,
  nowMs: number,
): string {
  const byId = new Map(hits.routes.map((each) => [each.route_id, each]));
  if (routes.length === 0) return `org ${org} has no routes (revision ${revision})`;
  const rows = routes.map((route) => [
    String(route.priority),
    route.name,
    stateText(route),
    conditionsText(route.when),
    actionText(route.then),
    ...hitCells(byId.get(route.id), nowMs),
    String(route.revision),
    route.id,
  ]);
  const columns = [
    { title: 'PRIORITY', align: 'right' },
    { title: 'NAME', maxWidth: NAME_WIDTH },
    { title: 'STATE' },
    { title: 'WHEN', maxWidth: WHEN_WIDTH },
    { title: 'THEN', maxWidth: THEN_WIDTH },
    { title: 'HITS', align: 'right' },
    { title: 'LAST HIT' },
    { title: 'REVISION', align: 'right' },
    { title: 'ID' },
  ] as const;
  const summary = `${count(routes.length, 'route')}, revision ${revision}`;
  return `${formatTable(columns, rows)}\n\n${summary}; ${count(hits.no_match.hits, 'request')} matched none`;
}

function hitCells(hit: HitCount | undefined, nowMs: number): [hits: string, last: string] {
  if (hit === undefined) return ['-', '-'];
  if (hit.last_hit === null) return ['0', 'never'];
  return [String(hit.hits), `${durationWords(nowMs - Date.parse(hit.last_hit))} ago`];
}

/** Everything that is known of one route. */
export function routeText(route: StoredRoute): string {
  const { id, name, priority, revision, when, then } = route;
  const text = stringify(
    { name, id, state: stateText(route), priority, revision, when, then },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
  return text.trimEnd().split('\n').map(printable).join('\n');
}

/** `cheap-short (0190…) is paused`, and at which revision. */
export function sentence({ name, id, revision }: StoredRoute, what: string): string {
  return `${printable(name)} (${id}) ${what}, revision ${revision}`;
}
