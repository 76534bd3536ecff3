// What `node --import` loads into every thread of a real daemon's process before the daemon's own code, so that a test
// outside can make a thread fail: it writes what is to happen into a file and sends SIGUSR2.
import { existsSync, readFileSync } from 'node:fs';
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';
import type { Fault, FaultMessage, Injection } from './faults.js';
import type { FromWorker } from '../../src/worker/thread-messages.js';
import { strike } from './strike.js';

const CHANNEL = 'signalbox-test-injection';

if (isMainThread) {
  const path = process.env['SIGNALBOX_TEST_FAULT'] ?? '';
  const read = (): Injection => JSON.parse(readFileSync(path, 'utf8')) as Injection;
  const say = (fault: Fault, threadIds: readonly number[]): void => {
    const channel = new BroadcastChannel(CHANNEL);
    channel.postMessage({ threadIds, fault, fd: undefined } satisfies FaultMessage);
    channel.close();
  };
  const alive = new Set<number>();
  let lasting = existsSync(path) && read().isLasting === true ? read().fault : undefined;
  process.on('worker', (worker) => {
    const { threadId: workerId } = worker;
    alive.add(workerId);
    worker.on('exit', () => alive.delete(workerId));
    worker.on('message', ({ type }: FromWorker) => {
      if (type === 'ready' && lasting !== undefined) say(lasting, [workerId]);
    });
  });
  process.on('SIGUSR2', () => {
    const { thread, fault, isLasting = false } = read();
    lasting = isLasting ? fault : undefined;
    if (thread === 'main') strike(fault);
    else say(fault, thread === 'workers' ? [...alive] : [Math.min(...alive)]);
  });
} else {
  const channel = new BroadcastChannel(CHANNEL) as BroadcastChannel & { unref: () => void };
  channel.onmessage = (event): void => {
    const { threadIds, fault } = (event as { data: FaultMessage }).data;
    if (threadIds?.includes(threadId) === true) strike(fault);
  };
  channel.unref();
}
