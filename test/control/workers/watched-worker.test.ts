// When silence is a worker's fault. The looks are the test's own, so that time is what the test says it is; the
// worker is a real thread.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import {
  LOOK_INTERVAL_MS,
  STUCK_AFTER_MS,
  WatchedWorker,
} from '../../../src/control/workers/watched-worker.js';
import { waitFor } from '../../support/wait-for.js';

/** Says that it is ready, and beats only when it is told to. */
const CODE = `
  const { parentPort, threadId } = require('node:worker_threads');
  const vitalSigns = new Int32Array(new SharedArrayBuffer(8));
  parentPort.postMessage({ type: 'ready', threadId, vitalSigns });
  parentPort.on('message', (latenessUs) => {
    Atomics.store(vitalSigns, 1, latenessUs);
    Atomics.add(vitalSigns, 0, 1);
  });`;

describe('a watched worker', { timeout: 60_000 }, () => {
  const workers: Worker[] = [];
  after(() => Promise.all(workers.map((worker) => worker.terminate())));

  async function start(): Promise<{ worker: Worker; watched: WatchedWorker; beat: () => Promise<void> }> {
    const worker = new Worker(CODE, { eval: true });
    workers.push(worker);
    const watched = new WatchedWorker(worker);
    await waitFor(() => watched.vitals.isReady, 'the worker to start');
    const beat = async (): Promise<void> => {
      worker.postMessage(0);
      await waitFor(() => watched.look(0) === 0 && watched.vitals.silentMs === 0, 'the beat');
    };
    return { worker, watched, beat };
  }

  const patience = Math.ceil(STUCK_AFTER_MS / LOOK_INTERVAL_MS);

  it('that doesn’t beat is ended after a number of looks', async () => {
    const { watched } = await start();
    for (let looks = 1; looks < patience; looks += 1) {
      watched.look(LOOK_INTERVAL_MS);
      assert.equal(watched.isStuck, false, `look ${looks}`);
    }
    watched.look(LOOK_INTERVAL_MS);
    assert.equal(watched.isStuck, true);
    assert.equal((await watched.exited).end, 'stuck');
  });

  it('is not blamed for a time in which nobody looked, however long', async () => {
    const { watched, beat } = await start();
    watched.look(LOOK_INTERVAL_MS);
    // The main thread was stalled, the process was stopped, the machine was suspended.
    watched.look(3600_000);
    watched.look(3600_000);
    assert.equal(watched.isStuck, false);
    assert.equal(watched.vitals.silentMs, 3 * LOOK_INTERVAL_MS);
    await beat();
    assert.equal(watched.vitals.silentMs, 0);
  });

  it('tells how late its loop was at worst since the last look', async () => {
    const { worker, watched } = await start();
    worker.postMessage(7000);
    await waitFor(() => {
      watched.look(0);
      return watched.vitals.loopLagMs === 7;
    }, 'the lateness');
    watched.look(0);
    assert.equal(watched.vitals.loopLagMs, 0);
  });

  it('that ends before it is ready could not be started', async () => {
    const worker = new Worker('process.exit(5)', { eval: true });
    assert.deepEqual(await new WatchedWorker(worker).exited, { code: 5, end: 'not_started' });
  });
});
