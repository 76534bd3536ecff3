// Brings the schema up to date, or says that it isn't. Safe to run from any number of daemons at once: an advisory
// lock lets one through after the other, and every statement may be run again where such a lock doesn't reach. Triggers
// that a restore has lost are put back.
import { SignalboxError } from '../../errors.js';
import { MIGRATIONS, type Migration, OLDEST_USABLE_VERSION, SCHEMA_VERSION } from './migrations.js';
import type { MysqlClient } from './mysql-client.js';
import { needsTrustForTriggers, storeUnavailable } from './mysql-errors.js';
import type { Session } from './mysql-session.js';
import { missingTriggers } from './schema-triggers.js';

/** `auto`: apply what is missing. `check`: refuse to work with a schema that lacks something. */
export type MigrationMode = 'auto' | 'check';

export interface SchemaState {
  readonly from: number;
  readonly to: number;
}

/** Whoever holds the lock is at work; a large table takes a while to change. */
const LOCK_TIMEOUT_SECONDS = 60;
const MIGRATION_DEADLINE_MS = 10 * 60_000;

const TRUST =
  'the server writes a binary log, so it lets no user but an administrator create triggers: set its ' +
  'log_bin_trust_function_creators=1, or run signalbox migrate once as a user with SUPER. It said';

const VERSION_TABLE = `CREATE TABLE IF NOT EXISTS signalbox_schema (
  version INT UNSIGNED NOT NULL PRIMARY KEY,
  oldest_reader INT UNSIGNED NOT NULL,
  applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
) ENGINE=InnoDB`;

/**
 * @throws SignalboxError `configuration` if the schema is too old (in mode `check`), or so new that this daemon can't
 *   work with it; `store_unavailable` if the database can't be used.
 */
export async function migrate(client: MysqlClient, mode: MigrationMode): Promise<SchemaState> {
  // The usual deadline: a server that hangs must not be waited for as one that changes a large table is.
  const before = await client.read(schemaVersion);
  assertUsable(before);
  const missing = before.version === SCHEMA_VERSION ? await client.read(missingTriggers) : [];
  if (before.version >= SCHEMA_VERSION && missing.length === 0) {
    return { from: before.version, to: before.version };
  }
  if (mode === 'check') {
    const what =
      missing.length > 0
        ? `the schema lacks the triggers ${missing.join(', ')}, without which edits go unnoticed`
        : `the schema is at version ${before.version} and this daemon needs ${SCHEMA_VERSION}`;
    throw new SignalboxError('configuration', `${what}: run signalbox migrate`);
  }
  const patient = client.beside(MIGRATION_DEADLINE_MS);
  try {
    return await patient.read(bringUpToDate);
  } catch (error) {
    throw needsTrustForTriggers(error) ? storeUnavailable(error, TRUST) : error;
  } finally {
    await patient.close();
  }
}

/** The version of a schema that is too old, but one to work with as it is; undefined: it isn't. */
export async function usableOldVersion(client: MysqlClient): Promise<number | undefined> {
  const { version } = await client.read(schemaVersion);
  return version >= OLDEST_USABLE_VERSION && version < SCHEMA_VERSION ? version : undefined;
}

/** Whoever does it again, on another server say, does no harm. */
async function bringUpToDate(session: Session): Promise<SchemaState> {
  await lock(session);
  try {
    const now = await schemaVersion(session);
    // What is there already is left as it is, so that steps that were done may be done again.
    const isIncomplete = now.version === SCHEMA_VERSION && (await missingTriggers(session)).length > 0;
    for (const migration of MIGRATIONS) {
      if (migration.version > now.version || isIncomplete) await apply(session, migration);
    }
    return { from: now.version, to: SCHEMA_VERSION };
  } finally {
    await session.query("DO RELEASE_LOCK('signalbox.migrate')");
  }
}

interface Version {
  readonly version: number;
  /** The oldest daemon's schema version that can work with it. */
  readonly oldestReader: number;
}

/** 0: there is no schema. */
async function schemaVersion(session: Session): Promise<Version> {
  const [found] = await session.query(
    "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'signalbox_schema'",
  );
  if (found === undefined) return { version: 0, oldestReader: 0 };
  const [row] = await session.query(
    'SELECT version, oldest_reader FROM signalbox_schema ORDER BY version DESC LIMIT 1',
  );
  return { version: Number(row?.['version'] ?? 0), oldestReader: Number(row?.['oldest_reader'] ?? 0) };
}

function assertUsable({ version, oldestReader }: Version): void {
  if (oldestReader <= SCHEMA_VERSION) return;
  throw new SignalboxError(
    'configuration',
    `the schema is at version ${version}, which needs a newer signalbox than this one: upgrade it`,
  );
}

async function lock(session: Session): Promise<void> {
  const [row] = await session.query(
    `SELECT GET_LOCK('signalbox.migrate', ${LOCK_TIMEOUT_SECONDS}) AS locked`,
  );
  if (Number(row?.['locked']) === 1) return;
  throw new SignalboxError(
    'store_unavailable',
    'another daemon is changing the schema and does not come to an end',
  );
}

async function apply(session: Session, { version, oldestReader, statements }: Migration): Promise<void> {
  await session.query(VERSION_TABLE);
  for (const statement of statements) await session.query(statement);
  await session.query('INSERT IGNORE INTO signalbox_schema (version, oldest_reader) VALUES (?, ?)', [
    version,
    oldestReader,
  ]);
}
