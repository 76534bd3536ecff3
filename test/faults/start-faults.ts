// A daemon starts, and what it needs isn't there, or is damaged, or just being made by another.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client, request } from 'undici';
import type { DaemonProcess } from '../support/daemon-process.js';
import type { FaultStage } from '../support/fault-stage.js';
import { org } from '../support/routes.js';
import { waitFor } from '../support/wait-for.js';
import type { Fault } from './fault.js';

/** The snapshot that a daemon left which had all orgs; after two of them there are two generations. */
async function leaveSnapshot(stage: FaultStage, daemons = 1): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  stage.defer(() => rm(directory, { recursive: true }));
  const path = join(directory, 'snapshot');
  for (let count = 0; count < daemons; count += 1) {
    const daemon = await stage.startBusyDaemon({ args: ['--snapshot', path] });
    await stage.quiet();
    await daemon.stop();
  }
  return path;
}

/** A daemon's traffic from its first moment: whatever it answers, it answers by what it started with. */
async function startOnSnapshot(stage: FaultStage, path: string): Promise<DaemonProcess> {
  const daemon = await stage.startDaemon({ args: ['--snapshot', path] });
  stage.startTraffic(daemon);
  await stage.untilStale();
  assert.equal(stage.tally.notYetKnown, 0, 'every org of the snapshot is known from the first request on');
  return daemon;
}

/** As whoever balances load would ask. */
async function isReady(socketPath: string): Promise<boolean> {
  const dispatcher = new Client('http://localhost', { socketPath });
  try {
    const { statusCode, body } = await request('http://localhost/readyz', { dispatcher });
    await body.dump();
    return statusCode === 200;
  } finally {
    await dispatcher.close();
  }
}

export const START_FAULTS: readonly Fault[] = [
  {
    name: 'started while the database is down',
    cause: 'SIGKILL of the database, then a start with the snapshot of an earlier daemon',
    isShort: true,
    play: async (stage) => {
      const path = await leaveSnapshot(stage);
      await stage.server.kill();
      const daemon = await startOnSnapshot(stage, path);
      await stage.probe(daemon).until(org(1000), ({ reason }) => reason === 'unavailable', 'a refusal');
      await stage.server.restart();
      stage.mark();
      await stage.edit();
      return stage.recovered();
    },
  },
  {
    name: 'started while the database hangs',
    cause: 'SIGSTOP of the database, then a start with the snapshot of an earlier daemon',
    play: async (stage) => {
      const path = await leaveSnapshot(stage);
      await stage.server.pause();
      await startOnSnapshot(stage, path);
      stage.server.resume();
      stage.mark();
      await stage.edit();
      return stage.recovered();
    },
  },
  {
    name: 'started on a damaged snapshot',
    cause: 'one bit of the newest generation turned, the database down',
    play: async (stage) => {
      const path = await leaveSnapshot(stage, 2);
      const bytes = await readFile(path);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      await writeFile(path, bytes);
      await stage.server.kill();
      const daemon = await startOnSnapshot(stage, path);
      await daemon.waitForLog('snapshot.rejected');
      await stage.server.restart();
      stage.mark();
      await stage.edit();
      return stage.recovered();
    },
  },
  {
    name: 'started with nothing',
    cause: 'the database down and no snapshot: refused at once, and not ready, until it is back',
    isShort: true,
    play: async (stage) => {
      await stage.server.kill();
      const admin = join(dirname(stage.server.socketPath), 'admin.sock');
      const daemon = await stage.startDaemon({ args: ['--admin', admin] });
      stage.startTraffic(daemon);
      await waitFor(() => stage.tally.notYetKnown > 20, 'requests to be refused');
      assert.equal(await isReady(admin), false);
      await stage.server.restart();
      stage.mark();
      const recoveryMs = await stage.recovered();
      await waitFor(() => isReady(admin), 'the daemon to be ready');
      return recoveryMs;
    },
  },
  {
    name: 'two daemons at once on an empty database',
    cause: 'started together; then the orgs are created',
    isShort: true,
    isEmpty: true,
    play: async (stage) => {
      await Promise.all([stage.startBusyDaemon(), stage.startBusyDaemon()]);
      stage.mark();
      await stage.createOrgs();
      return stage.recovered();
    },
  },
];
