// `mysql://…` — the production store: MySQL 8, MariaDB from 10.6, and clusters that speak the protocol. Runs on the
// main thread. All SQL is constant; what varies is a parameter. Revisions, the history and the feed of changes are
// kept by triggers (migrations.ts), so that a change by plain SQL counts like any other.
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../clock.js';
import { SignalboxError } from '../../errors.js';
import type { Log } from '../../log.js';
import type { RouteDraft } from '../../routing/route.js';
import { assertOrgRevision, assertRevision, draftOf, placed } from '../org-routes.js';
import type {
  ChangeNote,
  Changes,
  OrgRoutes,
  PlacedRoute,
  RouteHistory,
  RouteStore,
  StoredRoute,
  Updated,
} from '../route-store.js';
import type { MigrationMode } from './migrate.js';
import { MysqlClient, type MysqlClientOptions } from './mysql-client.js';
import { storeUnavailable } from './mysql-errors.js';
import { MysqlFeed } from './mysql-feed.js';
import { MysqlHistory } from './mysql-history.js';
import type { Session } from './mysql-session.js';
import type { MysqlAddress } from './mysql-url.js';
import { planReplacement } from './replacement.js';
import { ROUTE_COLUMNS, draftParameters, orgRoutes, parseRow, uuidBytes } from './route-rows.js';
import { SchemaGate } from './schema-gate.js';

export interface MysqlStoreOptions extends MysqlClientOptions {
  readonly clock: Clock;
  readonly migrate: MigrationMode;
  readonly log: Log;
}

// One statement is one consistent snapshot: an org's routes and their revision can't be of different moments.
const SELECT_ORG = `SELECT (SELECT MAX(epoch) FROM signalbox_restores) AS epoch, o.revision AS org_revision,
    r.id, r.name, r.priority, r.enabled, r.paused, r.\`when\`, r.\`then\`, r.revision
  FROM (SELECT 1) one LEFT JOIN signalbox_orgs o ON o.org_id = ?
    LEFT JOIN signalbox_routes r ON r.org_id = o.org_id
  ORDER BY r.priority DESC, r.seq, r.id`;

const SELECT_ROUTE = `SELECT ${ROUTE_COLUMNS} FROM signalbox_routes WHERE org_id = ? AND id = ?`;
const LOCK_ROUTE = `${SELECT_ROUTE} FOR UPDATE`;
const INSERT_ROUTE =
  'INSERT INTO signalbox_routes (org_id, id, name, priority, enabled, `when`, `then`) VALUES (?, ?, ?, ?, ?, ?, ?)';
const UPDATE_ROUTE =
  'UPDATE signalbox_routes SET name = ?, priority = ?, enabled = ?, `when` = ?, `then` = ? WHERE org_id = ? AND id = ?';
const DELETE_ROUTE = 'DELETE FROM signalbox_routes WHERE org_id = ? AND id = ?';

const PAUSE_ROUTE = 'UPDATE signalbox_routes SET paused = ?, pause_reason = ? WHERE org_id = ? AND id = ?';
const LOCK_ORG = 'SELECT revision FROM signalbox_orgs WHERE org_id = ? FOR UPDATE';
const LOCK_ROUTES = `SELECT seq, ${ROUTE_COLUMNS} FROM signalbox_routes WHERE org_id = ? ORDER BY seq FOR UPDATE`;
const NOTE = 'SET @signalbox_actor = ?, @signalbox_reason = ?';

export class MysqlStore implements RouteStore {
  readonly #client: MysqlClient;
  /** The feed's own: it doesn't queue behind reads of orgs, however many there are. */
  readonly #feedClient: MysqlClient;
  readonly #feed: MysqlFeed;
  readonly #gate: SchemaGate;

  private constructor(address: MysqlAddress, options: MysqlStoreOptions) {
    this.#client = new MysqlClient(address, options);
    this.#feedClient = this.#client.beside();
    this.#feed = new MysqlFeed((work) => this.#read(work, this.#feedClient), options.clock);
    this.#gate = new SchemaGate({ ...options, client: this.#client });
  }

  /**
   * Opens the store. A database that can't be reached now is no error: reads fail until it can.
   *
   * @throws SignalboxError `configuration` if the schema isn't one to work with.
   */
  static async open(address: MysqlAddress, options: MysqlStoreOptions): Promise<MysqlStore> {
    const store = new MysqlStore(address, options);
    try {
      await store.#gate.pass();
    } catch (error) {
      if (error instanceof SignalboxError && error.code === 'store_unavailable') {
        options.log('error', 'store.unavailable', `${error.message}; trying again`);
      } else {
        await store.close();
        throw error;
      }
    }
    return store;
  }

  async listForOrg(orgId: string): Promise<OrgRoutes> {
    const all = await this.listAllForOrg(orgId);
    return { ...all, routes: all.routes.filter(({ enabled }) => enabled) };
  }

  async listAllForOrg(orgId: string): Promise<OrgRoutes> {
    return orgRoutes(orgId, await this.#read((session) => session.query(SELECT_ORG, [uuidBytes(orgId)])));
  }

  async getRoute(orgId: string, routeId: string): Promise<StoredRoute | undefined> {
    return this.#read((session) => selectRoute(session, SELECT_ROUTE, orgId, routeId));
  }

  async createRoute(orgId: string, draft: RouteDraft, note?: ChangeNote): Promise<StoredRoute> {
    const routeId = randomUUID();
    return this.#write(note, async (session) => {
      await session.query(INSERT_ROUTE, [uuidBytes(orgId), uuidBytes(routeId), ...draftParameters(draft)]);
      return written(await selectRoute(session, SELECT_ROUTE, orgId, routeId), routeId);
    });
  }

  async updateRoute(
    orgId: string,
    routeId: string,
    draft: RouteDraft,
    revision: number,
    note?: ChangeNote,
  ): Promise<Updated | undefined> {
    return this.#write(note, async (session) => {
      const route = await selectRoute(session, LOCK_ROUTE, orgId, routeId);
      if (route === undefined) return undefined;
      assertRevision(route, revision);
      // The same in another order is the same; as text, which is what the trigger sees, it is not.
      if (isDeepStrictEqual(draftOf(route), draftOf(draft))) return { route, changed: false };
      await session.query(UPDATE_ROUTE, [...draftParameters(draft), uuidBytes(orgId), uuidBytes(routeId)]);
      const after = written(await selectRoute(session, SELECT_ROUTE, orgId, routeId), routeId);
      return { route: after, changed: after.revision !== route.revision };
    });
  }

  async deleteRoute(orgId: string, routeId: string, revision: number, note?: ChangeNote): Promise<boolean> {
    return this.#write(note, async (session) => {
      const route = await selectRoute(session, LOCK_ROUTE, orgId, routeId);
      if (route === undefined) return false;
      assertRevision(route, revision);
      await session.query(DELETE_ROUTE, [uuidBytes(orgId), uuidBytes(routeId)]);
      return true;
    });
  }

  async pauseRoute(
    orgId: string,
    routeId: string,
    paused: boolean,
    note?: ChangeNote,
  ): Promise<Updated | undefined> {
    return this.#write(note, async (session) => {
      const route = await selectRoute(session, LOCK_ROUTE, orgId, routeId);
      if (route === undefined) return undefined;
      if (route.paused === paused) return { route, changed: false };
      const reason = paused ? (note?.reason ?? null) : null;
      await session.query(PAUSE_ROUTE, [paused ? 1 : 0, reason, uuidBytes(orgId), uuidBytes(routeId)]);
      const after = written(await selectRoute(session, SELECT_ROUTE, orgId, routeId), routeId);
      return { route: after, changed: true };
    });
  }

  async replaceRoutes(
    orgId: string,
    routes: readonly PlacedRoute[],
    revision: number | undefined,
    note?: ChangeNote,
  ): Promise<OrgRoutes> {
    return this.#write(note, async (session) => {
      const org = uuidBytes(orgId);
      const [locked] = await session.query(LOCK_ORG, [org]);
      assertOrgRevision(orgId, Number(locked?.['revision'] ?? 0), revision);
      const existing = await session.query(LOCK_ROUTES, [org]);
      for (const step of planReplacement(existing, placed(routes))) {
        const { id, paused } = step.route;
        if (step.kind !== 'create') {
          const sql = step.kind === 'delete' ? DELETE_ROUTE : UPDATE_ROUTE;
          const parameters = step.kind === 'delete' ? [] : draftParameters(step.route);
          await session.query(sql, [...parameters, org, uuidBytes(id)]);
        } else {
          await session.query(INSERT_ROUTE, [org, uuidBytes(id), ...draftParameters(step.route)]);
        }
        if (step.kind !== 'delete')
          await session.query(PAUSE_ROUTE, [paused ? 1 : 0, null, org, uuidBytes(id)]);
      }
      return orgRoutes(orgId, await session.query(SELECT_ORG, [org]));
    });
  }

  get history(): RouteHistory {
    return new MysqlHistory((work) => this.#read(work));
  }

  changedSince(cursor: string | undefined): Promise<Changes> {
    return this.#feed.changedSince(cursor);
  }

  async reload(): Promise<void> {
    try {
      for (const client of [this.#client, this.#feedClient]) await client.renew();
    } catch (error) {
      // The file with the password, say, is no longer there.
      const isWrong = error instanceof SignalboxError && error.code === 'configuration';
      throw isWrong ? new SignalboxError('refused', error.message, { cause: error }) : error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#client.close(), this.#feedClient.close()]);
  }

  async #read<T>(work: (session: Session) => Promise<T>, client = this.#client): Promise<T> {
    await this.#gate.pass();
    return this.#told(() => client.read(work));
  }

  async #write<T>(note: ChangeNote | undefined, work: (session: Session) => Promise<T>): Promise<T> {
    await this.#gate.pass();
    return this.#told(() =>
      this.#client.write(async (session) => {
        // Of the session, which the next write may share: said each time, though there is nothing to say.
        await session.query(NOTE, [note?.actor ?? null, note?.reason ?? null]);
        return work(session);
      }),
    );
  }

  /** Whatever the database says, callers hear it as ours. */
  async #told<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storeUnavailable(error, 'the database refused');
    }
  }
}

async function selectRoute(
  session: Session,
  sql: string,
  orgId: string,
  routeId: string,
): Promise<StoredRoute | undefined> {
  const [row] = await session.query(sql, [uuidBytes(orgId), uuidBytes(routeId)]);
  if (row === undefined) return undefined;
  const parsed = parseRow(row);
  if (parsed.ok) return parsed.route;
  throw new SignalboxError(
    'refused',
    `route ${routeId} in the database is no route: ${parsed.refused.message}`,
  );
}

function written(route: StoredRoute | undefined, routeId: string): StoredRoute {
  if (route === undefined)
    throw new SignalboxError('internal', `route ${routeId} is not where it was written to`);
  return route;
}
