// What people and scripts do to the routes in the database.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { uuidBytes } from '../../src/store/mysql/route-rows.js';
import type { FaultStage } from '../support/fault-stage.js';
import { org } from '../support/routes.js';
import { VersionedRoutes } from '../support/versioned-routes.js';
import type { Fault } from './fault.js';

/** An org that no traffic is for; a fault may do with it what it likes. */
const ORG = org(1000);
const OTHER_ORG = org(1001);

const INSERT = 'INSERT INTO signalbox_routes (org_id, name, priority, `then`) VALUES (?, ?, ?, ?)';
const DELETE = 'DELETE FROM signalbox_routes WHERE org_id = ?';

function target(model: string): string {
  return JSON.stringify({ target_model: model });
}

/** Another session of somebody who writes plain SQL. */
function connect(stage: FaultStage): VersionedRoutes {
  const { server, database } = stage;
  const session = new VersionedRoutes({ socketPath: server.socketPath, user: 'root', database });
  stage.defer(() => session.close());
  return session;
}

/** Writes what can't be read over both routes of an org that has traffic, and a whole edit when that was seen. */
async function breakAndMend(stage: FaultStage, column: 'when' | 'then', text: string): Promise<number> {
  const [broken = '', ...others] = stage.orgIds;
  await stage.startBusyDaemon();
  // The good table stays in force, and the other orgs are none the worse.
  await stage.routes.run(`UPDATE signalbox_routes SET \`${column}\` = ? WHERE org_id = ?`, [
    text,
    uuidBytes(broken),
  ]);
  await stage.untilStale();
  stage.mark();
  await stage.edit(others);
  await stage.recovered(others);
  await stage.untilStale();
  stage.mark();
  // Half of a mended route must not be seen before the other half is.
  if (column === 'when') await stage.routes.mend(broken);
  await stage.edit();
  return stage.recovered();
}

export const EDIT_FAULTS: readonly Fault[] = [
  {
    name: 'plain SQL',
    cause: 'inserts, an update, a delete, a rollback, and a transaction that commits after a later one',
    isShort: true,
    play: async (stage) => {
      const daemon = await stage.startBusyDaemon();
      const probe = stage.probe(daemon);
      const [sql, slow] = [connect(stage), connect(stage)];
      await probe.untilRoute(ORG, null);
      await sql.run(INSERT, [uuidBytes(ORG), 'inserted', 1, target('a')]);
      await probe.untilRoute(ORG, 'inserted');
      await slow.run('START TRANSACTION');
      await slow.run(INSERT, [uuidBytes(OTHER_ORG), 'late', 1, target('a')]);
      const rename = 'UPDATE signalbox_routes SET name = ? WHERE org_id = ?';
      await sql.run(`START TRANSACTION; ${rename}; ROLLBACK`, ['undone', uuidBytes(ORG)]);
      await sql.run(rename, ['renamed', uuidBytes(ORG)]);
      await probe.untilRoute(ORG, 'renamed');
      await probe.untilRoute(OTHER_ORG, null);
      const committedMs = performance.now();
      await slow.run('COMMIT');
      await probe.untilRoute(OTHER_ORG, 'late');
      const recoveryMs = Math.round(performance.now() - committedMs);
      await sql.run(INSERT, [uuidBytes(ORG), 'higher', 2, target('b')]);
      await probe.untilRoute(ORG, 'higher');
      await sql.run(`DELETE FROM signalbox_routes WHERE org_id = ? AND name = 'higher'`, [uuidBytes(ORG)]);
      await probe.untilRoute(ORG, 'renamed');
      stage.mark();
      await stage.edit();
      await stage.recovered();
      return recoveryMs;
    },
  },
  {
    name: 'broken JSON',
    cause:
      'text that is no JSON in both rows of an org, its check constraints off; then an edit (MySQL takes none)',
    play: async (stage) => {
      const text = '{"model_in": [';
      if (!(await stage.server.isMysql())) {
        await stage.routes.run('SET check_constraint_checks = 0');
        return breakAndMend(stage, 'when', text);
      }
      await stage.startBusyDaemon();
      await assert.rejects(
        stage.routes.run('UPDATE signalbox_routes SET `when` = ?', [text]),
        /Invalid JSON/,
      );
      stage.mark();
      await stage.edit();
      return stage.recovered();
    },
  },
  {
    name: 'rows that are no routes',
    cause: 'an action without effect in both rows of an org; then an edit',
    isShort: true,
    play: (stage) => breakAndMend(stage, 'then', '{}'),
  },
  {
    name: 'a rule set of 5 MB',
    cause: '5,000 routes of 1 KB in one org, inserted at once; then a change of one',
    play: async (stage) => {
      const daemon = await stage.startBusyDaemon();
      const probe = stage.probe(daemon);
      const rows = Array.from({ length: 5000 }, (_, index) => [
        uuidBytes(ORG),
        `route ${index}`,
        index,
        JSON.stringify({ model_in: [`model ${index}`, 'x'.repeat(960)] }),
        target('a'),
      ]);
      await stage.routes.run(
        'INSERT INTO signalbox_routes (org_id, name, priority, `when`, `then`) VALUES ?',
        [rows],
      );
      await probe.untilRoute(ORG, null);
      const committedMs = performance.now();
      await stage.routes.run(
        `UPDATE signalbox_routes SET name = 'changed', \`when\` = '{}' WHERE org_id = ? AND name = 'route 4999'`,
        [uuidBytes(ORG)],
      );
      await probe.untilRoute(ORG, 'changed');
      const recoveryMs = Math.round(performance.now() - committedMs);
      stage.mark();
      await stage.edit();
      await stage.recovered();
      return recoveryMs;
    },
  },
  {
    name: 'an org deleted',
    cause: 'all its routes deleted; then the database killed: the org must not come back',
    isShort: true,
    play: async (stage) => {
      const daemon = await stage.startBusyDaemon();
      const probe = stage.probe(daemon);
      await stage.routes.run(INSERT, [uuidBytes(ORG), 'there', 1, target('a')]);
      await probe.untilRoute(ORG, 'there');
      const committedMs = performance.now();
      await stage.routes.run(DELETE, [uuidBytes(ORG)]);
      await probe.untilRoute(ORG, null);
      const recoveryMs = Math.round(performance.now() - committedMs);
      await stage.server.kill();
      const isGone = 'decisions by no route, stale';
      await probe.until(
        ORG,
        ({ route, stale }) => {
          if (route !== null) stage.tally.problem(`an org that was deleted came back with ${route}`);
          return stale;
        },
        isGone,
      );
      await stage.server.restart();
      stage.mark();
      await stage.edit();
      await stage.recovered();
      return recoveryMs;
    },
  },
  {
    name: 'a hundred edits a second',
    cause: 'transactions of two statements, on ten orgs in turn; two daemons of two workers',
    isShort: true,
    play: async (stage) => {
      await Promise.all([stage.startBusyDaemon(), stage.startBusyDaemon()]);
      const beganMs = performance.now();
      for (let edit = 0; edit < stage.scale.edits; edit += 1) {
        await sleep(Math.max(0, beganMs + edit * 10 - performance.now()));
        await stage.edit([stage.orgIds[edit % stage.orgIds.length] ?? '']);
      }
      stage.mark();
      return stage.recovered();
    },
  },
];
