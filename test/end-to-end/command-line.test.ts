// The commands that aren't the daemon, and what every command has in common: help, usage errors and exit codes.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { signalboxMain } from '../support/paths.js';

interface Outcome {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `signalbox` with these arguments to its end. */
function signalbox(...args: readonly string[]): Promise<Outcome> {
  return signalboxWith({}, ...args);
}

/** The same, with these variables in its environment. */
function signalboxWith(
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Outcome> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], ...environment };
    const options = { env, timeout: 60_000, killSignal: 'SIGKILL' } as const;
    execFile(process.execPath, [signalboxMain, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? null), stdout, stderr });
    });
  });
}

const good = `orgs:
  0190a000-0000-7000-8000-000000000001:
    - name: cheap-short
      priority: 100
      enabled: true
      when:
        model_in: [gpt-4o]
        input_tokens_lt: 500
      then:
        target_model: gpt-4o-mini
        fallbacks: [claude-haiku-4-5]
        disable_cache: false
        max_cost_usd: 0.05
`;

// Every problem is on a line of its own: what its path ends with, its line and a word of its reason.
const bad = `orgs:
  0190a000-0000-7000-8000-000000000001:
    - name: "  "
      then: { target_model: gpt-4o-mini }
    - name: second
      priority: 4294967296
      when:
        model_in: [gpt-4o,
                   "",
                   gpt-4o]
        content_type: xml
        estimated_cost_gt: -1
        has_images: "true"
        moon_phase: full
      then: {}
  not-a-uuid:
    - name: third
      then: { target_model: gpt-4o-mini }
`;
const problems: readonly (readonly [pathEnd: string, line: number])[] = [
  ['name', 3],
  ['priority', 6],
  ['when.model_in[1]', 9],
  ['when.model_in[2]', 10],
  ['when.content_type', 11],
  ['when.estimated_cost_gt', 12],
  ['when.has_images', 13],
  ['when.moon_phase', 14],
  ['then', 15],
  ['not-a-uuid', 16],
];

describe('signalbox', { timeout: 180_000 }, () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  async function routeFile(name: string, text: string): Promise<string> {
    const path = join(directory, name);
    await writeFile(path, text);
    return path;
  }

  test('tells its commands, and each command its flags, when asked for help', async () => {
    const top = await signalbox('--help');
    assert.equal(top.code, 0, top.stderr);
    for (const command of ['serve', 'resolve', 'check']) {
      assert.ok(top.stdout.includes(command), `${command} in ${top.stdout}`);
      const { code, stdout, stderr } = await signalbox(command, '--help');
      assert.equal(code, 0, `${command}: ${stderr}`);
      assert.match(stdout, /usage/i);
    }
    const serve = (await signalbox('serve', '--help')).stdout;
    for (const flag of ['store', 'socket', 'workers', 'ttl', 'max-stale', 'resolve-timeout', 'log-level']) {
      assert.ok(serve.includes(`--${flag}`), `--${flag} in ${serve}`);
    }
  });

  test('answers a usage error with one line and exit code 2', async () => {
    for (const args of [
      ['frobnicate'],
      ['check'],
      ['check', 'a', 'b'],
      ['check', '--nonsense', 'a'],
      ['--nonsense'],
    ]) {
      const { code, stderr, stdout } = await signalbox(...args);
      assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
      assert.match(stderr, /^[^\n]+\n$/, args.join(' '));
      assert.equal(stdout, '');
    }
  });

  test('a variable that is empty is an error that names it, and not a setting', async () => {
    for (const name of ['SNAPSHOT', 'ADMIN', 'SOCKET', 'SOCKET_GROUP', 'ORG_ACCESS', 'DECISION_LOG', 'TTL']) {
      const variable = `SIGNALBOX_${name}`;
      const { code, stderr } = await signalboxWith({ [variable]: '' }, 'serve', '--store', 'memory:');
      assert.equal(code, 78, `${variable}: ${stderr}`);
      assert.match(stderr, new RegExp(`^[^\\n]*${variable}[^\\n]*\\n$`));
    }
  });

  test('the socket is in no directory of somebody’s working directory', async () => {
    const { stdout } = await signalboxWith({ XDG_RUNTIME_DIR: '' }, 'resolve', '--help');
    assert.match(stdout, /"\/tmp\/signalbox\.sock"/);
  });

  test('a password that stands in a store’s URL is not said again', async () => {
    for (const url of ['mariadb://user:se/cr@t@host/db', 'mysql://user:se/cr@t@host/db']) {
      const { code, stderr } = await signalbox('serve', '--store', url);
      assert.equal(code, 78);
      assert.doesNotMatch(stderr, /cr@t/);
    }
  });

  test('a reader that has seen enough is no failure', async () => {
    for (const args of [['--help'], ['serve', '--help'], ['check', await routeFile('good.yaml', good)]]) {
      const command = spawn(process.execPath, [signalboxMain, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      command.stdout.destroy();
      let stderr = '';
      command.stderr.on('data', (text) => (stderr += String(text)));
      const [code] = (await once(command, 'close')) as [number | null];
      assert.deepEqual([code, stderr], [0, ''], args.join(' '));
    }
  });

  test('output that can’t be written is a failure', { skip: process.platform !== 'linux' }, async () => {
    const full = await open('/dev/full', 'w');
    try {
      for (const args of [['--help'], ['check', await routeFile('good.yaml', good)]]) {
        const command = spawn(process.execPath, [signalboxMain, ...args], {
          stdio: ['ignore', full.fd, 'pipe'],
        });
        let stderr = '';
        command.stderr?.on('data', (text) => (stderr += String(text)));
        const [code] = (await once(command, 'close')) as [number | null];
        assert.equal(code, 1, args.join(' '));
        assert.match(stderr, /^signalbox: the output can't be written: [^\n]+\n$/);
      }
    } finally {
      await full.close();
    }
  });

  test('check exits 0 for a valid route file', async () => {
    for (const text of [good, 'orgs: {}\n', JSON.stringify({ orgs: {} })]) {
      const { code, stdout, stderr } = await signalbox('check', await routeFile('good.yaml', text));
      assert.equal(code, 0, stdout + stderr);
    }
  });

  test('check reports every problem of a route file with its path and its line, and exits 1', async () => {
    const file = await routeFile('bad.yaml', bad);
    const { code, stdout, stderr } = await signalbox('check', file);
    const lines = `${stdout}${stderr}`.split('\n');
    assert.equal(code, 1, stderr);
    for (const [pathEnd, line] of problems) {
      const ofLine = lines.filter((text) => new RegExp(`(:|line )${line}\\b`).test(text.replace(file, '')));
      assert.ok(
        ofLine.some((text) => text.includes(pathEnd)),
        `${pathEnd} on line ${line} in ${lines.join('\n')}`,
      );
    }
  });

  test('check says where a file that is no YAML goes wrong, and exits 1', async () => {
    for (const text of [
      'orgs:\n  a: [1,\n  b: }\n',
      'orgs: {}\norgs: {}\n',
      '- a list\n',
      '',
      '\u0000\u0001',
    ]) {
      const { code, stdout, stderr } = await signalbox('check', await routeFile('broken.yaml', text));
      assert.equal(code, 1, `${JSON.stringify(text)}: ${stdout}${stderr}`);
      assert.notEqual(`${stdout}${stderr}`.trim(), '');
      assert.doesNotMatch(stderr, /^\s+at /m, 'no stack trace');
    }
  });

  test('check names a file that is not there in one line, and exits 1 or 2', async () => {
    const { code, stdout, stderr } = await signalbox('check', join(directory, 'missing.yaml'));
    assert.ok(code === 1 || code === 2, `exit code ${String(code)}`);
    assert.match(stderr + stdout, /^[^\n]*missing\.yaml[^\n]*\n$/);
  });
});
