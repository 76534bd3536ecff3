// The schema, as numbered steps. Each statement may be run again: a daemon that died half-way, or a cluster on which
// the lock doesn't reach every node, does no harm. Steps are only ever added.
//
// Whoever writes, an API or a person with plain SQL, the triggers keep three things true: an org's revision grows with
// each of its changes and in the same transaction; every version of every route is in the history, which is never
// changed; and the history is the feed of changes, by its sequence number.

export interface Migration {
  readonly version: number;
  /** The oldest schema version whose daemons still work with this one: they may be upgraded after the schema. */
  readonly oldestReader: number;
  readonly statements: readonly string[];
}

/** Columns of a route that a writer says; a change of none of them is no change. */
const TEXTS = ['name', 'pause_reason', '`when`', '`then`'];
const WRITTEN = ['name', 'priority', 'enabled', 'paused', 'pause_reason', '`when`', '`then`'];

const BUMP_NEW = bump('NEW');
const BUMP_OLD = bump('OLD');

const BEFORE_CHANGE = `CREATE TRIGGER IF NOT EXISTS signalbox_routes_before_change BEFORE UPDATE ON signalbox_routes FOR EACH ROW
      BEGIN
        IF NEW.org_id <> OLD.org_id OR NEW.id <> OLD.id THEN
          ${refuse('a route keeps its org and its id')};
        END IF;
        SET NEW.revision = OLD.revision;
        IF ${isChanged()} THEN
          ${BUMP_NEW};
          SET NEW.revision = (SELECT revision FROM signalbox_orgs WHERE org_id = NEW.org_id);
        END IF;
      END`;

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    oldestReader: 1,
    statements: [
      `CREATE TABLE IF NOT EXISTS signalbox_orgs (
        org_id BINARY(16) NOT NULL PRIMARY KEY,
        revision BIGINT UNSIGNED NOT NULL
      ) ENGINE=InnoDB`,
      // Clustered by org: one range holds all that a table is made of. The sequence number is the creation order.
      `CREATE TABLE IF NOT EXISTS signalbox_routes (
        seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        org_id BINARY(16) NOT NULL,
        id BINARY(16) NOT NULL DEFAULT 0x00000000000000000000000000000000,
        name TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
        priority INT UNSIGNED NOT NULL DEFAULT 100,
        enabled BOOLEAN NOT NULL DEFAULT TRUE,
        paused BOOLEAN NOT NULL DEFAULT FALSE,
        pause_reason TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
        \`when\` JSON NOT NULL DEFAULT ('{}'),
        \`then\` JSON NOT NULL,
        revision BIGINT UNSIGNED NOT NULL DEFAULT 0,
        PRIMARY KEY (org_id, id),
        UNIQUE KEY signalbox_routes_seq (seq)
      ) ENGINE=InnoDB`,
      `CREATE TABLE IF NOT EXISTS signalbox_history (
        seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
        org_id BINARY(16) NOT NULL,
        revision BIGINT UNSIGNED NOT NULL,
        operation VARCHAR(16) CHARACTER SET ascii NOT NULL,
        route_id BINARY(16) NOT NULL,
        route_seq BIGINT UNSIGNED NOT NULL,
        name TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
        priority INT UNSIGNED NOT NULL,
        enabled BOOLEAN NOT NULL,
        paused BOOLEAN NOT NULL,
        pause_reason TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
        \`when\` JSON NOT NULL,
        \`then\` JSON NOT NULL,
        actor TEXT CHARACTER SET utf8mb4 NULL,
        reason TEXT CHARACTER SET utf8mb4 NULL,
        at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        KEY signalbox_history_org (org_id, revision)
      ) ENGINE=InnoDB`,
      // Plain SQL may leave the id out.
      `CREATE TRIGGER IF NOT EXISTS signalbox_routes_before_insert BEFORE INSERT ON signalbox_routes FOR EACH ROW
      BEGIN
        IF NEW.id = 0x00000000000000000000000000000000 THEN
          SET NEW.id = UNHEX(REPLACE(UUID(), '-', ''));
        END IF;
        ${BUMP_NEW};
        SET NEW.revision = (SELECT revision FROM signalbox_orgs WHERE org_id = NEW.org_id);
      END`,
      `CREATE TRIGGER IF NOT EXISTS signalbox_routes_after_insert AFTER INSERT ON signalbox_routes FOR EACH ROW
        ${record('create', 'NEW', 'NEW.revision')}`,
      BEFORE_CHANGE,
      `CREATE TRIGGER IF NOT EXISTS signalbox_routes_after_update AFTER UPDATE ON signalbox_routes FOR EACH ROW
      BEGIN
        IF NEW.revision <> OLD.revision THEN
          ${record('update', 'NEW', 'NEW.revision')};
        END IF;
      END`,
      `CREATE TRIGGER IF NOT EXISTS signalbox_routes_after_delete AFTER DELETE ON signalbox_routes FOR EACH ROW
      BEGIN
        ${BUMP_OLD};
        ${record('delete', 'OLD', '(SELECT revision FROM signalbox_orgs WHERE org_id = OLD.org_id)')};
      END`,
    ],
  },
  {
    version: 2,
    oldestReader: 1,
    statements: [
      // When somebody said that the database had been restored from a backup, in milliseconds since 1970: the daemons
      // then take revisions that are lower than those that they have seen.
      `CREATE TABLE IF NOT EXISTS signalbox_restores (
        epoch BIGINT UNSIGNED NOT NULL PRIMARY KEY,
        actor TEXT CHARACTER SET utf8mb4 NULL,
        reason TEXT CHARACTER SET utf8mb4 NULL
      ) ENGINE=InnoDB`,
      `CREATE TRIGGER IF NOT EXISTS signalbox_orgs_before_update BEFORE UPDATE ON signalbox_orgs FOR EACH ROW
      BEGIN
        IF NEW.revision < OLD.revision OR NEW.org_id <> OLD.org_id THEN
          ${refuse('the revision of an org only grows')};
        END IF;
      END`,
      `CREATE TRIGGER IF NOT EXISTS signalbox_orgs_before_delete BEFORE DELETE ON signalbox_orgs FOR EACH ROW
        ${refuse('an org keeps its revision; delete its routes')}`,
      `CREATE TRIGGER IF NOT EXISTS signalbox_history_before_update BEFORE UPDATE ON signalbox_history FOR EACH ROW
        ${refuse('the history is never changed')}`,
    ],
  },
  {
    version: 3,
    oldestReader: 1,
    statements: [
      // Until here a change of nothing but case, or of accents, was taken for none. The trigger that sees it is there
      // before the one that doesn't is gone, so that no edit falls between the two; one that meets both counts twice.
      BEFORE_CHANGE,
      'DROP TRIGGER IF EXISTS signalbox_routes_before_update',
    ],
  },
];

/** The oldest version that a daemon can work with which may not change it. */
export const OLDEST_USABLE_VERSION = 2;

/** The version that this daemon writes. */
export const SCHEMA_VERSION = Math.max(...MIGRATIONS.map(({ version }) => version));

function bump(row: 'NEW' | 'OLD'): string {
  return `INSERT INTO signalbox_orgs (org_id, revision) VALUES (${row}.org_id, 1)
          ON DUPLICATE KEY UPDATE revision = revision + 1`;
}

function refuse(why: string): string {
  return `SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'signalbox: ${why}'`;
}

/** As bytes: texts that a collation takes for the same, or that differ in blanks at their end, are not the same. */
function isChanged(): string {
  const text = (column: string): string => `CAST(CAST(${column} AS CHAR CHARACTER SET utf8mb4) AS BINARY)`;
  return WRITTEN.map((column) => {
    const [now, before] = [`NEW.${column}`, `OLD.${column}`].map(TEXTS.includes(column) ? text : String);
    return `NOT (${now} <=> ${before})`;
  }).join(' OR ');
}

/** Who and why are said in variables of the session; plain SQL that says nothing is known by its login. */
function record(operation: 'create' | 'update' | 'delete', row: 'NEW' | 'OLD', revision: string): string {
  const columns = WRITTEN.map((column) => `${row}.${column}`).join(', ');
  return `INSERT INTO signalbox_history
            (org_id, revision, operation, route_id, route_seq, ${WRITTEN.join(', ')}, actor, reason)
          VALUES (${row}.org_id, ${revision}, '${operation}', ${row}.id, ${row}.seq, ${columns},
            COALESCE(@signalbox_actor, CONCAT('sql:', USER())), @signalbox_reason)`;
}
