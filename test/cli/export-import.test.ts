// `signalbox routes export` and `import`: what is exported comes back the same, and other people's tables come over.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { NO, USAGE } from '../../src/cli/exit-codes.js';
import { planCommand } from '../../src/cli/plan.js';
import { routesCommand } from '../../src/cli/routes.js';
import { parseRouteFile } from '../../src/store/route-file.js';
import type { StoredRoute } from '../../src/store/route-store.js';
import { type AdminDaemon, startAdminDaemon } from './support/admin-daemon.js';
import { type Outcome, run } from './support/run-command.js';

const ORG = '0190a000-0000-7000-8000-000000000001';
const OTHER = '0190a000-0000-7000-8000-000000000002';

const draft = { priority: 100, enabled: true, when: {}, then: { target_model: 'a' } };

async function fill(daemon: AdminDaemon): Promise<void> {
  const effects = JSON.parse('{"__proto__":"x","note":"two\\nlines: yes","n":1e21}') as Record<
    string,
    unknown
  >;
  const when = { prompt_contains_any_of: ['- yes', 'null', '0x1F', '# no', 'ß\u2028'], input_tokens_lt: 0 };
  const { id } = await daemon.store.createRoute(ORG, { ...draft, name: 'x', when, then: { effects } });
  await daemon.store.pauseRoute(ORG, id, true);
  await daemon.store.createRoute(ORG, { ...draft, name: 'true', enabled: false });
  await daemon.store.createRoute(ORG, { ...draft, name: 'true', priority: 0xffff_ffff });
  await daemon.store.createRoute(OTHER, { ...draft, name: 'other' });
}

function routes(daemon: AdminDaemon, ...args: readonly string[]): Promise<Outcome> {
  return run(routesCommand(), ...args, '--admin', daemon.admin);
}

async function all(daemon: AdminDaemon, org = ORG): Promise<readonly Omit<StoredRoute, 'revision'>[]> {
  const list = await daemon.store.listAllForOrg(org);
  return list.routes.map(({ revision: _revision, ...route }) => route);
}

describe('signalbox routes export and import', { timeout: 60_000 }, () => {
  for (const flags of [[], ['--json']]) {
    test(`what is exported${flags.join(' ')} is a route file that says the same`, async () => {
      await using daemon = await startAdminDaemon();
      await fill(daemon);
      const { stdout, stderr, code } = await routes(daemon, 'export', '--org', ORG, '--org', OTHER, ...flags);
      assert.equal(stderr, '');
      assert.equal(code, 0);
      const parsed = parseRouteFile(stdout);
      assert.ok(parsed.ok);
      for (const org of [ORG, OTHER])
        assert.equal(
          JSON.stringify(parsed.file.orgs.get(org)?.map(sorted)),
          JSON.stringify((await all(daemon, org)).map(sorted)),
        );
      const path = join(daemon.directory, 'routes.yaml');
      await writeFile(path, stdout);
      assert.equal((await run(planCommand(), path, '--admin', daemon.admin)).code, 0, 'a plan finds nothing');
      await using empty = await startAdminDaemon();
      assert.equal((await routes(empty, 'import', path)).code, 0);
      assert.deepEqual((await all(empty)).map(sorted), (await all(daemon)).map(sorted));
    });
  }

  test('export says that every org has to be named', async () => {
    await using daemon = await startAdminDaemon();
    const { code, stderr } = await routes(daemon, 'export');
    assert.equal(code, USAGE);
    assert.match(stderr, /say each org with --org/);
  });

  test('import adds and changes routes, and deletes none', async () => {
    await using daemon = await startAdminDaemon();
    const kept = await daemon.store.createRoute(ORG, { ...draft, name: 'kept' });
    const changed = await daemon.store.createRoute(ORG, { ...draft, name: 'changed' });
    const path = join(daemon.directory, 'routes.yaml');
    const lines = ['changed', 'new'].map((name) => `    - { name: ${name}, then: { target_model: b } }\n`);
    await writeFile(path, `orgs:\n  ${ORG}:\n${lines.join('')}`);
    const dry = await routes(daemon, 'import', path, '--dry-run');
    assert.equal(dry.code, 2);
    assert.match(dry.stdout, /1 to create, 1 to change, 0 to delete/);
    assert.equal((await daemon.store.listAllForOrg(ORG)).revision, 2, 'a dry run changes nothing');
    const { code, stdout } = await routes(daemon, 'import', path);
    assert.equal(code, 0);
    assert.ok(stdout.endsWith(`org ${ORG}: applied, now at revision 3`));
    const now = await all(daemon);
    assert.deepEqual(
      now.map(({ name, then }) => [name, then.target_model]),
      [
        ['kept', 'a'],
        ['changed', 'b'],
        ['new', 'b'],
      ],
    );
    assert.deepEqual([now[0]?.id, now[1]?.id], [kept.id, changed.id]);
    assert.equal(
      (await routes(daemon, 'import', path, '--dry-run')).code,
      0,
      'a second time there is nothing to do',
    );
  });

  test('import takes rows of a tt-routing table, ids and all', async () => {
    await using daemon = await startAdminDaemon();
    const path = join(daemon.directory, 'rows.json');
    const id = '0190a000-0000-7000-8000-0000000000a1';
    const row = { id, org_id: ORG, name: 'a', priority: 5, enabled: 1, when: '{"input_tokens_lt":9}' };
    await writeFile(path, JSON.stringify([{ ...row, then: { target_model: 'b', compress: true } }]));
    assert.equal((await routes(daemon, 'import', path)).code, 0);
    assert.deepEqual(await all(daemon), [
      {
        ...{ id, paused: false, name: 'a', priority: 5, enabled: true, when: { input_tokens_lt: 9 } },
        then: { target_model: 'b', effects: { compress: true } },
      },
    ]);
    await writeFile(path, JSON.stringify([{ ...row, then: {} }]));
    const { code, stderr } = await routes(daemon, 'import', path);
    assert.equal(code, NO);
    assert.match(stderr, /\nrow 1: then: no_effect: /);
  });
});

/** With its keys in one order, `__proto__` among them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => [key, sorted(member)]);
}
