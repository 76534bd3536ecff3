// What `node --import` loads into every thread of a real daemon's process before the daemon's own code, so that a test
// outside can make a thread fail: it writes what is to happen into a file and sends SIGUSR2.
import { readFileSync } from 'node:fs';
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';
import type { FaultMessage, Injection } from './faults.js';
import { strike } from './strike.js';

const CHANNEL = 'signalbox-test-injection';

if (isMainThread) {
  const path = process.env['SIGNALBOX_TEST_FAULT'] ?? '';
  const alive = new Set<number>();
  process.on('worker', (worker) => {
    const { threadId: workerId } = worker;
    alive.add(workerId);
    worker.on('exit', () => alive.delete(workerId));
  });
  process.on('SIGUSR2', () => {
    const { thread, fault } = JSON.parse(readFileSync(path, 'utf8')) as Injection;
    if (thread === 'main') {
      strike(fault);
      return;
    }
    const channel = new BroadcastChannel(CHANNEL);
    const threadIds = thread === 'workers' ? [...alive] : [Math.min(...alive)];
    channel.postMessage({ threadIds, fault, fd: undefined } satisfies FaultMessage);
    channel.close();
  });
} else {
  const channel = new BroadcastChannel(CHANNEL) as BroadcastChannel & { unref: () => void };
  channel.onmessage = (event): void => {
    const { threadIds, fault } = (event as { data: FaultMessage }).data;
    if (threadIds?.includes(threadId) === true) strike(fault);
  };
  channel.unref();
}
