// Datagrams to the service manager. Node has no Unix datagram sockets, and a helper process wouldn't be the main
// process that the manager listens to, so the system calls are made here. On the main thread; never blocks: what the
// manager can't take now is kept and sent again.
import koffi from 'koffi';
import type { Log } from '../../log.js';
import { closeDescriptor } from '../sockets/file-descriptors.js';

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC_NONBLOCK = 2 | 0o2000000 | 0o4000;
const MSG_NOSIGNAL = 0x4000;
const { EAGAIN, ENOBUFS } = koffi.os.errno;

/** `sun_path`, whose last byte is a zero where it is a file's. */
const PATH_BYTES_MAX = 108;

const RETRY_MS = 50;

/** More than a manager that lives leaves waiting. */
const WAITING_MAX = 64;

interface SystemCalls {
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly sendto: (
    fd: number,
    bytes: Buffer,
    length: number,
    flags: number,
    address: Buffer,
    addressLength: number,
  ) => number;
}

export class NotifySocket {
  readonly #address: Buffer;
  readonly #log: Log;
  readonly #calls: SystemCalls;
  readonly #waiting: Buffer[] = [];
  #fd: number;
  #retry: NodeJS.Timeout | undefined;
  #isFailing = false;

  private constructor(address: Buffer, log: Log) {
    this.#address = address;
    this.#log = log;
    const libc = koffi.load(null);
    this.#calls = {
      socket: libc.func('int socket(int domain, int type, int protocol)') as SystemCalls['socket'],
      sendto: libc.func(
        'intptr_t sendto(int fd, void *bytes, size_t length, int flags, void *address, uint32_t addressLength)',
      ) as SystemCalls['sendto'],
    };
    this.#fd = this.#calls.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC_NONBLOCK, 0);
  }

  /** Undefined where nobody wants to be told, or in a way that isn't known here. */
  static open(path: string | undefined, log: Log): NotifySocket | undefined {
    if (path === undefined) return undefined;
    const address = process.platform === 'linux' ? socketAddress(path) : undefined;
    if (address !== undefined) return new NotifySocket(address, log);
    log('warn', 'notify.unknown', `NOTIFY_SOCKET is no Unix socket's address: ${JSON.stringify(path)}`);
    return undefined;
  }

  /** Says this: assignments, each of one line, and in the order of the calls. */
  send(...assignments: readonly string[]): void {
    if (this.#fd < 0 || this.#waiting.length >= WAITING_MAX) return;
    this.#waiting.push(Buffer.from(assignments.join('\n')));
    if (this.#retry === undefined) this.#flush();
  }

  close(): void {
    clearTimeout(this.#retry);
    if (this.#fd >= 0) closeDescriptor(this.#fd);
    this.#fd = -1;
  }

  #flush(): void {
    this.#retry = undefined;
    for (;;) {
      const [bytes] = this.#waiting;
      if (bytes === undefined) return;
      const { sendto } = this.#calls;
      const sent = sendto(this.#fd, bytes, bytes.length, MSG_NOSIGNAL, this.#address, this.#address.length);
      const error = sent < 0 ? koffi.errno() : 0;
      if (error === EAGAIN || error === ENOBUFS) {
        this.#retry = setTimeout(() => {
          this.#flush();
        }, RETRY_MS);
        return;
      }
      this.#waiting.shift();
      this.#note(error);
    }
  }

  #note(error: number): void {
    if (error !== 0 && !this.#isFailing) {
      this.#log('warn', 'notify.failing', `the service manager can't be told anything: errno ${error}`);
    }
    this.#isFailing = error !== 0;
  }
}

/** `struct sockaddr_un`; an abstract name begins with a zero and has none at its end. */
function socketAddress(path: string): Buffer | undefined {
  if (!path.startsWith('/') && !path.startsWith('@')) return undefined;
  const name = path.startsWith('@') ? `\0${path.slice(1)}` : `${path}\0`;
  const bytes = Buffer.from(name);
  if (bytes.length > PATH_BYTES_MAX) return undefined;
  const family = Buffer.from(new Uint16Array([AF_UNIX]).buffer);
  return Buffer.concat([family, bytes]);
}
