// The triggers that keep revisions, history and feed true. A dump that was made or restored without them leaves a schema
// that looks whole, but in which edits go unnoticed: they change neither a revision nor the feed.
import { MIGRATIONS } from './migrations.js';
import type { Session } from './mysql-session.js';

const CREATED = MIGRATIONS.flatMap(({ statements }) =>
  statements.flatMap((statement) => /^CREATE TRIGGER IF NOT EXISTS (\w+)/.exec(statement)?.[1] ?? []),
);

/** One that took another's place is said twice: where it would have been from the start, and where it comes later. */
export const TRIGGERS: readonly string[] = [...new Set(CREATED)];

const SHOWN =
  'SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()';

/** Whether this user's grants, those on patterns of databases left aside, let it see triggers. */
const MAY_SEE = `SELECT 1 FROM information_schema.USER_PRIVILEGES
    WHERE PRIVILEGE_TYPE = 'TRIGGER' AND REPLACE(GRANTEE, '''', '') = CURRENT_USER()
  UNION ALL SELECT 1 FROM information_schema.SCHEMA_PRIVILEGES
    WHERE PRIVILEGE_TYPE = 'TRIGGER' AND TABLE_SCHEMA = DATABASE() AND REPLACE(GRANTEE, '''', '') = CURRENT_USER()
  LIMIT 1`;

/** Those that are known to be missing: a user who may not see triggers sees none. */
export async function missingTriggers(session: Session): Promise<readonly string[]> {
  const shown = new Set((await session.query(SHOWN)).map(({ name }) => String(name)));
  const missing = TRIGGERS.filter((name) => !shown.has(name));
  if (missing.length < TRIGGERS.length) return missing;
  return (await session.query(MAY_SEE)).length > 0 ? missing : [];
}
