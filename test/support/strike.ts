// The ways in which a thread fails.
import { readSync } from 'node:fs';
import type { Signals } from '../../src/routing/signals.js';
import { TableSlot } from '../../src/worker/table-slots.js';
import { type Fault, POISON } from './faults.js';

/** Longer than the time to live of the routes, and than a worker may be silent. */
const STALL_MS = 4000;

/** Every decision by a table with a route of that name ends so. */
function poison(end: () => never): void {
  const select = Reflect.get<TableSlot, 'select'>(TableSlot.prototype, 'select');
  TableSlot.prototype.select = function (this: TableSlot, signals: Signals): number {
    if (Buffer.from(this.block).includes(POISON)) end();
    return select.call(this, signals);
  };
}

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
    case 'poison-spins':
      return poison(() => {
        for (;;);
      });
    case 'poison-exits':
      return poison(() => process.exit(3));
    case 'exit-having-claimed':
      throw new Error('this fault needs a connection');
  }
}
