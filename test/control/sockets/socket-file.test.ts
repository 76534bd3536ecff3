// The socket's file is looked at all the time by another thread: there must be no moment at which it is there and its
// mode or its group is another.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import {
  type SocketPermissions,
  listenOnFile,
  removeSocketFile,
} from '../../../src/control/sockets/socket-file.js';

const ROUNDS = 100;

/** Where in the shared words the watcher is told to stop, and where it counts how often the file was there. */
const STOP = 0;
const SIGHTINGS = 1;

/** Looks at the path until it is told to stop; says what it has seen. */
const WATCHER = `
  const { lstatSync } = require('node:fs');
  const { parentPort, workerData: { path, shared } } = require('node:worker_threads');
  const seen = new Map();
  parentPort.postMessage('watching');
  while (Atomics.load(shared, ${STOP}) === 0) {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) continue;
    const what = (stats.mode & 0o7777).toString(8) + ' ' + stats.gid;
    seen.set(what, (seen.get(what) ?? 0) + 1);
    Atomics.add(shared, ${SIGHTINGS}, 1);
  }
  parentPort.postMessage(seen);`;

describe('the file of a listening socket', { timeout: 60_000 }, () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  async function seenWhile(path: string, permissions: SocketPermissions): Promise<Map<string, number>> {
    const shared = new Int32Array(new SharedArrayBuffer(8));
    const watcher = new Worker(WATCHER, { eval: true, workerData: { path, shared } });
    await once(watcher, 'message');
    // The watcher may have no processor for as long as all of these take.
    for (let round = 0; round < ROUNDS || Atomics.load(shared, SIGHTINGS) === 0; round += 1) {
      const server = createServer();
      await listenOnFile(server, path, permissions);
      server.close();
      removeSocketFile(path);
    }
    const seen = once(watcher, 'message');
    Atomics.store(shared, STOP, 1);
    return ((await seen) as [Map<string, number>])[0];
  }

  const ownGroup = process.getgid?.() ?? 0;

  for (const mode of [0o660, 0o600, 0o666]) {
    it(`has the mode ${mode.toString(8)} whenever it is there`, async () => {
      const seen = await seenWhile(join(directory, 'a.sock'), { mode });
      assert.deepEqual([...seen.keys()], [`${mode.toString(8)} ${ownGroup}`]);
    });
  }

  it('has its mode and its group whenever it is there', async (t) => {
    const groups = process.getuid?.() === 0 ? [12_345] : (process.getgroups?.() ?? []);
    const groupId = groups.find((group) => group !== ownGroup);
    if (groupId === undefined) {
      t.skip('this user has no second group that it could give a file to: run it as root');
      return;
    }
    const seen = await seenWhile(join(directory, 'b.sock'), { mode: 0o660, groupId });
    assert.deepEqual([...seen.keys()], [`660 ${groupId}`]);
    assert.deepEqual(await readdir(directory), [], 'nothing is left beside it');
  });

  it('is made under the mask of no other file', async () => {
    const before = process.umask(0o027);
    const server = createServer();
    await listenOnFile(server, join(directory, 'c.sock'), { mode: 0o600 });
    server.close();
    assert.equal(process.umask(before), 0o027);
  });

  it('is reached by its path after it was moved there', async () => {
    const path = join(directory, 'd.sock');
    const server = createServer((socket) => socket.end('here'));
    await listenOnFile(server, path, { mode: 0o660, groupId: ownGroup });
    assert.equal((await stat(path)).mode & 0o7777, 0o660);
    const { connect } = await import('node:net');
    const [data] = (await once(connect(path), 'data')) as [Buffer];
    assert.equal(data.toString(), 'here');
    server.close();
    removeSocketFile(path);
  });

  it('says when a path is too long for it to be made aside', async () => {
    const path = join(directory, 'p'.repeat(100 - directory.length), 's'.repeat(5));
    const server = createServer();
    await assert.rejects(listenOnFile(server, path, { mode: 0o660, groupId: ownGroup }), {
      code: 'configuration',
    });
  });
});
