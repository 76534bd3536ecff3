// Rows ↔ routes. A row may have been written by hand, so what comes out of the database is checked as strictly as
// what a writer says, and a row that isn't a route is told apart rather than guessed at.
import { messageOf } from '../../errors.js';
import { Problems } from '../../routing/problem.js';
import type { RouteDraft } from '../../routing/route.js';
import { parseRouteDraft } from '../../routing/validate.js';
import type { OrgRoutes, RefusedRow, StoredRoute } from '../route-store.js';
import type { Row } from './mysql-session.js';

/** The columns that `parseRow` reads, of a table or an alias. */
export const ROUTE_COLUMNS = 'id, name, priority, enabled, paused, `when`, `then`, revision';

export type ParsedRow =
  { readonly ok: true; readonly route: StoredRoute } | { readonly ok: false; readonly refused: RefusedRow };

export function parseRow(row: Row): ParsedRow {
  const id = uuidText(row['id']);
  const problems = new Problems();
  let draft;
  try {
    draft = parseRouteDraft(
      {
        name: row['name'],
        priority: Number(row['priority']),
        enabled: Number(row['enabled']) !== 0,
        when: parseJson(row['when']),
        then: parseJson(row['then']),
      },
      [],
      problems,
    );
  } catch (error) {
    return { ok: false, refused: { routeId: id, message: messageOf(error) } };
  }
  if (draft === undefined) {
    const message = problems.list
      .map((problem) => `${problem.path}: ${problem.code}: ${problem.message}`)
      .join('; ');
    return { ok: false, refused: { routeId: id, message } };
  }
  const paused = Number(row['paused']) !== 0;
  return { ok: true, route: { id, paused, ...draft, revision: Number(row['revision']) } };
}

/** Rows of an org with its routes, at least one, in table order; an org that isn't there has neither revision nor routes. */
export function orgRoutes(orgId: string, rows: readonly Row[]): OrgRoutes {
  const parsed = rows.filter((row) => row['id'] !== null).map(parseRow);
  const refused = parsed.flatMap((row) => (row.ok ? [] : [row.refused]));
  const epoch = Number(rows[0]?.['epoch'] ?? 0);
  return {
    orgId,
    ...(epoch === 0 ? {} : { epoch }),
    revision: Number(rows[0]?.['org_revision'] ?? 0),
    routes: parsed.flatMap((row) => (row.ok ? [row.route] : [])),
    ...(refused.length === 0 ? {} : { refused }),
  };
}

/** In the order of the statements that write them. */
export function draftParameters({
  name,
  priority,
  enabled,
  when,
  then,
}: RouteDraft): [string, number, number, string, string] {
  return [name, priority, enabled ? 1 : 0, JSON.stringify(when), JSON.stringify(then)];
}

export function uuidBytes(text: string): Buffer {
  return Buffer.from(text.replaceAll('-', ''), 'hex');
}

export function uuidText(bytes: unknown): string {
  const hex = Buffer.isBuffer(bytes) ? bytes.toString('hex') : '';
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** @throws SyntaxError */
function parseJson(text: unknown): unknown {
  return typeof text === 'string' ? JSON.parse(text) : text;
}
