// The MySQL store on a real server: the contract that every store keeps, and what only a database can be asked:
// changes by plain SQL, transactions that commit late, rows that are no routes, daemons that start at once.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import mysql from 'mysql2/promise';
import { monotonicClock } from '../../../src/clock.js';
import { silentLog } from '../../../src/log.js';
import { isOlder } from '../../../src/store/org-routes.js';
import { MysqlClient } from '../../../src/store/mysql/mysql-client.js';
import { MysqlStore } from '../../../src/store/mysql/mysql-store.js';
import { parseMysqlUrl } from '../../../src/store/mysql/mysql-url.js';
import { noteRestore } from '../../../src/store/mysql/restores.js';
import { TRIGGERS } from '../../../src/store/mysql/schema-triggers.js';
import { uuidBytes } from '../../../src/store/mysql/route-rows.js';
import type { Changes } from '../../../src/store/route-store.js';
import { type Mariadb, startMariadb } from '../../support/mariadb.js';
import { describeRouteStore } from '../../support/route-store-suite.js';
import { draft, org } from '../../support/routes.js';

function open(url: string, mode: 'auto' | 'check' = 'auto', clock = monotonicClock): Promise<MysqlStore> {
  return MysqlStore.open(parseMysqlUrl(url), {
    clock,
    random: Math.random,
    log: silentLog,
    migrate: mode,
    // Nothing here is about how fast the machine is.
    connectTimeoutMs: 20_000,
    deadlineMs: 20_000,
  });
}

describeRouteStore('mysql', async () => {
  const server = await startMariadb();
  const store = await open(server.url(await server.createDatabase()));
  return {
    store,
    close: async () => {
      await store.close();
      await server.stop();
    },
  };
});

describe('the MySQL store', { timeout: 120_000 }, () => {
  let server: Mariadb;
  let url: string;
  let store: MysqlStore;
  let sql: mysql.Connection;
  const ORG = org(1);

  /** A session of somebody who writes plain SQL. */
  async function connect(): Promise<mysql.Connection> {
    const { hosts, user, database } = parseMysqlUrl(url);
    return mysql.createConnection({ ...hosts[0]?.endpoint, user, database, multipleStatements: true });
  }

  const INSERT = 'INSERT INTO signalbox_routes (org_id, name, `then`) VALUES (?, ?, ?)';
  const THEN = JSON.stringify({ target_model: 'by-hand' });

  before(async () => {
    server = await startMariadb();
    url = server.url(await server.createDatabase());
    store = await open(url);
    sql = await connect();
  });

  after(async () => {
    await store.close();
    await sql.end();
    await server.stop();
  });

  it('sees what plain SQL writes: routes, their ids, the revision, the feed and the history', async () => {
    const { cursor } = await store.changedSince(undefined);
    await sql.query(INSERT, [uuidBytes(ORG), 'by-hand', THEN]);
    const { revision, routes } = await store.listForOrg(ORG);
    assert.equal(revision, 1);
    assert.deepEqual(
      routes.map(({ name, priority, then, revision: at }) => [name, priority, then, at]),
      [['by-hand', 100, { target_model: 'by-hand' }, 1]],
    );
    const changes = await store.changedSince(cursor);
    assert.deepEqual(changes.orgIds, [ORG]);

    await sql.query('UPDATE signalbox_routes SET priority = 4294967295 WHERE org_id = ?', [uuidBytes(ORG)]);
    await sql.query('UPDATE signalbox_routes SET priority = 4294967295 WHERE org_id = ?', [uuidBytes(ORG)]);
    assert.equal((await store.listForOrg(ORG)).revision, 2, 'the second time changed nothing');
    await sql.query('DELETE FROM signalbox_routes WHERE org_id = ?', [uuidBytes(ORG)]);
    const gone = await store.listForOrg(ORG);
    assert.deepEqual([gone.revision, gone.routes], [3, []]);
    assert.deepEqual((await store.changedSince(changes.cursor)).orgIds, [ORG]);

    const entries = await store.history.list(ORG, { limit: 10 });
    assert.deepEqual(
      entries.map(({ revision: at, operation, route, actor }) => [
        at,
        operation,
        route.priority,
        actor?.slice(0, 4),
      ]),
      [
        [3, 'delete', 4294967295, 'sql:'],
        [2, 'update', 4294967295, 'sql:'],
        [1, 'create', 100, 'sql:'],
      ],
    );
  });

  it('sees plain SQL that changes nothing but case, accents or blanks at the end', async () => {
    const orgId = org(5);
    const set = async (column: string, text: string): Promise<number> => {
      await sql.query('UPDATE signalbox_routes SET ?? = ? WHERE org_id = ?', [
        column,
        text,
        uuidBytes(orgId),
      ]);
      return (await store.listForOrg(orgId)).revision;
    };
    await sql.query(INSERT, [uuidBytes(orgId), 'a', THEN]);
    let revision = 1;
    for (const text of ['resume', 'Resume', 'Résumé', 'Résumé ', 'Re\u0301sume\u0301 ']) {
      for (const [column, value] of [
        ['name', text],
        ['pause_reason', text],
        ['when', JSON.stringify({ tag_equals: text })],
        ['then', JSON.stringify({ target_model: text })],
      ] as const) {
        assert.equal(await set(column, value), (revision += 1), `${column}: ${value}`);
        assert.equal(await set(column, value), revision, `${column}: ${value}, a second time`);
      }
    }
  });

  it('refuses to let a route change its org or its id', async () => {
    await sql.query(INSERT, [uuidBytes(org(2)), 'stays', THEN]);
    const move = sql.query('UPDATE signalbox_routes SET org_id = ? WHERE org_id = ?', [
      uuidBytes(org(3)),
      uuidBytes(org(2)),
    ]);
    await assert.rejects(move, /keeps its org/);
  });

  it('misses no transaction that commits after a later one', async () => {
    const [early, late] = [org(10), org(11)];
    const slow = await connect();
    let { cursor } = await store.changedSince(undefined);
    await slow.query('START TRANSACTION');
    await slow.query(INSERT, [uuidBytes(early), 'slow', THEN]);
    await sql.query(INSERT, [uuidBytes(late), 'fast', THEN]);
    const first = await store.changedSince(cursor);
    assert.deepEqual(first.orgIds, [late]);
    cursor = (await store.changedSince(first.cursor)).cursor;
    await slow.query('COMMIT');
    const second = await store.changedSince(cursor);
    assert.deepEqual(second.orgIds, [early]);
    assert.deepEqual((await store.changedSince(second.cursor)).orgIds, []);
    await slow.end();
  });

  it('misses none that was open when the daemon started, nor waits for one that is rolled back', async () => {
    const [slow, undone] = [await connect(), await connect()];
    await slow.query('START TRANSACTION');
    await slow.query(INSERT, [uuidBytes(org(12)), 'slow', THEN]);
    await undone.query('START TRANSACTION');
    await undone.query(INSERT, [uuidBytes(org(13)), 'undone', THEN]);
    await sql.query(INSERT, [uuidBytes(org(14)), 'fast', THEN]);
    const { cursor } = await store.changedSince(undefined);
    await undone.query('ROLLBACK');
    await slow.query('COMMIT');
    assert.deepEqual((await store.changedSince(cursor)).orgIds, [org(12)]);
    await Promise.all([slow.end(), undone.end()]);
  });

  it('tells of every org when the history isn’t the one that it knew, as after a restore from a backup', async () => {
    const other = await open(server.url(await server.createDatabase()));
    for (const id of [org(15), org(16)]) await other.createRoute(id, draft('a'));
    // The cursor is of a history in which these numbers were somebody else's.
    const { cursor } = await store.changedSince(undefined);
    const number = /"after":\d+/;
    const elsewhere = cursor.replace(number, '"after":2');
    assert.equal((await other.changedSince(elsewhere)).orgIds, 'all');
    // One that is merely ahead may be of a server that has more, so it is waited whether this one catches up.
    const ahead = await other.changedSince(cursor.replace(number, '"after":1000'));
    assert.deepEqual(ahead.orgIds, []);
    await other.close();
  });

  it('tells of every org, and of a new epoch, when somebody says that it was restored', async () => {
    const fresh = server.url(await server.createDatabase());
    const restored = await open(fresh);
    const client = new MysqlClient(parseMysqlUrl(fresh), { clock: monotonicClock, random: Math.random });
    await restored.createRoute(ORG, draft('a'));
    const before = await restored.listForOrg(ORG);
    const { cursor } = await restored.changedSince(undefined);
    assert.equal(before.epoch, undefined);
    let changes: Changes = { orgIds: [], cursor };
    let epoch = 0;
    for (const reason of ['first', 'second']) {
      await noteRestore(client, { actor: 'ada', reason });
      const after = await restored.listForOrg(ORG);
      assert.ok((after.epoch ?? 0) > epoch && after.revision === before.revision);
      epoch = after.epoch ?? 0;
      assert.ok(isOlder(before, after) && !isOlder(after, before));
      changes = await restored.changedSince(changes.cursor);
      assert.equal(changes.orgIds, 'all');
    }
    assert.deepEqual((await restored.changedSince(changes.cursor)).orgIds, []);
    assert.deepEqual(await restored.listForOrg(org(77)), { orgId: org(77), epoch, revision: 0, routes: [] });
    await client.close();
    await restored.close();
  });

  it('lets nobody take a revision back, or change the history', async () => {
    await sql.query(INSERT, [uuidBytes(org(17)), 'a', THEN]);
    const where = 'WHERE org_id = ?';
    for (const [statement, why] of [
      [`UPDATE signalbox_orgs SET revision = 0 ${where}`, /only grows/],
      [`DELETE FROM signalbox_orgs ${where}`, /delete its routes/],
      [`UPDATE signalbox_history SET name = 'b' ${where}`, /never changed/],
    ] as const) {
      await assert.rejects(sql.query(statement, [uuidBytes(org(17))]), why);
    }
  });

  it('reads an org’s routes and their revision at one moment, whatever is written meanwhile', async () => {
    const orgId = org(20);
    const progress = { isDone: false };
    const writer = async (): Promise<void> => {
      // Each transaction leaves as many routes as it says in each of their names.
      for (let round = 1; round <= 60; round += 1) {
        await sql.query('START TRANSACTION');
        await sql.query('DELETE FROM signalbox_routes WHERE org_id = ?', [uuidBytes(orgId)]);
        for (let index = 0; index < round % 7; index += 1) {
          await sql.query(INSERT, [uuidBytes(orgId), `of ${round % 7}`, THEN]);
        }
        await sql.query('COMMIT');
      }
      progress.isDone = true;
    };
    const writing = writer();
    let highest = 0;
    while (!progress.isDone) {
      const { revision, routes } = await store.listForOrg(orgId);
      for (const { name } of routes) assert.equal(name, `of ${routes.length}`);
      for (const route of routes) assert.ok(route.revision <= revision);
      assert.ok(revision >= highest, 'a revision went back');
      highest = revision;
    }
    await writing;
  });

  it('tells rows apart that are no routes, and reads the others', async () => {
    const orgId = org(30);
    await store.createRoute(orgId, draft('good'));
    const blank = JSON.stringify({ prompt_contains_any_of: [' '] });
    await sql.query('INSERT INTO signalbox_routes (org_id, name, `when`, `then`) VALUES (?, ?, ?, ?)', [
      uuidBytes(orgId),
      'blank keyword',
      blank,
      THEN,
    ]);
    await sql.query(INSERT, [uuidBytes(orgId), 'no effect', '{}']);
    const { routes, refused } = await store.listForOrg(orgId);
    assert.deepEqual(
      routes.map(({ name }) => name),
      ['good'],
    );
    assert.deepEqual(
      refused?.map(({ message }) => message.split(':').slice(0, 2).join(':')),
      ['when.prompt_contains_any_of[0]: blank', 'then: no_effect'],
    );
  });

  it('remembers who changed what and why, and what the routes were at any revision', async () => {
    const orgId = org(40);
    const note = { actor: 'ada', reason: 'cheaper' };
    const first = await store.createRoute(orgId, draft('a'), note);
    const second = await store.createRoute(orgId, draft('b'));
    await store.updateRoute(orgId, first.id, draft('a', { priority: 7 }), first.revision, { actor: 'bob' });
    await store.pauseRoute(orgId, second.id, true, { reason: 'incident 7' });
    await store.deleteRoute(orgId, first.id, 3, note);
    const entries = await store.history.list(orgId, { limit: 3 });
    assert.deepEqual(
      entries.map(({ revision, operation, route, actor, reason }) => [
        revision,
        operation,
        route.name,
        actor,
        reason,
      ]),
      [
        [5, 'delete', 'a', 'ada', 'cheaper'],
        [4, 'update', 'b', entries[1]?.actor, 'incident 7'],
        [3, 'update', 'a', 'bob', null],
      ],
    );
    const at = async (revision: number): Promise<unknown> =>
      (await store.history.routesAt(orgId, revision))?.map(({ name, priority, paused }) => [
        name,
        priority,
        paused,
      ]);
    assert.deepEqual(await at(1), [['a', 100, false]]);
    assert.deepEqual(await at(3), [
      ['a', 7, false],
      ['b', 100, false],
    ]);
    assert.deepEqual(await at(5), [['b', 100, true]]);
    assert.equal(await at(6), undefined);

    const before3 = (await store.history.routesAt(orgId, 3)) ?? [];
    const { routes } = await store.replaceRoutes(orgId, before3, 5);
    assert.deepEqual(
      routes.map(({ id, name, paused }) => [id, name, paused]),
      [
        [second.id, 'b', false],
        [first.id, 'a', false],
      ],
    );
  });

  it('is brought up to date once by twenty daemons that start at once on an empty database', async () => {
    const fresh = server.url(await server.createDatabase());
    const stores = await Promise.all(Array.from({ length: 20 }, () => open(fresh)));
    for (const each of stores) assert.deepEqual((await each.listForOrg(ORG)).routes, []);
    const route = await stores[0]?.createRoute(ORG, draft('a'));
    assert.equal((await stores[19]?.listForOrg(ORG))?.routes[0]?.id, route?.id);
    assert.equal((await stores[7]?.listForOrg(ORG))?.revision, 1, 'one trigger bumped it');
    await Promise.all(stores.map((each) => each.close()));
  });

  it('puts back triggers that a restore has lost, or says what to do about them', async () => {
    const fresh = server.url(await server.createDatabase());
    const { database } = parseMysqlUrl(fresh);
    const triggersOf = async (): Promise<unknown[]> => {
      const [rows] = await sql.query<mysql.RowDataPacket[]>('SHOW TRIGGERS FROM ??', [database]);
      return rows.map(({ Trigger }) => Trigger as unknown).sort();
    };
    await (await open(fresh)).close();
    const all = await triggersOf();
    assert.deepEqual(all, [...TRIGGERS].sort());
    await sql.query(`DROP TRIGGER \`${database}\`.signalbox_routes_after_update`);
    await assert.rejects(open(fresh, 'check'), {
      code: 'configuration',
      message: /lacks the triggers signalbox_routes_after_update, .*: run signalbox migrate/,
    });
    for (const name of await triggersOf()) await sql.query(`DROP TRIGGER ??.??`, [database, name]);
    await assert.rejects(open(fresh, 'check'), { message: /signalbox_routes_before_insert/ });
    await (await open(fresh)).close();
    assert.deepEqual(await triggersOf(), all);
    await (await open(fresh, 'check')).close();
  });

  it('trusts the schema of a user who may not see triggers', async () => {
    const fresh = server.url(await server.createDatabase());
    const { database } = parseMysqlUrl(fresh);
    await (await open(fresh)).close();
    await sql.query("CREATE USER 'reader'@'localhost', 'reader'@'%'");
    for (const host of ['localhost', '%']) {
      await sql.query('GRANT SELECT, INSERT, UPDATE, DELETE ON ??.* TO ?@?', [database, 'reader', host]);
    }
    const ofReader = fresh.replace(/^mysql:\/\/(?:[^@/]*@)?/, 'mysql://reader@');
    await (await open(ofReader, 'check')).close();
    await (await open(ofReader)).close();
    await sql.query("DROP USER 'reader'@'localhost', 'reader'@'%'");
  });

  it('does not try again and again to make a schema that its user may not make', async () => {
    const fresh = server.url(await server.createDatabase());
    const { database } = parseMysqlUrl(fresh);
    const accounts = "'poor'@'localhost', 'poor'@'%'";
    await sql.query(`CREATE USER ${accounts}`);
    await sql.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ??.* TO ${accounts}`, [database]);
    let nowMs = 0;
    const ofPoor = fresh.replace(/^mysql:\/\/(?:[^@/]*@)?/, 'mysql://poor@');
    const poor = await open(ofPoor, 'auto', () => nowMs);
    const logins = async (): Promise<unknown> =>
      (await server.query("SHOW GLOBAL STATUS LIKE 'Connections'"))[0]?.['Value'];
    const before = await logins();
    for (let turn = 1; turn <= 20; turn += 1) {
      await assert.rejects(poor.listForOrg(ORG), {
        code: 'store_unavailable',
        message: /CREATE command denied/,
      });
    }
    assert.equal(await logins(), before);
    await sql.query(`GRANT ALL ON ??.* TO ${accounts}`, [database]);
    nowMs += 10_000;
    assert.equal((await poor.listForOrg(ORG)).revision, 0);
    await poor.close();
    await sql.query(`DROP USER ${accounts}`);
  });

  it('says what to do about a schema that is missing, and one that is too new', async () => {
    const fresh = server.url(await server.createDatabase());
    await assert.rejects(open(fresh, 'check'), { code: 'configuration', message: /run signalbox migrate/ });
    await (await open(fresh)).close();
    await (await open(fresh, 'check')).close();
    const { database } = parseMysqlUrl(fresh);
    // One version on, which still takes daemons like this one.
    await sql.query(`INSERT INTO \`${database}\`.signalbox_schema (version, oldest_reader) VALUES (99, 1)`);
    await (await open(fresh, 'check')).close();
    await sql.query(`INSERT INTO \`${database}\`.signalbox_schema (version, oldest_reader) VALUES (100, 99)`);
    await assert.rejects(open(fresh), { code: 'configuration', message: /newer signalbox/ });
  });
});
