// From one version to the next by a restart: what the version before left behind, in the database and on disk, as it
// was when it was written. The files in test/fixtures/upgrade are never changed; a new version adds some.
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, describe, test } from 'node:test';
import { startDaemonProcess } from '../support/daemon-process.js';
import { startMariadb } from '../support/mariadb.js';
import { repositoryPath } from '../support/paths.js';
import { WireClient } from '../support/wire-client.js';

const ORG = '0190a000-0000-7000-8000-00000000000a';

async function oldSnapshot(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 'routes.snapshot');
  // It was read in the year 2100, for else it would be too old one day.
  await copyFile(repositoryPath('test/fixtures/upgrade/snapshot-1'), path);
  return path;
}

async function decide(socketPath: string, model: string, revision = 0): Promise<Record<string, unknown>> {
  const client = await WireClient.connect(socketPath);
  const { error, result } = await client.call('resolve', {
    ...{ org_id: ORG, model, min_revision: revision },
  });
  client.destroy();
  assert.equal(error, null);
  return result as Record<string, unknown>;
}

describe('a daemon of this version', { timeout: 120_000 }, () => {
  for (const version of [1, 2]) {
    test(`brings a database of version ${version} up to date, its routes and their history kept`, async (t) => {
      const server = await startMariadb();
      t.after(() => server.stop());
      const database = await server.createDatabase();
      const text = await readFile(repositoryPath(`test/fixtures/upgrade/schema-${version}.json`), 'utf8');
      await server.query(`USE ${database}`);
      for (const statement of JSON.parse(text) as readonly string[]) await server.query(statement);

      await using daemon = await startDaemonProcess({
        args: [
          '--store',
          server.url(database),
          '--snapshot',
          await oldSnapshot(t),
          '--resolve-timeout',
          '20s',
        ],
      });
      const migrated = await daemon.waitForLog('store.migrated');
      assert.match(migrated.msg ?? '', new RegExp(`from version ${version} `));
      const kept = await decide(daemon.socketPath, 'gpt-4o');
      assert.deepEqual([kept['route'], kept['stale'], kept['revision']], ['kept', false, 3]);
      assert.equal((await decide(daemon.socketPath, 'another'))['target_model'], 'new');
      const history = await server.query('SELECT COUNT(*) n FROM signalbox_history');
      assert.equal(Number(history[0]?.['n']), 3);

      // Those of the first two versions took this for no change.
      await server.query(
        `UPDATE signalbox_routes SET \`then\` = '{"target_model": "NEW"}' WHERE name = 'changed'`,
      );
      assert.equal((await decide(daemon.socketPath, 'another', 4))['target_model'], 'NEW');
    });
  }

  test('decides by a snapshot of the first format while the database is away', async (t) => {
    await using daemon = await startDaemonProcess({
      args: [
        ...['--store', 'mysql://nobody@localhost/nothing?socket=/nonexistent/mysql.sock'],
        ...['--snapshot', await oldSnapshot(t), '--resolve-timeout', '20s'],
      ],
    });
    assert.ok(await daemon.waitForLog('snapshot.loaded'));
    const kept = await decide(daemon.socketPath, 'gpt-4o');
    assert.deepEqual([kept['route'], kept['stale'], kept['target_model']], ['kept', true, 'gpt-4o-mini']);
  });
});
