// The file that says who may ask for which orgs: read whole, or refused with every problem and its line.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readOrgAccess } from '../../../src/control/access/org-access-file.js';
import { SignalboxError } from '../../../src/errors.js';

const ORG = '0190a000-0000-7000-8000-000000000001';

describe('an org access file', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  async function read(text: string): ReturnType<typeof readOrgAccess> {
    const path = join(directory, 'access.yaml');
    await writeFile(path, text);
    return readOrgAccess(path);
  }

  async function refusal(text: string): Promise<string> {
    const error: unknown = await read(text).then(
      () => assert.fail('it was read'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof SignalboxError);
    assert.equal(error.code, 'configuration');
    return error.message.replaceAll(directory, '');
  }

  it('names users and groups, by name or number, with their orgs', async () => {
    assert.deepEqual(
      await read(`- user: root\n  orgs: [${ORG.toUpperCase()}]\n- group: 4000000000\n  orgs: all\n`),
      [
        { kind: 'user', id: 0, orgIds: new Set([ORG]) },
        { kind: 'group', id: 4_000_000_000, orgIds: 'all' },
      ],
    );
    assert.deepEqual(await read('[]'), []);
  });

  it('is refused with every problem and its line', async () => {
    const text = [
      '- user: no-such-user-here',
      '  orgs: [nonsense]',
      '- user: 0',
      '  group: 0',
      '  orgs: all',
      '- group: 0',
      '- group: [0]',
      '  org: all',
      '- 7',
    ].join('\n');
    assert.deepEqual((await refusal(text)).split('; '), [
      '/access.yaml:1: this system knows no user called "no-such-user-here"',
      '/access.yaml:2: an org is a UUID, got the text "nonsense"',
      '/access.yaml:3: expected either a user or a group',
      '/access.yaml:6: expected a list of orgs, or all, got nothing',
      '/access.yaml:8: unknown field org: expected user or group, and orgs',
      '/access.yaml:7: expected a name or a number, got a list',
      '/access.yaml:7: expected a list of orgs, or all, got nothing',
      '/access.yaml:9: expected user or group, and orgs, got 7',
    ]);
    for (const empty of ['', 'user: root', '__proto__: 1']) {
      assert.match(await refusal(empty), /expected a list|no document/);
    }
    assert.match(await refusal('- ['), /access.yaml:1/);
  });

  it('that is missing is said to be', async () => {
    await assert.rejects(readOrgAccess(join(directory, 'none.yaml')), { code: 'configuration' });
  });
});
