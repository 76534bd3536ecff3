// Faults that a test causes in a worker that runs faulty-worker.cts.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BroadcastChannel } from 'node:worker_threads';
import { pathToFileURL } from 'node:url';
import type { DaemonOptions, DaemonProcess } from './daemon-process.js';
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
  /** From now on, and in every worker that starts, each decision by a table with a route of that name is the last. */
  | 'poison-spins'
  | 'poison-exits'
  | 'stall';

export interface FaultMessage {
  /** Undefined: every worker. */
  readonly threadIds: readonly number[] | undefined;
  readonly fault: Fault;
  /** What a system call blocks on. */
  readonly fd: number | undefined;
}

/** The name of a route by which no decision can be made, once that fault is caused. */
export const POISON = 'poison for workers';

/** What a daemon's workers must run for faults to reach them. */
export const faultyWorker = pathToFileURL(repositoryPath('dist/test/support/faulty-worker.cjs'));

/** Makes these workers of this process, or all, fail. */
export function causeFault(fault: Fault, threadIds?: readonly number[], fd?: number): void {
  const channel = new BroadcastChannel('signalbox-test-faults');
  const message: FaultMessage = { threadIds, fault, fd };
  channel.postMessage(message);
  channel.close();
}

/** What becomes of a thread of a daemon that is a process of its own; see fault-injection.ts. */
export interface Injection {
  /** A worker: the one that has served for longest. */
  readonly thread: 'main' | 'a-worker' | 'workers';
  readonly fault: Fault;
  /** Workers: each that is ready from now on too, those of later processes included. */
  readonly isLasting?: boolean;
}

/** What a daemon must be started with for injections to reach it. */
export function injectable(directory: string): Required<Pick<DaemonOptions, 'env' | 'through'>> {
  const preload = pathToFileURL(repositoryPath('dist/test/support/fault-injection.js')).href;
  return {
    env: { SIGNALBOX_TEST_FAULT: injectionFile(directory) },
    through: ['sh', '-c', `exec "$0" --import ${preload} "$@"`],
  };
}

/** @param directory the same that the daemon was started with. */
export async function inject(daemon: DaemonProcess, directory: string, injection: Injection): Promise<void> {
  await writeFile(injectionFile(directory), JSON.stringify(injection));
  daemon.child.kill('SIGUSR2');
}

function injectionFile(directory: string): string {
  return join(directory, 'fault.json');
}
