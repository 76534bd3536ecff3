// The system calls that Node has no word for. Descriptors are of the whole process, so one that the main thread
// duplicates is as good in a worker.
import { closeSync, readFileSync } from 'node:fs';
import koffi from 'koffi';

const libc = koffi.load(process.platform === 'darwin' ? 'libSystem.dylib' : null);
const fcntl = libc.func('int fcntl(int fd, int command, ...)') as (
  fd: number,
  command: number,
  ...rest: unknown[]
) => number;
const exitCall = libc.func('void _exit(int status)') as (status: number) => void;
const flockCall = libc.func('int flock(int fd, int operation)') as (fd: number, operation: number) => number;

// Linux and macOS agree on flock's numbers, but not on fcntl's.
const F_DUPFD_CLOEXEC = process.platform === 'darwin' ? 67 : 1030;
const LOCK_EXCLUSIVE_NONBLOCKING = 2 | 4;

/** A second descriptor of the same open file, closed on exec. -1: the limit of open files is reached. */
export function duplicate(fd: number): number {
  return fcntl(fd, F_DUPFD_CLOEXEC, 'int', 0);
}

export function closeDescriptor(fd: number): void {
  closeSync(fd);
}

/** False: another process has the file locked. The lock ends with the process, however it ends. */
export function tryLock(fd: number): boolean {
  return flockCall(fd, LOCK_EXCLUSIVE_NONBLOCKING) === 0;
}

/** Ends the process at once, whatever its threads are doing. */
export function exitNow(code: number): void {
  exitCall(code);
}

/** How many files the process may have open; what is usual where the system doesn't say. */
export function openFileLimit(): number {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    if (limit !== undefined) return Number(limit);
  } catch {
    // Not Linux.
  }
  return 1024;
}
