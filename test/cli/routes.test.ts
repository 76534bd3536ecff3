// `signalbox routes` against a real admin API: every subcommand, its exit codes and what it prints.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { NO, USAGE } from '../../src/cli/exit-codes.js';
import { routesCommand } from '../../src/cli/routes.js';
import type { StoredRoute } from '../../src/store/route-store.js';
import { type AdminDaemon, startAdminDaemon } from './support/admin-daemon.js';
import { type Outcome, run } from './support/run-command.js';

const ORG = '0190a000-0000-7000-8000-000000000001';

function routes(daemon: AdminDaemon, command: string, ...args: readonly string[]): Promise<Outcome> {
  return run(routesCommand(), command, '--org', ORG, '--admin', daemon.admin, ...args);
}

async function created(daemon: AdminDaemon, name: string, ...args: readonly string[]): Promise<StoredRoute> {
  const { stdout, stderr } = await routes(
    daemon,
    'create',
    ...['--name', name, '--target-model', 'gpt-4o-mini', '--json', ...args],
  );
  assert.equal(stderr, '');
  return JSON.parse(stdout) as StoredRoute;
}

describe('signalbox routes', { timeout: 60_000 }, () => {
  test('create makes a route of flags', async () => {
    await using daemon = await startAdminDaemon();
    const when = '{"model_in":["gpt-4o"],"input_tokens_lt":500}';
    const fallbacks = ['--fallback', 'a', '--fallback', 'b'];
    const route = await created(
      daemon,
      'cheap',
      '--priority',
      '7',
      '--when',
      when,
      ...fallbacks,
      '--disabled',
    );
    const { id: _id, ...rest } = route;
    assert.deepEqual(rest, {
      name: 'cheap',
      priority: 7,
      enabled: false,
      paused: false,
      when: { model_in: ['gpt-4o'], input_tokens_lt: 500 },
      then: { target_model: 'gpt-4o-mini', fallbacks: ['a', 'b'] },
      revision: 1,
    });
    const list = await daemon.store.listAllForOrg(ORG);
    assert.deepEqual(
      list.routes.map(({ id }) => id),
      [route.id],
    );
  });

  test('create reads a file of YAML, and flags win over it', async () => {
    await using daemon = await startAdminDaemon();
    const file = join(daemon.directory, 'route.yaml');
    await writeFile(file, 'name: a\npriority: 3\nthen: { target_model: m, disable_cache: true }\n');
    const { stdout, code } = await routes(daemon, 'create', '--file', file, '--target-model', 'n');
    assert.equal(code, 0);
    assert.match(stdout, /^a \([0-9a-f-]{36}\) is created, revision 1$/);
    const [route] = (await daemon.store.listAllForOrg(ORG)).routes;
    assert.equal(route?.priority, 3);
    assert.deepEqual(route.then, { target_model: 'n', disable_cache: true });
  });

  test('create says every problem, a line each', async () => {
    await using daemon = await startAdminDaemon();
    const bad = '{"model_in":[""],"moon":1}';
    const { code, stderr } = await routes(daemon, 'create', '--name', ' ', '--then', '{}', '--when', bad);
    assert.equal(code, NO);
    const [summary, ...lines] = stderr.split('\n');
    assert.equal(summary, '4 problems');
    const starts = ['name: blank', 'when.model_in[0]: blank', 'when.moon: unknown_field', 'then: no_effect'];
    for (const start of starts)
      assert.ok(
        lines.some((line) => line.startsWith(`  ${start}: `)),
        `${start}: ${stderr}`,
      );
    assert.equal(lines.length, starts.length);
  });

  test('create says the line of a file that is no YAML', async () => {
    await using daemon = await startAdminDaemon();
    const file = join(daemon.directory, 'route.yaml');
    await writeFile(file, 'name: [\n');
    const { code, stderr } = await routes(daemon, 'create', '--file', file);
    assert.equal(code, NO);
    assert.match(stderr, /route\.yaml:\d+:\d+: syntax: /);
  });

  test('list shows the order in which routes are tried, and what is off', async () => {
    await using daemon = await startAdminDaemon();
    const low = await created(daemon, 'low', '--priority', '1');
    await created(
      daemon,
      '高い\u001b[2J',
      '--priority',
      '9',
      '--disabled',
      '--when',
      '{"input_tokens_gt":0}',
    );
    await routes(daemon, 'pause', low.id);
    const lastHit = new Date(Date.now() - 3_600_500).toISOString();
    daemon.hits = {
      ...daemon.hits,
      no_match: { hits: 7, last_hit: lastHit },
      routes: [{ route_id: low.id, name: 'low', hits: 12, last_hit: lastHit }],
    };
    const { stdout, code } = await routes(daemon, 'list');
    assert.equal(code, 0);
    const [title, first, second, , sum] = stdout.split('\n');
    assert.match(title ?? '', /^PRIORITY {2}NAME +STATE +WHEN +THEN +HITS {2}LAST HIT +REVISION {2}ID$/);
    assert.match(first ?? '', /^ +9 {2}高い�\[2J +disabled +input_tokens_gt=0 +→ gpt-4o-mini +- {2}- /u);
    assert.match(second ?? '', /^ +1 {2}low +paused +always +→ gpt-4o-mini +12 {2}1 hour ago /);
    assert.equal(sum, '2 routes, revision 3; 7 requests matched none');
    const json = JSON.parse((await routes(daemon, 'list', '--json')).stdout) as { routes: unknown[] };
    assert.equal(json.routes.length, 2);
  });

  test('show takes an id or a name, and refuses a name that several have', async () => {
    await using daemon = await startAdminDaemon();
    const route = await created(daemon, 'twice');
    assert.match((await routes(daemon, 'show', 'twice')).stdout, /name: twice\nid: .*\nstate: on\n/);
    const other = await created(daemon, 'twice');
    const { code, stderr } = await routes(daemon, 'show', 'twice');
    assert.equal(code, NO);
    assert.ok(stderr.includes(route.id) && stderr.includes(other.id));
    const shown = await routes(daemon, 'show', other.id, '--json');
    assert.deepEqual(JSON.parse(shown.stdout), other);
  });

  test('what is not there is a no, not a defect', async () => {
    await using daemon = await startAdminDaemon();
    for (const text of ['nothing', '0190a000-0000-7000-8000-00000000dead']) {
      const { code, stderr } = await routes(daemon, 'show', text);
      assert.equal(code, NO);
      assert.match(stderr, /^org 0190a000-0000-7000-8000-000000000001 has no route /);
    }
  });

  test('update changes what the flags say and leaves the rest', async () => {
    await using daemon = await startAdminDaemon();
    const when = '{"input_tokens_lt":500}';
    const before = await created(daemon, 'cheap', '--when', when, '--fallback', 'a');
    const { stdout } = await routes(daemon, 'update', 'cheap', '--target-model', 'x', '--disabled');
    assert.match(stdout, /^cheap \(.*\) is updated, revision 2$/);
    const after = await daemon.store.getRoute(ORG, before.id);
    assert.deepEqual(after, {
      ...before,
      enabled: false,
      then: { target_model: 'x', fallbacks: ['a'] },
      revision: 2,
    });
    assert.match(
      (await routes(daemon, 'update', 'cheap', '--disabled')).stdout,
      /was so already, revision 2$/,
    );
    await routes(daemon, 'update', 'cheap', '--enabled', '--when', '{}');
    const last = await daemon.store.getRoute(ORG, before.id);
    assert.deepEqual([last?.enabled, last?.when], [true, {}]);
    assert.equal((await routes(daemon, 'update', 'cheap')).code, USAGE);
    assert.equal((await routes(daemon, 'update', 'cheap', '--enabled', '--disabled')).code, USAGE);
  });

  test('a conflict says to read again, and changes nothing', async () => {
    await using daemon = await startAdminDaemon();
    const route = await created(daemon, 'cheap');
    await routes(daemon, 'update', 'cheap', '--priority', '5');
    for (const command of [
      ['update', 'cheap', '--priority', '6'],
      ['delete', 'cheap'],
    ] as const) {
      const [name, ...args] = command;
      const { code, stderr } = await routes(daemon, name, ...args, '--revision', '1');
      assert.equal(code, NO);
      assert.match(stderr, /read it again/);
    }
    assert.equal((await daemon.store.getRoute(ORG, route.id))?.priority, 5);
  });

  test('delete takes a route away', async () => {
    await using daemon = await startAdminDaemon();
    const route = await created(daemon, 'cheap');
    assert.equal((await routes(daemon, 'delete', 'cheap')).stdout, `cheap (${route.id}) is deleted`);
    assert.deepEqual((await daemon.store.listAllForOrg(ORG)).routes, []);
  });

  test('pause and resume', async () => {
    await using daemon = await startAdminDaemon();
    const { id } = await created(daemon, 'cheap');
    assert.match((await routes(daemon, 'pause', 'cheap')).stdout, /is paused, revision 2$/);
    assert.equal((await daemon.store.getRoute(ORG, id))?.paused, true);
    assert.match((await routes(daemon, 'pause', 'cheap')).stdout, /was so already, revision 2$/);
    assert.match((await routes(daemon, 'resume', 'cheap')).stdout, /is on again, revision 3$/);
    assert.equal((await daemon.store.getRoute(ORG, id))?.paused, false);
  });

  test('history tells who changed what and why, in any script', async () => {
    await using daemon = await startAdminDaemon();
    await created(daemon, 'cheap', '--actor', 'Ødegård', '--reason', 'дёшево 🙂');
    await routes(daemon, 'pause', 'cheap', '--reason', 'two\nlines');
    const { stdout, stderr } = await routes(daemon, 'history');
    const [, newest, oldest] = stdout.split('\n');
    assert.match(newest ?? '', /^ +2 {2}2026\S+ +\S.* +update +cheap: paused .* two lines$/);
    assert.match(oldest ?? '', /^ +1 {2}2026\S+ +Ødegård +create +cheap: on .*дёшево 🙂$/u);
    assert.equal(stderr, '');
    const page = await routes(daemon, 'history', '--limit', '1');
    assert.equal(page.stderr, 'signalbox: more with --before 2');
    const next = await routes(daemon, 'history', '--before', '2', '--json');
    const { entries } = JSON.parse(next.stdout) as { entries: { revision: number }[] };
    assert.deepEqual(
      entries.map(({ revision }) => revision),
      [1],
    );
  });

  test('rollback brings an earlier revision back', async () => {
    await using daemon = await startAdminDaemon();
    const route = await created(daemon, 'cheap');
    await routes(daemon, 'delete', 'cheap');
    const { stdout } = await routes(daemon, 'rollback', '1');
    assert.equal(stdout, `org ${ORG}: 1 route as at revision 1, now at revision 3`);
    assert.equal((await daemon.store.getRoute(ORG, route.id))?.name, 'cheap');
    const { code, stderr } = await routes(daemon, 'rollback', '99');
    assert.equal(code, NO);
    assert.match(stderr, /never had a revision 99/);
  });

  test('a word that is no UUID, number or object is a usage error', async () => {
    await using daemon = await startAdminDaemon();
    const wrong = [
      ['create', '--when', '[]'],
      ['create', '--then', '{'],
      ['create', '--priority', '-1'],
      ['create'],
      ['rollback', 'yesterday'],
      ['list', '--org', 'acme'],
    ] as const;
    for (const [command, ...args] of wrong) {
      assert.equal((await routes(daemon, command, ...args)).code, USAGE, [command, ...args].join(' '));
    }
  });
});
