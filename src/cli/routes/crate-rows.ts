// Rows of the `routes` table of the tt-routing crate, as a database exports them to JSON → routes as a route file has
// them. What a route file has no word for in an action becomes one of its effects; in a condition it stays, so that it
// is refused: a condition that is dropped lets more requests in. Pure.

/** What the routes' columns are called in the crate's revisions. */
const WHEN_COLUMNS = ['when', 'when_json', 'match', 'match_json', 'conditions'] as const;
const THEN_COLUMNS = ['then', 'then_json', 'action', 'actions'] as const;

const ACTION_FIELDS = ['target_model', 'fallbacks', 'disable_cache', 'max_cost_usd'];

export interface ConvertedRows {
  /** A route file's `orgs`, not yet looked at. */
  readonly orgs: ReadonlyMap<string, readonly unknown[]>;
  /** Which row each of an org's routes was, from 1. */
  readonly rowNumbers: ReadonlyMap<string, readonly number[]>;
  /** A line for each row that is none. */
  readonly problems: readonly string[];
}

type Row = Readonly<Record<string, unknown>>;

export function convertCrateRows(rows: readonly unknown[]): ConvertedRows {
  const orgs = new Map<string, unknown[]>();
  const rowNumbers = new Map<string, number[]>();
  const problems: string[] = [];
  for (const [row, number] of inCreationOrder(rows)) {
    if (!isMap(row)) {
      problems.push(`row ${number}: expected an object`);
      continue;
    }
    const org = row['org_id'];
    if (typeof org !== 'string') {
      problems.push(`row ${number}: org_id: expected a UUID`);
      continue;
    }
    try {
      const route = convertRow(row);
      orgs.set(org, [...(orgs.get(org) ?? []), route]);
      rowNumbers.set(org, [...(rowNumbers.get(org) ?? []), number]);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      problems.push(`row ${number}: ${error.message}`);
    }
  }
  return { orgs, rowNumbers, problems };
}

function convertRow(row: Row): Row {
  const { id, name, priority, enabled } = row;
  const paused = flag(row['paused']) === true || (row['paused_at'] ?? null) !== null;
  const when = json(row, WHEN_COLUMNS) ?? {};
  const then = json(row, THEN_COLUMNS) ?? {};
  return withoutNulls({
    id,
    name,
    priority,
    enabled: flag(enabled),
    ...(paused ? { paused } : {}),
    // Null means no condition there; a list can't be null here.
    when: isMap(when) ? withoutNulls(when) : when,
    then: isMap(then) ? convertAction(withoutNulls(then)) : then,
  });
}

function convertAction(action: Row): Row {
  const { effects: given, ...fields } = action;
  const isField = ([key]: [string, unknown]): boolean => ACTION_FIELDS.includes(key);
  const known = Object.entries(fields).filter(isField);
  const others = Object.entries(fields).filter((entry) => !isField(entry));
  const effects = isMap(given) ? [...others, ...Object.entries(given)] : others;
  // Effects that are no map stay what they are, for whoever reads the file to refuse.
  if (given !== undefined && !isMap(given)) known.push(['effects', given]);
  else if (effects.length > 0) known.push(['effects', Object.fromEntries(effects)]);
  return Object.fromEntries(known);
}

/** Creation order decides between routes of one priority; without the times, the rows' own order is all there is. */
function inCreationOrder(rows: readonly unknown[]): [row: unknown, number: number][] {
  const numbered = rows.map((row, index): [unknown, number] => [row, index + 1]);
  const timeOf = (row: unknown): number => {
    const time = isMap(row) ? row['created_at'] : undefined;
    return typeof time === 'string' ? Date.parse(time) : NaN;
  };
  if (rows.some((row) => Number.isNaN(timeOf(row)))) return numbered;
  return numbered.sort(([a], [b]) => timeOf(a) - timeOf(b));
}

/** The first of these columns that there is; its text parsed. @throws SyntaxError */
function json(row: Row, columns: readonly string[]): unknown {
  const column = columns.find((each) => (row[each] ?? null) !== null);
  if (column === undefined) return undefined;
  const value = row[column];
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    throw new SyntaxError(`${column}: expected JSON`);
  }
}

/** As MySQL and SQLite export a boolean. */
function flag(value: unknown): unknown {
  return value === 1 || value === '1' ? true : value === 0 || value === '0' ? false : value;
}

function withoutNulls(map: Row): Row {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== null && value !== undefined));
}

function isMap(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
