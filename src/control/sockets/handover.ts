// Gives a connection's descriptor to a worker, and sees to it that it is closed exactly once whatever becomes of that
// worker. Descriptors are numbers of the whole process, and a number that was closed is soon somebody else's, so one
// that comes back must be known to be ours: either the worker never claimed it; or it did, its thread is gone, and the
// number still stands for the very socket that was handed over. A thread closes with its end what it had opened, so
// such a socket was claimed, but not opened.
import { fstatSync } from 'node:fs';
import { CLAIMED_BY_MAIN, type ConnectionTask, claimConnection } from '../../worker/thread-messages.js';

/** A connection whose worker died before it opened it goes to another, this often. */
const HANDOVERS_MAX = 3;

/** Who serves connections. */
export interface ConnectionWorkers {
  /** Resolves when the connection has ended; rejects when its worker did, or there is none. */
  serve(task: ConnectionTask): Promise<void>;
  /** Resolves when the thread of that id is gone, and everything that it had open is closed. */
  whenGone(threadId: number): Promise<void>;
}

/** Resolves when the connection has ended; with an error if no worker took it, and the descriptor is the caller's. */
export async function handOver(
  connection: Omit<ConnectionTask, 'claim'>,
  workers: ConnectionWorkers,
): Promise<Error | undefined> {
  const { fd } = connection;
  const socketInode = inodeOf(fd);
  for (let handovers = 1; ; handovers += 1) {
    const claim = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    try {
      await workers.serve({ ...connection, claim });
      return undefined;
    } catch (error) {
      if (!claimConnection(claim, CLAIMED_BY_MAIN)) {
        await workers.whenGone(Atomics.load(claim, 0));
        if (inodeOf(fd) !== socketInode) return undefined;
      }
      if (handovers >= HANDOVERS_MAX) return error instanceof Error ? error : new Error(String(error));
    }
  }
}

/** What the kernel knows an open file by, however its descriptor is numbered; undefined: there is none. */
function inodeOf(fd: number): number | undefined {
  try {
    return fstatSync(fd).ino;
  } catch {
    return undefined;
  }
}
