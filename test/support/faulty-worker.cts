// A worker that serves as the real one does, with the same code, until it is told to fail in one of the ways in which
// workers do. It hears of it by a broadcast to its thread id.
import type { FaultMessage } from './faults.js' with { 'resolution-mode': 'import' };
import type { ConnectionTask } from '../../src/worker/thread-messages.js' with {
  'resolution-mode': 'import',
};

const { BroadcastChannel, threadId } = process.getBuiltinModule('node:worker_threads');
const parts = Promise.all([import('./strike.js'), import('../../src/worker/serve.js')]);
const channel = new BroadcastChannel('signalbox-test-faults');
/** It fails with the next connection, once that is its own. */
let failsHavingClaimed = false;

channel.onmessage = (event): void => {
  const { threadIds, fault, fd } = (event as { data: FaultMessage }).data;
  if (threadIds !== undefined && !threadIds.includes(threadId)) return;
  if (fault === 'exit-having-claimed') failsHavingClaimed = true;
  else void parts.then(([{ strike }]) => strike(fault, fd));
};

async function entry(task: ConnectionTask): Promise<void> {
  const [{ strike }, { serveConnection }] = await parts;
  if (failsHavingClaimed) {
    Atomics.compareExchange(task.claim, 0, 0, threadId);
    strike('exit');
  }
  await serveConnection(task);
}

export = entry;
