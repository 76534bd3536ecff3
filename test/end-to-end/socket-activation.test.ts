// A daemon that is given its sockets, as a service manager gives them: nobody who connects is refused, not before it
// starts, nor while one takes another's place; and the sockets stay what and where they were.
import assert from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, describe, test } from 'node:test';
import { reloadCommand } from '../../src/cli/reload.js';
import { run } from '../cli/support/run-command.js';
import { startDaemonProcess } from '../support/daemon-process.js';
import { NotifyReceiver, listenUnix } from '../support/raw-sockets.js';
import { WireClient } from '../support/wire-client.js';

interface Sockets {
  readonly directory: string;
  readonly gateway: { readonly name: string; readonly fd: number; readonly path: string };
  readonly admin: { readonly name: string; readonly fd: number; readonly path: string };
}

async function sockets(t: TestContext): Promise<Sockets> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  const make = (name: string): Sockets['gateway'] => {
    const path = join(directory, `${name}.sock`);
    return { name, fd: listenUnix(path), path };
  };
  const made = { directory, gateway: make('gateway'), admin: make('admin') };
  t.after(async () => {
    closeSync(made.gateway.fd);
    closeSync(made.admin.fd);
    await rm(directory, { recursive: true, force: true });
  });
  return made;
}

function get(socketPath: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe('a daemon that is given its sockets', { timeout: 120_000 }, () => {
  test('answers who connected before it started, and claims and removes no path', async (t) => {
    const { directory, gateway, admin } = await sockets(t);
    await chmod(gateway.path, 0o600);
    const early = await WireClient.connect(gateway.path);
    const answer = early.call('hello', {});
    await using daemon = await startDaemonProcess({ sockets: [admin, gateway] });
    const ready = await daemon.waitForLog('ready');
    assert.equal(ready['socket'], gateway.path);
    assert.equal((await answer).error, null);
    early.destroy();
    assert.equal(await get(admin.path, '/readyz'), 200);
    // Nothing was made at --socket, and no lock beside the sockets.
    assert.deepEqual(await readdir(daemon.directory), ['routes.yaml']);
    const code = (await daemon.stop()).code;
    assert.equal(code, 0);
    assert.deepEqual((await readdir(directory)).sort(), ['admin.sock', 'gateway.sock']);
    assert.equal((await stat(gateway.path)).mode & 0o777, 0o600);
  });

  test('leaves who connects between two of them to the second', async (t) => {
    const { gateway } = await sockets(t);
    const first = await startDaemonProcess({ sockets: [gateway] });
    const client = await WireClient.connect(gateway.path);
    assert.equal((await client.call('hello', {})).error, null);
    client.destroy();
    assert.equal((await first.stop()).code, 0);
    const between = await WireClient.connect(gateway.path);
    const answer = between.call('hello', {});
    await using second = await startDaemonProcess({ sockets: [gateway] });
    assert.ok(second.pid > 0);
    assert.equal((await answer).error, null);
    between.destroy();
  });

  test('refuses one that is no Unix socket', async (t) => {
    const { admin } = await sockets(t);
    const tcp = createServer();
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    t.after(() => tcp.close());
    const { fd } = (tcp as unknown as { _handle: { fd: number } })._handle;
    const daemon = await startDaemonProcess({ sockets: [{ name: 'gateway', fd }, admin], dontWait: true });
    assert.equal((await daemon.exited).code, 78);
    assert.match(daemon.stderr, /inherited socket gateway is no Unix socket: ListenStream=/);
    await daemon.stop();
  });
});

describe('a service', { timeout: 120_000 }, () => {
  test('is ready when it can decide, beats, reloads and ends, and says each', async (t) => {
    const { gateway, admin } = await sockets(t);
    using manager = new NotifyReceiver(`@signalbox-test-${process.pid}`);
    await using daemon = await startDaemonProcess({
      sockets: [gateway, admin],
      env: { NOTIFY_SOCKET: manager.address, WATCHDOG_USEC: '300000' },
    });
    const { STATUS } = await manager.heard('READY');
    assert.match(STATUS ?? '', /^0 connections; 0 decisions\/s; 0 orgs; 2 of 2 workers/);
    await manager.heard('WATCHDOG');

    await writeFile(daemon.routeFile, 'orgs: [');
    const refused = await run(reloadCommand(), '--admin', admin.path);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /the route file has errors\n.*routes\.yaml:1:/);
    await manager.heard('RELOADING');

    await writeFile(daemon.routeFile, 'orgs: {}\n');
    const reloaded = await run(reloadCommand(), '--admin', admin.path, '--json');
    assert.deepEqual(JSON.parse(reloaded.stdout), { workers: 2 });
    const before = daemon.logs.length;
    daemon.child.kill('SIGHUP');
    await daemon.waitForLog('reload.done', before);

    const { code } = await daemon.stop();
    assert.equal(code, 0);
    await manager.heard('STOPPING');
  });
});
