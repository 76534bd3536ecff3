// Which orgs changed, from the history that the triggers write: one indexed question, many times a second, on a
// connection of its own. Each answer has the last change that was seen, too: if the database doesn't have that one any
// more, it isn't the database that it was (somebody restored a backup, say), and every org is told as changed.
import type { Clock } from '../../clock.js';
import type { Changes } from '../route-store.js';
import {
  type ChangeCursor,
  FIRST_CURSOR,
  LOOK_BACK,
  type SeenChange,
  advance,
  dueGaps,
  formatCursor,
  parseCursor,
} from './change-cursor.js';
import type { Row, Session } from './mysql-session.js';
import { uuidText } from './route-rows.js';

type Read = <T>(work: (session: Session) => Promise<T>) => Promise<T>;

const COLUMNS = 'h.seq, h.org_id, h.revision, h.at';
const EPOCH = '(SELECT MAX(epoch) FROM signalbox_restores)';

const SELECT_CHANGES = `SELECT ${COLUMNS}, ${EPOCH} AS epoch FROM signalbox_history h
  WHERE h.seq >= CAST(? AS UNSIGNED) ORDER BY h.seq LIMIT 5000`;
const SELECT_GAPS = `SELECT ${COLUMNS} FROM JSON_TABLE(?, '$[*]' COLUMNS (seq BIGINT UNSIGNED PATH '$')) gap
  JOIN signalbox_history h ON h.seq = gap.seq`;
const SELECT_LAST = `SELECT MAX(seq) AS seq, ${EPOCH} AS epoch FROM signalbox_history`;

/** A server that is behind the one that was asked before catches up within this; a restored one never does. */
const BEHIND_MAX_MS = 10_000;

export class MysqlFeed {
  readonly #read: Read;
  readonly #clock: Clock;

  constructor(read: Read, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  async changedSince(text: string | undefined): Promise<Changes> {
    if (text === undefined) return { orgIds: [], cursor: formatCursor(await this.#firstCursor()) };
    const cursor = parseCursor(text);
    if (cursor === undefined) return this.#everything();
    const asked = dueGaps(cursor, this.#clock());
    const { late, rows } = await this.#read(async (session) => ({
      late: asked.length === 0 ? [] : await session.query(SELECT_GAPS, [JSON.stringify(asked)]),
      rows: await session.query(SELECT_CHANGES, [cursor.after]),
    }));
    const now = this.#clock();
    const lost = lostSince(cursor, rows, now);
    const epoch = Number(rows[0]?.['epoch'] ?? cursor.epoch);
    if (lost === 'another history' || epoch > cursor.epoch) return this.#everything();
    if (lost !== null && now - lost >= BEHIND_MAX_MS) return this.#everything();
    const news = [...late, ...rows.filter((row) => Number(row['seq']) > cursor.after)];
    const next = { ...advance(cursor, news.map(seenChange), asked, now), lostSinceMs: lost };
    return { orgIds: [...new Set(news.map(orgOf))], cursor: formatCursor(next) };
  }

  /** Whoever can't be told what changed is told that everything has. */
  async #everything(): Promise<Changes> {
    return { orgIds: 'all', cursor: formatCursor(await this.#firstCursor()) };
  }

  async #firstCursor(): Promise<ChangeCursor> {
    return this.#read(async (session) => {
      const [row] = await session.query(SELECT_LAST, []);
      const after = Math.max(0, Number(row?.['seq'] ?? 0) - LOOK_BACK);
      const rows = await session.query(SELECT_CHANGES, [after]);
      const first = { ...FIRST_CURSOR, after, epoch: Number(row?.['epoch'] ?? 0) };
      return advance(first, rows.map(seenChange), [], this.#clock());
    });
  }
}

/** Since when the database has been without the change that was seen last; null: it has it. */
function lostSince(
  { after, mark, lostSinceMs }: ChangeCursor,
  [first]: readonly Row[],
  nowMs: number,
): number | null | 'another history' {
  if (mark === '') return null;
  const change = first === undefined ? undefined : seenChange(first);
  if (change?.seq !== after) return lostSinceMs ?? nowMs;
  return change.mark === mark ? null : 'another history';
}

function seenChange(row: Row): SeenChange {
  return { seq: Number(row['seq']), mark: `${orgOf(row)} ${String(row['revision'])} ${String(row['at'])}` };
}

function orgOf(row: Row): string {
  return uuidText(row['org_id']);
}
