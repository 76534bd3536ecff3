// README is tried, not believed: its bytes, its example, its commands and its table of flags, against a daemon with
// the example routes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { type DaemonProcess, startDaemonProcess } from '../support/daemon-process.js';
import { repositoryPath, signalboxMain } from '../support/paths.js';
import { WireClient } from '../support/wire-client.js';

let readme: string;
let daemon: DaemonProcess;

/** The code blocks of one language. */
function blocks(language: string): string[] {
  const found = readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'));
  return [...found].map(([, content]) => content ?? '');
}

/** The hexadecimal column of a commented dump. */
function bytesOf(dump: string): Buffer {
  const hex = dump.split('\n').map((line) => /^(?:[0-9a-f]{2} ?)+(?= |$)/.exec(line)?.[0] ?? '');
  return Buffer.from(hex.join('').replaceAll(' ', ''), 'hex');
}

async function run(args: readonly string[], input = ''): Promise<string> {
  const { stdout, stderr } = await runAside(args, input);
  assert.equal(stderr, '');
  return stdout;
}

async function runAside(
  args: readonly string[],
  input = '',
  env: NodeJS.ProcessEnv = {},
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, args, { env: { PATH: process.env['PATH'], ...env } });
  child.stdin.end(input);
  const closed = once(child, 'close') as Promise<[number | null]>;
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  assert.equal(code, 0, stderr);
  return { stdout, stderr };
}

describe('README', { timeout: 60_000 }, () => {
  before(async () => {
    readme = await readFile(repositoryPath('README.md'), 'utf8');
    const routes = await readFile(repositoryPath('systemd/routes.example.yaml'), 'utf8');
    daemon = await startDaemonProcess({ routes });
  });

  after(async () => {
    await daemon.stop();
  });

  it('shows a request’s frame, byte by byte, that gets the answer it shows', async () => {
    const [request] = blocks('frame-request').map(bytesOf);
    const [answer] = blocks('frame-answer').map(bytesOf);
    assert.ok(request !== undefined && answer !== undefined);
    assert.equal(request.readUInt32BE(), request.length - 4);
    const client = await WireClient.connect(daemon.socketPath);
    client.send(request);
    const [received] = (await once(client.socket, 'data')) as [Buffer];
    client.destroy();
    // The revision, 8 bytes behind its key and type, is the time of the file's last change.
    const at = answer.indexOf('revision') + 'revision'.length + 1;
    received.copy(answer, at, at, at + 8);
    assert.equal(received.toString('hex'), answer.toString('hex'));
  });

  it('shows an example for a gateway that runs as it stands', async () => {
    const [example] = blocks('js');
    assert.ok(example !== undefined);
    // Inside the package, where its own name leads to it.
    const path = repositoryPath(`dist/readme-example-${process.pid}.mjs`);
    await writeFile(path, example);
    const outcome = (): Promise<{ readonly stdout: string; readonly stderr: string }> =>
      runAside([path], '', { SIGNALBOX_SOCKET: daemon.socketPath });
    try {
      let { stdout, stderr } = await outcome();
      // On a busy machine, its deadline may be over before there is an answer: it says so, and keeps its model.
      while (stderr.startsWith('no decision (timeout)')) {
        assert.equal(stdout, 'gpt-4o\n');
        ({ stdout, stderr } = await outcome());
      }
      assert.deepEqual([stdout, stderr], ['gpt-4o-mini\n', '']);
    } finally {
      await rm(path);
    }
  });

  it('shows commands that print what it says', async () => {
    const [, command] = blocks('sh');
    const [expected] = blocks('json');
    assert.ok(command !== undefined && expected !== undefined);
    const args = command.trim().split(' ');
    assert.deepEqual(args.splice(0, 2), ['npx', 'signalbox']);
    const decision = JSON.parse(await run([signalboxMain, ...args, '--socket', daemon.socketPath])) as object;
    assert.deepEqual({ ...decision, revision: 0 }, { ...(JSON.parse(expected) as object), revision: 0 });

    const [, , chat] = blocks('sh');
    const body = /^echo '(.*)' \|$/m.exec(chat ?? '')?.[1];
    const org = /--org (\S+)/.exec(chat ?? '')?.[1];
    assert.ok(body !== undefined && org !== undefined);
    const flags = ['resolve', '--org', org, '--chat', '-', '--socket', daemon.socketPath];
    const routed = JSON.parse(await run([signalboxMain, ...flags], body)) as {
      route: string;
      target_model: string;
    };
    assert.deepEqual([routed.route, routed.target_model], ['keep-secrets-in-house', 'llama-3.3-70b-onprem']);
  });

  it('lists the flags of serve, and no others', async () => {
    const help = await run([signalboxMain, 'serve', '--help']);
    const flags = [...help.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, flag]) => flag);
    const listed = [...readme.matchAll(/^\| `(--[a-z-]+)/gm)].map(([, flag]) => flag);
    assert.ok(flags.length > 5);
    assert.deepEqual(listed.sort(), flags.sort());
  });
});
