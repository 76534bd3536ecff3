// Faults that a test causes in a worker that runs faulty-worker.cts.
import { BroadcastChannel } from 'node:worker_threads';
import { pathToFileURL } from 'node:url';
import { repositoryPath } from './paths.js';

export type Fault =
  | 'throw'
  | 'reject'
  | 'exit'
  | 'spin'
  | 'wait-for-ever'
  | 'run-out-of-memory'
  | 'block-in-a-system-call'
  | 'exit-having-claimed'
  | 'throw-with-a-connection';

export interface FaultMessage {
  /** Undefined: every worker. */
  readonly threadIds: readonly number[] | undefined;
  readonly fault: Fault;
  /** What a system call blocks on. */
  readonly fd: number | undefined;
}

/** What a daemon's workers must run for faults to reach them. */
export const faultyWorker = pathToFileURL(repositoryPath('dist/test/support/faulty-worker.cjs'));

/** Makes these workers of this process, or all, fail. */
export function causeFault(fault: Fault, threadIds?: readonly number[], fd?: number): void {
  const channel = new BroadcastChannel('signalbox-test-faults');
  const message: FaultMessage = { threadIds, fault, fd };
  channel.postMessage(message);
  channel.close();
}
