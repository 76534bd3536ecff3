// Who comes in, and what becomes of those who don't: on real sockets, with nobody behind them who serves.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { OPEN_ACCESS } from '../../../src/control/access/access-policy.js';
import { Acceptor } from '../../../src/control/sockets/acceptor.js';
import { waitFor } from '../../support/wait-for.js';

const MAX_CONNECTIONS = 3;

describe('an acceptor', { timeout: 60_000 }, () => {
  let directory = '';
  let path = '';
  let served: number[] = [];
  let hasWorkers = true;
  let acceptor: Acceptor;
  const clients: Socket[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
    path = join(directory, 'a.sock');
    served = [];
    hasWorkers = true;
    acceptor = new Acceptor({
      workers: {
        get hasWorkers() {
          return hasWorkers;
        },
        serve: ({ fd }) => {
          served.push(fd);
          return new Promise(() => undefined);
        },
        whenGone: () => Promise.resolve(),
      },
      maxConnections: MAX_CONNECTIONS,
      access: OPEN_ACCESS,
      clock: () => performance.now(),
      log: () => undefined,
    });
    await acceptor.listen(path, { mode: 0o600 });
  });

  afterEach(async () => {
    acceptor.close();
    for (const client of clients.splice(0)) client.destroy();
    for (const fd of served) closeSync(fd);
    await rm(directory, { recursive: true });
  });

  /** Resolves when the kernel has let it in, whatever we do with it. */
  async function connected(): Promise<Socket> {
    const client = connect({ path, allowHalfOpen: true }).on('error', () => undefined);
    clients.push(client);
    await once(client, 'connect');
    return client;
  }

  /** What it is told, to the end. */
  async function wordsTo(client: Socket): Promise<string> {
    const chunks: Buffer[] = [];
    client.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(client, 'end');
    return Buffer.concat(chunks).toString('latin1');
  }

  it('hands a connection over, but not one whose client has left by then', async () => {
    const openBefore = readdirSync('/dev/fd').length;
    // The kernel connects at once, and this thread, which is also the acceptor's, has done nothing else by then.
    for (let count = 0; count < 200; count += 1) {
      connect(path)
        .on('error', () => undefined)
        .destroy();
    }
    await connected();
    await waitFor(() => served.length > 0, 'the one who stays');
    assert.equal(acceptor.accepted, 201);
    assert.equal(acceptor.connections, 1);
    assert.equal(served.length, 1);
    await waitFor(() => readdirSync('/dev/fd').length <= openBefore + 2, "the others' descriptors");
  });

  it('tells whoever is turned away why, and then ends it', async () => {
    await Promise.all(Array.from({ length: MAX_CONNECTIONS }, connected));
    await waitFor(() => served.length === MAX_CONNECTIONS, 'as many as may be');
    const late = await connected();
    assert.match(await wordsTo(late), /overloaded.*there are 3 connections already/);
    assert.deepEqual(acceptor.refused, {
      connections: 1,
      descriptors: 0,
      no_worker: 0,
      rate: 0,
      credentials: 0,
    });
  });

  it('tells everybody in a crowd, and keeps none of it', async () => {
    hasWorkers = false;
    const openBefore = readdirSync('/dev/fd').length;
    const crowd = await Promise.all(Array.from({ length: 300 }, connected));
    const told = await Promise.all(crowd.map(wordsTo));
    assert.equal(acceptor.refused.no_worker, 300);
    for (const words of told) assert.match(words, /unavailable.*no worker runs/);
    for (const client of crowd) client.destroy();
    await waitFor(() => readdirSync('/dev/fd').length <= openBefore, 'their descriptors');
  });
});
