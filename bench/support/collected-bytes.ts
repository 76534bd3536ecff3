// What a daemon's worker allocates, by what V8 says of its collections with --trace-gc: a collection begins with what was
// left by the one before and what was allocated since.
import type { ServerProcess } from './server-process.js';

/** "[pid:isolate] 4108 ms: Scavenge 10.2 (15.5) -> 7.0 (15.5) MB, …" */
const COLLECTION = /^\[\d+:(0x[\da-f]+)\]\s.*? (\d+\.\d+) \(\d+\.\d+\) -> (\d+\.\d+) \(\d+\.\d+\) MB/;
const MEGABYTE = 1024 * 1024;

export class CollectedBytes {
  /** Of each thread, what its last collection left, in MB. */
  readonly #leftMb = new Map<string, number>();
  readonly #allocatedMb = new Map<string, number>();

  constructor(daemon: ServerProcess) {
    daemon.onLine((line) => {
      this.#take(line);
    });
  }

  /** Of the thread that allocated most: the worker, after some load. The last lines come when the daemon has ended. */
  get bytes(): number {
    return Math.max(0, ...this.#allocatedMb.values()) * MEGABYTE;
  }

  #take(line: string): void {
    const [, thread = '', before, after] = COLLECTION.exec(line) ?? [];
    if (before === undefined || after === undefined) return;
    const allocated = Math.max(0, Number(before) - (this.#leftMb.get(thread) ?? 0));
    this.#allocatedMb.set(thread, (this.#allocatedMb.get(thread) ?? 0) + allocated);
    this.#leftMb.set(thread, Number(after));
  }
}
