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
const getsockopt = libc.func(
  'int getsockopt(int fd, int level, int option, _Out_ void *value, _Inout_ uint32_t *bytes)',
) as (fd: number, level: number, option: number, value: Uint8Array, bytes: Uint32Array) => number;
const flockCall = libc.func('int flock(int fd, int operation)') as (fd: number, operation: number) => number;
const getsockname = libc.func(
  'int getsockname(int fd, _Out_ uint8_t *address, _Inout_ uint32_t *length)',
) as (fd: number, address: Uint8Array, length: [number]) => number;

const recv = libc.func('long recv(int fd, _Out_ void *bytes, size_t length, int flags)') as (
  fd: number,
  bytes: Uint8Array,
  length: number,
  flags: number,
) => number;
const shutdown = libc.func('int shutdown(int fd, int how)') as (fd: number, how: number) => number;

const AF_UNIX = 1;
const SOCKET_ADDRESS_BYTES = 128;

// Linux and macOS agree on flock's numbers, but not on fcntl's.
const F_DUPFD_CLOEXEC = process.platform === 'darwin' ? 67 : 1030;
const LOCK_EXCLUSIVE_NONBLOCKING = 2 | 4;
const F_SETFD = 2;
const FD_CLOEXEC = 1;
const SOCK_CLOEXEC = 0o2000000;
const SHUT_WR = 1;
const MSG_PEEK = 2;
const MSG_DONTWAIT = process.platform === 'darwin' ? 0x80 : 0x40;

/** What is looked at of a byte that waits. */
const peeked = new Uint8Array(1);

const acceptNext = acceptCall();

/** A second descriptor of the same open file, closed on exec. -1: the limit of open files is reached. */
export function duplicate(fd: number): number {
  return fcntl(fd, F_DUPFD_CLOEXEC, 'int', 0);
}

export function closeDescriptor(fd: number): void {
  closeSync(fd);
}

/** The next connection that waits on a listening socket, closed on exec. -1: none does, or none can be opened. */
export function accept(listening: number): number {
  return acceptNext(listening);
}

/** Whether whoever is at the other end has left, or will say no more, without a word. */
export function hasEnded(fd: number): boolean {
  return recv(fd, peeked, peeked.length, MSG_PEEK | MSG_DONTWAIT) === 0;
}

/** Tells the other end of a socket that nothing more will come. */
export function endWriting(fd: number): void {
  shutdown(fd, SHUT_WR);
}

/** False: another process has the file locked. The lock ends with the process, however it ends. */
export function tryLock(fd: number): boolean {
  return flockCall(fd, LOCK_EXCLUSIVE_NONBLOCKING) === 0;
}

/** Ends the process at once, whatever its threads are doing. */
export function exitNow(code: number): void {
  exitCall(code);
}

/** An option of a socket; undefined: it has none. */
export function socketOption(
  fd: number,
  level: number,
  option: number,
  expectedBytes: number,
): Uint8Array | undefined {
  const value = new Uint8Array(expectedBytes);
  const bytes = Uint32Array.of(expectedBytes);
  if (getsockopt(fd, level, option, value, bytes) === 0) return value.subarray(0, bytes[0]);
  // Where there is more, the kernel says how much.
  const [neededBytes = 0] = bytes;
  return neededBytes > expectedBytes ? socketOption(fd, level, option, neededBytes) : undefined;
}

/** The path of a Unix socket, empty where it has none; undefined: the descriptor is no Unix socket. */
export function unixSocketPath(fd: number): string | undefined {
  const address = Buffer.alloc(SOCKET_ADDRESS_BYTES);
  const length: [number] = [address.length];
  if (getsockname(fd, address, length) !== 0) return undefined;
  // Linux has the family in the first two bytes, and macOS a length before it.
  const family =
    process.platform === 'darwin' ? address[1] : new Uint16Array(address.buffer, address.byteOffset, 1)[0];
  if (family !== AF_UNIX) return undefined;
  return address.toString('utf8', 2, length[0]).replace(/\0+$/, '');
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

function acceptCall(): (listening: number) => number {
  if (process.platform === 'darwin') {
    const call = libc.func('int accept(int fd, void *address, void *length)') as (
      fd: number,
      address: null,
      length: null,
    ) => number;
    return (listening) => {
      const fd = call(listening, null, null);
      if (fd >= 0) fcntl(fd, F_SETFD, 'int', FD_CLOEXEC);
      return fd;
    };
  }
  const call = libc.func('int accept4(int fd, void *address, void *length, int flags)') as (
    fd: number,
    address: null,
    length: null,
    flags: number,
  ) => number;
  return (listening) => call(listening, null, null, SOCK_CLOEXEC);
}
