// Sockets as a service manager has them: one that listens and that nobody accepts on yet, and one that datagrams come
// to. Node has neither.
import { closeSync } from 'node:fs';
import koffi from 'koffi';
import { waitFor } from './wait-for.js';

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;
const BACKLOG = 64;
const DATAGRAM_BYTES = 4096;

const libc = koffi.load(null);
const socket = libc.func('int socket(int domain, int type, int protocol)') as (...all: number[]) => number;
const bind = libc.func('int bind(int fd, void *address, uint32_t length)') as (
  fd: number,
  address: Buffer,
  length: number,
) => number;
const listen = libc.func('int listen(int fd, int backlog)') as (fd: number, backlog: number) => number;
const recv = libc.func('intptr_t recv(int fd, _Out_ uint8_t *bytes, size_t length, int flags)') as (
  fd: number,
  bytes: Buffer,
  length: number,
  flags: number,
) => number;

/** Listens, and leaves whoever connects in the queue. The descriptor is the caller's. */
export function listenUnix(path: string): number {
  const fd = bound(SOCK_STREAM, path);
  if (listen(fd, BACKLOG) !== 0) throw new Error(`listen: errno ${koffi.errno()}`);
  return fd;
}

/** What is said to a service manager, one datagram after the other. */
export class NotifyReceiver implements Disposable {
  /** Each datagram's assignments. */
  readonly said: Readonly<Record<string, string>>[] = [];
  readonly #fd: number;

  /** @param address a path, or `@` and a name. */
  constructor(readonly address: string) {
    this.#fd = bound(SOCK_DGRAM, address);
  }

  /** The first datagram with that assignment, now or later. */
  async heard(name: string, after = 0): Promise<Readonly<Record<string, string>>> {
    let found: Readonly<Record<string, string>> | undefined;
    await waitFor(() => {
      this.read();
      found = this.said.slice(after).find((each) => name in each);
      return found !== undefined;
    }, `${name} to be said`);
    if (found === undefined) throw new Error('waitFor has returned without it');
    return found;
  }

  /** Takes what has come. */
  read(): void {
    for (;;) {
      const bytes = Buffer.alloc(DATAGRAM_BYTES);
      const length = recv(this.#fd, bytes, bytes.length, MSG_DONTWAIT);
      if (length < 0) return;
      const lines = bytes.toString('utf8', 0, length).split('\n');
      this.said.push(Object.fromEntries(lines.map((line) => split(line))));
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

function split(line: string): [string, string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}

function bound(type: number, address: string): number {
  const name = Buffer.from(address.startsWith('@') ? `\0${address.slice(1)}` : `${address}\0`);
  const bytes = Buffer.concat([Buffer.from(new Uint16Array([AF_UNIX]).buffer), name]);
  const fd = socket(AF_UNIX, type, 0);
  if (fd < 0 || bind(fd, bytes, bytes.length) !== 0) throw new Error(`${address}: errno ${koffi.errno()}`);
  return fd;
}
