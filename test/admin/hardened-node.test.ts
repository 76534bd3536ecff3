// The daemon runs without code generation and without __proto__: so must this API, in all that its tests ask of it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { repositoryPath } from '../support/paths.js';

const FLAGS = ['--disallow-code-generation-from-strings', '--disable-proto=delete'];

describe('under the flags that the daemon runs with', () => {
  for (const name of [
    'route',
    'org-routes',
    'route-set-replacement',
    'history',
    'daemon',
    'openapi',
    'access',
    'hostile-requests',
  ]) {
    it(`${name} does what it does without them`, async () => {
      const { NODE_TEST_CONTEXT: _, ...env } = process.env;
      const file = repositoryPath(`dist/test/admin/${name}.test.js`);
      const child = spawn(process.execPath, [...FLAGS, '--test-reporter=tap', file], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const closed = once(child, 'close') as Promise<[number]>;
      const [output, [code]] = await Promise.all([text(child.stdout), closed]);
      assert.equal(code, 0, output);
      assert.match(output, /^# pass [1-9]/m);
    });
  }

  it('code generation is indeed impossible', async () => {
    const child = spawn(process.execPath, [...FLAGS, '-e', 'new Function("return 1")()'], {
      stdio: 'ignore',
    });
    const [code] = (await once(child, 'close')) as [number];
    assert.notEqual(code, 0);
  });
});
