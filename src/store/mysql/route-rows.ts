// Rows ↔ routes. A row may have been written by hand, so what comes out of the database is checked as strictly as
// what a writer says, and a row that isn't a route is told apart rather than guessed at.
import { messageOf } from '../../errors.js';
import { Problems } from '../../routing/problem.js';
import { parseRouteDraft } from '../../routing/validate.js';
import type { RefusedRow, StoredRoute } from '../route-store.js';
import type { Row } from './mysql-client.js';

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
