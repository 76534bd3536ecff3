// A socket that many connect to at once: how many are taken, and that nobody who waits is forgotten.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  OPENED_BURST,
  OPENED_PER_SECOND,
  PacedListener,
} from '../../../src/control/sockets/paced-listener.js';
import { waitFor } from '../../support/wait-for.js';

describe('a paced listener', { timeout: 60_000 }, () => {
  let directory = '';
  let path = '';
  let nowMs = 0;
  let accepted = 0;
  /** Whether whoever comes is served, or turned away. */
  let areServed = true;
  let events: string[] = [];
  let listener: PacedListener;
  const clients: Socket[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
    path = join(directory, 'a.sock');
    accepted = nowMs = 0;
    areServed = true;
    events = [];
    listener = new PacedListener({
      clock: () => nowMs,
      log: (_level, event) => events.push(event),
      onConnection: (fd) => {
        accepted += 1;
        closeSync(fd);
        return areServed;
      },
      onNoDescriptor: () => assert.fail('there are descriptors'),
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

  /** In which so many tokens come. */
  function passTimeFor(count: number): void {
    nowMs += (count * 1000) / OPENED_PER_SECOND;
  }

  it('opens a few at once, and from then on so many a second', async () => {
    await connectMany(OPENED_BURST + 20);
    await waitFor(() => accepted === OPENED_BURST, 'the burst');
    passTimeFor(10);
    await waitFor(() => accepted === OPENED_BURST + 10, 'those of so many milliseconds');
    passTimeFor(10);
    await waitFor(() => accepted === OPENED_BURST + 20, 'all of them');
    assert.deepEqual(events, []);
  });

  it('turns away four in the time in which it opens one', async () => {
    areServed = false;
    // With less than one to spend, nobody else is looked at: it might be one to be opened.
    const burst = 4 * OPENED_BURST - 3;
    await connectMany(burst + 20);
    await waitFor(() => accepted === burst, 'the burst');
    passTimeFor(5);
    await waitFor(() => accepted === burst + 20, 'all of them');
  });

  it('takes over whoever waits when it is closed, for nobody else will', async () => {
    await connectMany(OPENED_BURST + 20);
    await waitFor(() => accepted === OPENED_BURST, 'the burst');
    listener.close();
    assert.equal(accepted, OPENED_BURST + 20);
    assert.equal(existsSync(path), false);
  });

  it('says so when a crowd goes on for longer than crowds do', async () => {
    await connectMany(OPENED_BURST + 1);
    await waitFor(() => accepted === OPENED_BURST, 'the burst');
    assert.deepEqual(events, []);
    nowMs += 5000;
    await waitFor(() => events.length > 0, 'a line in the log');
    assert.deepEqual(events, ['connection.storm']);
  });

  it('goes on taking whoever comes one after the other, during a crowd and after it', async () => {
    for (let count = 1; count <= 3 * OPENED_BURST; count += 1) {
      await connectMany(1);
      passTimeFor(1);
      await waitFor(() => accepted === count, 'it');
    }
    await connectMany(OPENED_BURST);
    for (let count = 3 * OPENED_BURST + 1; count <= 8 * OPENED_BURST; count += 1) {
      await waitFor(() => accepted >= count, 'one of the crowd');
      passTimeFor(1);
      if (count <= 7 * OPENED_BURST) await connectMany(1);
    }
    assert.equal(accepted, 8 * OPENED_BURST);
  });

  it('has its file for as long as it listens, and nothing beside it', async () => {
    await connectMany(100);
    passTimeFor(100 - OPENED_BURST);
    await waitFor(() => accepted >= 2 * OPENED_BURST, 'a part of a crowd');
    assert.deepEqual(await readdir(directory), ['a.sock']);
    listener.close();
    assert.equal(existsSync(path), false);
    const late = connect(path);
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ENOENT');
  });
});
