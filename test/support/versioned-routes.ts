// Routes whose decisions tell which version of the whole set they were made from, written by plain SQL beside the
// daemons. An org has two routes; an edit is one transaction that gives both of them the next version, one statement
// each, so that half an edit would show: it makes two revisions, and only every second one is ever committed.
import { setTimeout as sleep } from 'node:timers/promises';
import mysql, { type Connection, type ConnectionOptions } from 'mysql2/promise';
import type { Decision } from '../../src/client/client.js';
import { uuidBytes } from '../../src/store/mysql/route-rows.js';

/** The models that the two routes are for. */
export const MODELS = ['first', 'second'] as const;

/** Whoever edits at the same time waits for the row of the org; the version is the one that its revision makes. */
const THEN =
  "JSON_OBJECT('target_model', CONCAT('v', @v), 'fallbacks', JSON_ARRAY(CONCAT('f', @v)), 'effects', JSON_OBJECT('version', @v))";
const EDIT = editSql(`\`then\` = ${THEN}`);
/** The whole of a route, however it was broken. */
const MEND = editSql(`\`when\` = JSON_OBJECT('model_in', JSON_ARRAY(name)), \`then\` = ${THEN}`);
const CREATE = `START TRANSACTION;
  SET @v = 0;
  INSERT INTO signalbox_routes (org_id, name, \`when\`, \`then\`) VALUES
    (?, 'first', JSON_OBJECT('model_in', JSON_ARRAY('first')), ${THEN}),
    (?, 'second', JSON_OBJECT('model_in', JSON_ARRAY('second')), ${THEN});
  COMMIT`;

/** A node of a cluster that is paused accepts connections and says nothing. */
const CONNECT_TIMEOUT_MS = 2000;
const NODE_TIMEOUT_MS = 3000;
/** Nothing takes as long that ends at all. */
const SERVER_TIMEOUT_MS = 60_000;
const TRY_AGAIN_MS = 20;
const GIVE_UP_MS = 60_000;

export class VersionedRoutes {
  readonly #places: readonly ConnectionOptions[];
  #turn = 0;
  #connection: Connection | undefined;

  /** @param places where the database is; of several, the next one is used when one fails. */
  constructor(...places: readonly ConnectionOptions[]) {
    this.#places = places;
  }

  async create(orgIds: readonly string[]): Promise<void> {
    for (const orgId of orgIds) await this.run(CREATE, [uuidBytes(orgId), uuidBytes(orgId)]);
  }

  /** Gives the org's routes the next version; resolves with it when it is committed. In a cluster, tries until it is. */
  async edit(orgId: string): Promise<number> {
    for (const giveUpMs = performance.now() + GIVE_UP_MS; ;) {
      try {
        return await this.#edit(orgId);
      } catch (error) {
        if (this.#places.length === 1 || performance.now() > giveUpMs) throw error;
        await sleep(TRY_AGAIN_MS);
      }
    }
  }

  /** The same, of an org whose conditions can't be read any more either. */
  mend(orgId: string): Promise<number> {
    return this.#edit(orgId, MEND);
  }

  async #edit(orgId: string, sql = EDIT): Promise<number> {
    const org = uuidBytes(orgId);
    const results = (await this.run(sql, [org, org, org])) as readonly unknown[];
    const [row] = results.at(-1) as readonly { readonly version: number }[];
    return Number(row?.version);
  }

  /** Any statements, on the connection that edits. */
  async run(sql: string, parameters: readonly unknown[] = []): Promise<unknown> {
    try {
      this.#connection ??= await this.#connect();
      const timeout = this.#places.length > 1 ? NODE_TIMEOUT_MS : SERVER_TIMEOUT_MS;
      const [result] = await this.#connection.query({ sql, values: [...parameters], timeout });
      return result;
    } catch (error) {
      // Half a transaction may be left on it.
      this.#connection?.destroy();
      this.#connection = undefined;
      this.#turn += 1;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#connection?.destroy();
    this.#connection = undefined;
  }

  async #connect(): Promise<Connection> {
    const place = this.#places[this.#turn % this.#places.length];
    const options = { ...place, multipleStatements: true, connectTimeout: CONNECT_TIMEOUT_MS };
    const connection = await mysql.createConnection(options);
    // The server may go while nobody uses it; the next statement makes another.
    const forget = (): void => {
      if (this.#connection === connection) this.#connection = undefined;
    };
    connection.on('error', forget).on('end', forget);
    return connection;
  }
}

/** The version of the set that a decision was made from; a text says why there is none that it can be of. */
export function versionOf(decision: Decision, model: string): number | string {
  const { route, targetModel, fallbacks, effects, revision } = decision;
  const version = revision / 2 - 1;
  if (!Number.isInteger(version)) return `revision ${revision} is half an edit`;
  const said = [route, targetModel, fallbacks.join(), effects['version']].join(' ');
  const expected = `${model} v${version} f${version} ${version}`;
  return said === expected ? version : `revision ${revision} says "${said}" instead of "${expected}"`;
}

function editSql(assignments: string): string {
  return `START TRANSACTION;
    SET @v = (SELECT revision DIV 2 FROM signalbox_orgs WHERE org_id = ? FOR UPDATE);
    UPDATE signalbox_routes SET ${assignments} WHERE org_id = ? AND name = 'first';
    UPDATE signalbox_routes SET ${assignments} WHERE org_id = ? AND name = 'second';
    COMMIT;
    SELECT @v AS version`;
}
