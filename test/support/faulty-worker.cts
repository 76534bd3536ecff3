// A worker that serves as the real one does, with the same code, until it is told to fail in one of the ways in which
// workers do. It hears of it by a broadcast to its thread id.
import type { Fault, FaultMessage } from './faults.js' with { 'resolution-mode': 'import' };
import type { ConnectionTask } from '../../src/worker/thread-messages.js' with {
  'resolution-mode': 'import',
};

const { BroadcastChannel, threadId } = process.getBuiltinModule('node:worker_threads');
const serving = import('../../src/worker/serve.js');
const channel = new BroadcastChannel('signalbox-test-faults');
/** A fault that strikes with the next connection. */
let next: Fault | undefined;

channel.onmessage = (event): void => {
  const { threadIds, fault, fd } = (event as { data: FaultMessage }).data;
  if (threadIds !== undefined && !threadIds.includes(threadId)) return;
  if (fault === 'exit-having-claimed' || fault === 'throw-with-a-connection') next = fault;
  else strike(fault, fd);
};

function strike(fault: Fault, fd = -1): void {
  switch (fault) {
    case 'throw':
      // Not in the handler, which would only report it.
      setImmediate(() => {
        throw new Error('a fault of the test');
      });
      return;
    case 'exit':
      return process.exit(3);
    case 'reject':
      void Promise.reject(new Error('a fault of the test'));
      return;
    case 'spin':
      for (;;);
    case 'run-out-of-memory': {
      const kept: number[][] = [];
      for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => index + 0.5));
    }
    case 'wait-for-ever':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      break;
    case 'block-in-a-system-call':
      process.getBuiltinModule('node:fs').readSync(fd, Buffer.alloc(1));
      break;
    case 'exit-having-claimed':
    case 'throw-with-a-connection':
      break;
  }
}

async function entry(task: ConnectionTask): Promise<void> {
  const { serveConnection } = await serving;
  if (next === 'exit-having-claimed') {
    Atomics.compareExchange(task.claim, 0, 0, threadId);
    process.exit(3);
  }
  if (next === 'throw-with-a-connection') strike('throw');
  await serveConnection(task);
}

export = entry;
