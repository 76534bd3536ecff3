// Accepts connections on the main thread and hands each one's descriptor to a worker; no byte of a request is read
// here. The handle that accepted is destroyed at once: the worker has a descriptor of its own.
import { once } from 'node:events';
import { type Server, type Socket, createServer } from 'node:net';
import type { Clock } from '../clock.js';
import { SignalboxError, messageOf } from '../errors.js';
import type { Log } from '../log.js';
import { errorFrame } from '../protocol/answers.js';
import { CLAIMED_BY_MAIN, type ConnectionTask, claimConnection } from '../worker/thread-messages.js';
import { closeDescriptor, duplicate } from './file-descriptors.js';

/** Owner and group may connect, from the first moment on. */
const SOCKET_UMASK = 0o117;

/** Connections that the kernel holds while the main thread is busy. */
const BACKLOG = 4096;

/** A connection whose worker died before it looked at it goes to another, this often. */
const HANDOVERS_MAX = 3;

/** How long a refused client has to read why. Its descriptor is held for as long. */
const REFUSAL_LINGER_MS = 100;
const REFUSING_MAX = 64;
const REFUSAL_LOG_INTERVAL_MS = 10_000;

export interface AcceptorOptions {
  /** Resolves when the connection has ended; rejects when its worker did. */
  readonly serve: (task: ConnectionTask) => Promise<void>;
  readonly maxConnections: number;
  readonly clock: Clock;
  readonly log: Log;
}

export class Acceptor {
  readonly #options: AcceptorOptions;
  readonly #server: Server;
  readonly #idle: (() => void)[] = [];
  #connections = 0;
  #refused = 0;
  /** Refused connections that are still to read why. */
  #refusing = 0;
  #refusalLoggedAtMs = -Infinity;

  constructor(options: AcceptorOptions) {
    this.#options = options;
    this.#server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
      this.#accept(socket);
    });
  }

  /** Connections that are being served. */
  get connections(): number {
    return this.#connections;
  }

  /** @throws SignalboxError `configuration` if the path can't be listened on. */
  async listen(path: string): Promise<void> {
    // The socket is bound within the call, so no other file is made under this umask, and there is no moment at
    // which the mode is another.
    const before = process.umask(SOCKET_UMASK);
    try {
      this.#server.listen({ path, backlog: BACKLOG });
    } finally {
      process.umask(before);
    }
    try {
      await once(this.#server, 'listening');
    } catch (error) {
      throw new SignalboxError('configuration', `cannot listen on ${path}: ${messageOf(error)}`, {
        cause: error,
      });
    }
    this.#server.on('error', (error) => {
      this.#options.log('error', 'listen.error', `a connection was not accepted: ${error.message}`);
    });
  }

  /** Accepts no more, and removes the socket's file. */
  close(): void {
    this.#server.close();
  }

  /** Resolves when the last connection has ended. */
  async whenIdle(): Promise<void> {
    if (this.#connections === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #accept(socket: Socket): void {
    if (this.#connections >= this.#options.maxConnections) {
      this.#refuse(socket, `there are ${this.#connections} connections already`);
      return;
    }
    const fd = duplicate(descriptorOf(socket));
    if (fd < 0) {
      this.#refuse(socket, 'the limit of open files is reached');
      return;
    }
    socket.destroy();
    this.#connections += 1;
    void this.#handOver(fd).finally(() => {
      this.#connections -= 1;
      if (this.#connections === 0) for (const resolve of this.#idle.splice(0)) resolve();
    });
  }

  async #handOver(fd: number): Promise<void> {
    for (let handovers = 1; ; handovers += 1) {
      const claim = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
      try {
        await this.#options.serve({ fd, claim });
        return;
      } catch (error) {
        // A worker that had taken the descriptor over has closed it with its own end.
        if (!claimConnection(claim, CLAIMED_BY_MAIN)) return;
        if (handovers < HANDOVERS_MAX) continue;
        this.#options.log('error', 'connection.lost', `no worker took a connection: ${messageOf(error)}`);
        closeDescriptor(fd);
        return;
      }
    }
  }

  /** Says why before it closes; the client goes on without us. */
  #refuse(socket: Socket, why: string): void {
    this.#refused += 1;
    const now = this.#options.clock();
    if (now - this.#refusalLoggedAtMs >= REFUSAL_LOG_INTERVAL_MS) {
      this.#refusalLoggedAtMs = now;
      this.#options.log('warn', 'connection.refused', `connections are refused: ${why}`, {
        refused: this.#refused,
      });
    }
    socket.on('error', () => undefined);
    if (this.#refusing >= REFUSING_MAX) {
      socket.destroy();
      return;
    }
    this.#refusing += 1;
    socket.on('close', () => (this.#refusing -= 1));
    socket.end(errorFrame(null, { code: 'overloaded', message: why }));
    setTimeout(() => socket.destroy(), REFUSAL_LINGER_MS);
  }
}

/** Node keeps the descriptor to itself, and has done so under this name since its first releases. */
function descriptorOf(socket: Socket): number {
  const { _handle: handle } = socket as Socket & { readonly _handle?: { readonly fd?: number } };
  if (handle?.fd === undefined)
    throw new SignalboxError('internal', 'an accepted connection has no descriptor');
  return handle.fd;
}
