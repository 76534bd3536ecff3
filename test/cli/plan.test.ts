// `signalbox plan` against a real admin API: what would change, said and as JSON, and nothing is written.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { NO } from '../../src/cli/exit-codes.js';
import { planCommand } from '../../src/cli/plan.js';
import { ORG_ROUTES_BYTES_MAX } from '../../src/store/org-size.js';
import { startAdminDaemon } from './support/admin-daemon.js';
import { run } from './support/run-command.js';

const ORG = '0190a000-0000-7000-8000-000000000001';
const OTHER = '0190a000-0000-7000-8000-000000000002';

const file = `orgs:
  ${ORG}:
    - { name: kept, then: { target_model: a } }
    - { name: changed, priority: 200, when: { input_tokens_lt: 800 }, then: { target_model: b } }
    - { name: new, then: { effects: { redact: true } } }
  ${OTHER}: []
`;

const draft = { priority: 100, enabled: true, when: {}, then: { target_model: 'a' } };

describe('signalbox plan', { timeout: 60_000 }, () => {
  test('says what is created, changed and deleted, with exit code 2, and changes nothing', async () => {
    await using daemon = await startAdminDaemon();
    const path = join(daemon.directory, 'routes.yaml');
    await writeFile(path, file);
    await daemon.store.createRoute(ORG, { ...draft, name: 'kept' });
    await daemon.store.createRoute(ORG, { ...draft, name: 'changed', when: { input_tokens_lt: 500 } });
    await daemon.store.createRoute(ORG, { ...draft, name: 'old' });
    const { code, stdout, stderr } = await run(planCommand(), path, '--admin', daemon.admin);
    assert.equal(stderr, '');
    assert.equal(code, 2);
    assert.deepEqual(stdout.split('\n'), [
      `org ${ORG} (at revision 3)`,
      '  + new  priority=100  always  effects={"redact":true}',
      '  ~ changed  priority: 100 → 200',
      '             when.input_tokens_lt: 500 → 800',
      '             then.target_model: a → b',
      '  - old  priority=100  always  → a',
      '',
      '1 to create, 1 to change, 1 to delete in 1 of 2 orgs; 1 route unchanged',
    ]);
    assert.equal((await daemon.store.listAllForOrg(ORG)).revision, 3);
  });

  test('refuses a file with more routes of an org than the daemon would decide by', async () => {
    await using daemon = await startAdminDaemon();
    const path = join(daemon.directory, 'routes.yaml');
    const routes = [{ name: 'huge', then: { effects: { note: 'x'.repeat(ORG_ROUTES_BYTES_MAX) } } }];
    await writeFile(path, JSON.stringify({ orgs: { [ORG]: routes } }));
    const { code, stderr } = await run(planCommand(), path, '--admin', daemon.admin);
    assert.equal(code, NO);
    assert.match(
      stderr,
      new RegExp(`orgs\\.${ORG}: out_of_range: .* 16\\.0 MiB is the most that an org may have`),
    );
  });

  test('exits with 0 when nothing would change', async () => {
    await using daemon = await startAdminDaemon();
    const path = join(daemon.directory, 'routes.yaml');
    await writeFile(path, `orgs:\n  ${ORG}:\n    - { name: kept, then: { target_model: a } }\n`);
    await daemon.store.createRoute(ORG, { ...draft, name: 'kept' });
    const { code, stdout } = await run(planCommand(), path, '--admin', daemon.admin);
    assert.equal(stdout, 'no changes: 1 route of 1 org as they are to be');
    assert.equal(code, 0);
  });

  test('leaves a pause alone that the file says nothing of', async () => {
    await using daemon = await startAdminDaemon();
    const path = join(daemon.directory, 'routes.yaml');
    const { id } = await daemon.store.createRoute(ORG, { ...draft, name: 'kept' });
    await daemon.store.pauseRoute(ORG, id, true);
    await writeFile(path, `orgs:\n  ${ORG}:\n    - { name: kept, then: { target_model: a } }\n`);
    assert.equal((await run(planCommand(), path, '--admin', daemon.admin)).code, 0);
    await writeFile(
      path,
      `orgs:\n  ${ORG}:\n    - { name: kept, paused: false, then: { target_model: a } }\n`,
    );
    const { code, stdout } = await run(planCommand(), path, '--admin', daemon.admin);
    assert.equal(code, 2);
    assert.match(stdout, / {2}~ kept {2}paused: true → false\n/);
  });

  test('says another order of routes of one priority', async () => {
    await using daemon = await startAdminDaemon();
    const path = join(daemon.directory, 'routes.yaml');
    for (const name of ['x', 'y']) await daemon.store.createRoute(ORG, { ...draft, name });
    const routes = ['y', 'x'].map((name) => `    - { name: ${name}, then: { target_model: a } }\n`);
    await writeFile(path, `orgs:\n  ${ORG}:\n${routes.join('')}`);
    const { code, stdout } = await run(planCommand(), path, '--admin', daemon.admin);
    assert.equal(code, 2);
    assert.match(stdout, /~ the order of routes of one priority/);
  });

  test('looks at the orgs of --org only, and refuses one that the file has not', async () => {
    await using daemon = await startAdminDaemon();
    const path = join(daemon.directory, 'routes.yaml');
    await writeFile(path, file);
    const only = await run(planCommand(), path, '--org', OTHER, '--admin', daemon.admin, '--json');
    assert.equal(only.code, 0);
    assert.deepEqual(JSON.parse(only.stdout), {
      orgs: [
        {
          org_id: OTHER,
          revision: 0,
          diff: { create: [], update: [], delete: [], unchanged: 0, reordered: false },
        },
      ],
    });
    const missing = '0190a000-0000-7000-8000-000000000003';
    const { code, stderr } = await run(planCommand(), path, '--org', missing, '--admin', daemon.admin);
    assert.equal(code, NO);
    assert.ok(stderr.endsWith(`has no org ${missing}`));
  });

  test('refuses a file with problems before it asks the daemon', async () => {
    await using daemon = await startAdminDaemon();
    const path = join(daemon.directory, 'routes.yaml');
    await writeFile(path, `orgs:\n  ${ORG}:\n    - name: ""\n      then: {}\n`);
    const { code, stderr } = await run(planCommand(), path, '--admin', '/nowhere');
    assert.equal(code, NO);
    assert.deepEqual(
      stderr.split('\n').map((line) => line.replace(/ (orgs\S+): .*/, ' $1')),
      [`${path} has 2 problems`, `${path}:3:7: orgs.${ORG}[0].name`, `${path}:4:7: orgs.${ORG}[0].then`],
    );
    assert.match((await run(planCommand(), `${path}.none`)).stderr, /there is no such file/);
  });
});
