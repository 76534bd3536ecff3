// The history of an org's routes, as the triggers write it: what was changed, when, by whom and why, and what the
// routes were at any revision.
import type { Route } from '../../routing/route.js';
import type { HistoryEntry, RouteHistory } from '../route-store.js';
import type { Row, Session } from './mysql-session.js';
import { parseRow, uuidBytes } from './route-rows.js';

type Read = <T>(work: (session: Session) => Promise<T>) => Promise<T>;

const COLUMNS = `revision, operation, route_id AS id, name, priority, enabled, paused, \`when\`, \`then\`, actor, reason, at`;

const LIST = `SELECT ${COLUMNS} FROM signalbox_history
  WHERE org_id = ? AND revision < CAST(? AS UNSIGNED) ORDER BY revision DESC, seq DESC LIMIT 1000`;

/** Of each route its last version up to the revision, unless that is its end. */
const AT = `SELECT ${COLUMNS} FROM signalbox_history h
  JOIN (SELECT MAX(seq) AS last FROM signalbox_history WHERE org_id = ? AND revision <= CAST(? AS UNSIGNED)
    GROUP BY route_id) newest ON h.seq = newest.last
  WHERE operation <> 'delete' ORDER BY route_seq`;

const EXISTS = 'SELECT 1 FROM signalbox_history WHERE org_id = ? AND revision = CAST(? AS UNSIGNED) LIMIT 1';

const REVISION_MAX = '18446744073709551615';

export class MysqlHistory implements RouteHistory {
  readonly #read: Read;

  constructor(read: Read) {
    this.#read = read;
  }

  async list(
    orgId: string,
    { limit, before }: { readonly limit: number; readonly before?: number | undefined },
  ): Promise<readonly HistoryEntry[]> {
    const rows = await this.#read((session) =>
      session.query(LIST, [uuidBytes(orgId), before ?? REVISION_MAX]),
    );
    return rows.slice(0, limit).flatMap((row) => entryOf(row) ?? []);
  }

  async routesAt(orgId: string, revision: number): Promise<readonly Route[] | undefined> {
    return this.#read(async (session) => {
      const [known] = await session.query(EXISTS, [uuidBytes(orgId), revision]);
      if (known === undefined) return undefined;
      const rows = await session.query(AT, [uuidBytes(orgId), revision]);
      return rows.flatMap((row) => entryOf(row)?.route ?? []);
    });
  }
}

/** Undefined: what was written there was no route even then. */
function entryOf(row: Row): HistoryEntry | undefined {
  const parsed = parseRow(row);
  if (!parsed.ok) return undefined;
  const { revision, ...route } = parsed.route;
  return {
    revision,
    operation: row['operation'] as HistoryEntry['operation'],
    route,
    actor: textOrNull(row['actor']),
    reason: textOrNull(row['reason']),
    at: `${String(row['at']).replace(' ', 'T')}Z`,
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
