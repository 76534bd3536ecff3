// The ways in which a thread fails.
import { readSync } from 'node:fs';
import type { Fault } from './faults.js';

/** Longer than the time to live of the routes, and than a worker may be silent. */
const STALL_MS = 4000;

/** Makes the thread that calls it fail. @param fd what a system call blocks on. */
export function strike(fault: Fault, fd = -1): void {
  switch (fault) {
    case 'throw':
      // Not in the caller, which may only report it.
      setImmediate(() => {
        throw new Error('a fault of the test');
      });
      return;
    case 'reject':
      void Promise.reject(new Error('a fault of the test'));
      return;
    case 'exit':
      return process.exit(3);
    case 'spin':
      for (;;);
    case 'run-out-of-memory': {
      const kept: number[][] = [];
      for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => index + 0.5));
    }
    case 'wait-for-ever':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      return;
    case 'stall':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL_MS);
      return;
    case 'block-in-a-system-call':
      readSync(fd, Buffer.alloc(1));
      return;
    case 'exit-having-claimed':
      throw new Error('this fault needs a connection');
  }
}
