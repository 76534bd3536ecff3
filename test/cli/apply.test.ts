// `signalbox apply` against a real admin API: what is written, in which order, and what is left when something is refused.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { applyCommand } from '../../src/cli/apply.js';
import { NO, USAGE } from '../../src/cli/exit-codes.js';
import { planCommand } from '../../src/cli/plan.js';
import type { Terminal } from '../../src/cli/planning/terminal.js';
import { type AdminDaemon, startAdminDaemon } from './support/admin-daemon.js';
import { run } from './support/run-command.js';

const ORGS = [1, 2, 3].map((n) => `0190a000-0000-7000-8000-00000000000${n}`);
const [ORG = '', SECOND = '', THIRD = ''] = ORGS;

const nobody: Terminal = {
  isInteractive: false,
  confirm: () => Promise.reject(new Error('nobody is there')),
};

/** Somebody who does this when asked, and then says so. */
function somebody(answer: boolean, meanwhile: () => Promise<unknown> = () => Promise.resolve()): Terminal {
  return {
    isInteractive: true,
    confirm: async () => {
      await meanwhile();
      return answer;
    },
  };
}

async function fileOf(daemon: AdminDaemon): Promise<string> {
  const path = join(daemon.directory, 'routes.yaml');
  const orgs = ORGS.map((org) => `  ${org}:\n    - { name: a, then: { target_model: m } }\n`);
  await writeFile(path, `orgs:\n${orgs.join('')}`);
  return path;
}

function names(daemon: AdminDaemon): Promise<string[][]> {
  return Promise.all(
    ORGS.map(async (org) => (await daemon.store.listAllForOrg(org)).routes.map(({ name }) => name)),
  );
}

const draft = { name: 'z', priority: 100, enabled: true, when: {}, then: { target_model: 'm' } };

describe('signalbox apply', { timeout: 60_000 }, () => {
  test('refuses to change anything unasked where nobody can be asked', async () => {
    await using daemon = await startAdminDaemon();
    const path = await fileOf(daemon);
    const { code, stderr } = await run(applyCommand(nobody), path, '--admin', daemon.admin);
    assert.equal(code, USAGE);
    assert.match(stderr, /--yes/);
    assert.deepEqual(await names(daemon), [[], [], []]);
  });

  test('with --yes, makes the orgs what the file says, so that a plan finds nothing', async () => {
    await using daemon = await startAdminDaemon();
    const path = await fileOf(daemon);
    await daemon.store.createRoute(ORG, draft);
    const args = [path, '--admin', daemon.admin, '--actor', 'ci', '--reason', 'release 7'];
    const { code, stdout, stderr } = await run(applyCommand(nobody), ...args, '--yes');
    assert.equal(stderr, '');
    assert.equal(code, 0);
    assert.match(stdout, /3 to create, 0 to change, 1 to delete in 3 orgs/);
    assert.ok(
      stdout.endsWith(`org ${SECOND}: applied, now at revision 1\norg ${THIRD}: applied, now at revision 1`),
    );
    assert.deepEqual(await names(daemon), [['a'], ['a'], ['a']]);
    const [entry] = await daemon.store.history.list(SECOND, { limit: 1 });
    assert.deepEqual([entry?.actor, entry?.reason], ['ci', 'release 7']);
    assert.equal((await run(planCommand(), path, '--admin', daemon.admin)).code, 0);
  });

  test('shows the plan, asks, and takes a no', async () => {
    await using daemon = await startAdminDaemon();
    const path = await fileOf(daemon);
    const refused = await run(applyCommand(somebody(false)), path, '--admin', daemon.admin);
    assert.equal(refused.code, NO);
    assert.match(refused.stdout, /3 to create/);
    assert.match(refused.stderr, /nothing was changed/);
    assert.deepEqual(await names(daemon), [[], [], []]);
    assert.equal((await run(applyCommand(somebody(true)), path, '--admin', daemon.admin)).code, 0);
    assert.deepEqual(await names(daemon), [['a'], ['a'], ['a']]);
  });

  test('asks nothing when nothing would change', async () => {
    await using daemon = await startAdminDaemon();
    const path = await fileOf(daemon);
    await run(applyCommand(nobody), path, '--admin', daemon.admin, '--yes');
    const meanwhile = (): Promise<never> => Promise.reject(new Error('asked'));
    const { code } = await run(applyCommand(somebody(true, meanwhile)), path, '--admin', daemon.admin);
    assert.equal(code, 0);
  });

  test('stops at an org that has changed since the plan, and says what is applied and what is not', async () => {
    await using daemon = await startAdminDaemon();
    const path = await fileOf(daemon);
    const terminal = somebody(true, () => daemon.store.createRoute(SECOND, draft));
    const { code, stdout, stderr } = await run(applyCommand(terminal), path, '--admin', daemon.admin);
    assert.equal(code, NO);
    assert.deepEqual(await names(daemon), [['a'], ['z'], []]);
    const [first, second, third] = stdout.split('\n').slice(-3);
    assert.equal(first, `org ${ORG}: applied, now at revision 1`);
    assert.match(second ?? '', new RegExp(`^org ${SECOND}: failed: .*read it again`));
    assert.equal(third, `org ${THIRD}: not applied`);
    assert.match(stderr, new RegExp(`^stopped at org ${SECOND}: 1 org applied, 2 not; `));
  });

  test('says that nothing is applied when the daemon has gone while it asked', async () => {
    await using other = await startAdminDaemon();
    const path = await fileOf(other);
    const daemon = await startAdminDaemon();
    const terminal = somebody(true, () => Promise.resolve(daemon[Symbol.asyncDispose]()));
    const { code, stdout, stderr } = await run(applyCommand(terminal), path, '--admin', daemon.admin);
    assert.equal(code, NO);
    assert.match(
      stdout,
      new RegExp(`\norg ${ORG}: failed: no daemon answers .*\norg ${SECOND}: not applied\n`),
    );
    assert.match(stderr, /: 0 orgs applied, 3 not; /);
  });

  test('prints the outcome of each org with --json', async () => {
    await using daemon = await startAdminDaemon();
    const path = await fileOf(daemon);
    await run(applyCommand(nobody), path, '--org', ORG, '--admin', daemon.admin, '--yes');
    const { stdout } = await run(applyCommand(nobody), path, '--admin', daemon.admin, '--yes', '--json');
    assert.deepEqual(JSON.parse(stdout), {
      orgs: [
        { org_id: ORG, outcome: 'unchanged', revision: 1 },
        { org_id: SECOND, outcome: 'applied', revision: 1 },
        { org_id: THIRD, outcome: 'applied', revision: 1 },
      ],
    });
  });
});
