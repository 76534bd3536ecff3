// A socket that many connect to at once: how many are taken, and that nobody who waits is forgotten.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ACCEPTED_BURST, ACCEPTED_PER_SECOND, PacedListener } from '../../src/control/paced-listener.js';
import { waitFor } from '../support/wait-for.js';

describe('a paced listener', { timeout: 60_000 }, () => {
  let directory = '';
  let path = '';
  let nowMs = 0;
  let accepted = 0;
  let events: string[] = [];
  let listener: PacedListener;
  const clients: Socket[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
    path = join(directory, 'a.sock');
    accepted = nowMs = 0;
    events = [];
    listener = new PacedListener({
      clock: () => nowMs,
      log: (_level, event) => events.push(event),
      onConnection: (socket) => {
        accepted += 1;
        socket.destroy();
      },
    });
    await listener.listen(path, { mode: 0o600 });
  });

  afterEach(async () => {
    listener.close();
    for (const client of clients.splice(0)) client.destroy();
    await rm(directory, { recursive: true });
  });

  /** Resolves when all are connected, which is to say in the kernel's queue. */
  async function connectMany(count: number): Promise<void> {
    const more = Array.from({ length: count }, () => connect(path).on('error', () => undefined));
    clients.push(...more);
    await Promise.all(more.map((client) => once(client, 'connect')));
  }

  it('takes a burst at once, and from then on so many a second', async () => {
    const wave = 2048;
    for (let connected = wave; connected <= ACCEPTED_BURST; connected += wave) {
      await connectMany(wave);
      await waitFor(() => accepted === connected, 'a part of the burst');
      for (const client of clients.splice(0)) client.destroy();
    }
    await connectMany(200);
    nowMs += 100_000 / ACCEPTED_PER_SECOND;
    await waitFor(() => accepted === ACCEPTED_BURST + 100, 'those of so many milliseconds');
    assert.deepEqual(events, ['connection.storm']);
    nowMs += 1000;
    await waitFor(() => accepted === ACCEPTED_BURST + 200, 'all of them');
  });

  it('goes on taking whoever comes one after the other', async () => {
    for (let count = 1; count <= 200; count += 1) {
      await connectMany(1);
      await waitFor(() => accepted === count, 'it');
    }
    assert.deepEqual(events, []);
  });

  it('has its file for as long as it listens, and nothing beside it', async () => {
    await connectMany(100);
    await waitFor(() => accepted === 100, 'a pause or two');
    assert.deepEqual(await readdir(directory), ['a.sock']);
    listener.close();
    assert.equal(existsSync(path), false);
    const late = connect(path);
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ENOENT');
  });
});
