// A listening socket, on the main thread, from which connections are taken no faster than the daemon has time for. As
// long as there are connections to accept, Node does nothing else: clients that connect and break off as fast as they
// can would have the main thread for as long as they like. So a turn of the loop takes a few, and a second as many as
// leave time for the rest; the others wait in the kernel's queue. Node can't pause a server, so one that must wait is
// closed, and another opened on the same socket.
import { type Server, type Socket, createServer } from 'node:net';
import type { Clock } from '../clock.js';
import { SignalboxError, messageOf } from '../errors.js';
import type { Log } from '../log.js';
import { TokenBucket } from '../token-bucket.js';
import { closeDescriptor, duplicate } from './file-descriptors.js';
import {
  type SocketPermissions,
  closeKeepingFile,
  listenOnDescriptor,
  listenOnFile,
  removeSocketFile,
} from './socket-file.js';

/** At once, as after a restart, when every client comes back. */
export const ACCEPTED_BURST = 8192;

/** From then on, with what is left over of the main thread's time for everything else. */
export const ACCEPTED_PER_SECOND = 8000;

/** Before other things have their turn. */
const ACCEPTED_PER_TURN = 32;

/** Until there is room for some more. */
const PAUSE_MS = 20;

/** Before the next attempt, where no descriptor is to be had. */
const TRY_AGAIN_MS = 100;

const LOG_INTERVAL_MS = 10_000;

export interface PacedListenerOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly onConnection: (socket: Socket) => void;
}

export class PacedListener {
  readonly #options: PacedListenerOptions;
  readonly #tokens: TokenBucket;
  /** The listening socket itself, whichever server is open on it. */
  #socket = -1;
  #path: string | undefined;
  #server: Server | undefined;
  #inTurn = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #loggedAtMs = -Infinity;

  constructor(options: PacedListenerOptions) {
    this.#options = options;
    this.#tokens = new TokenBucket(options.clock, ACCEPTED_BURST, ACCEPTED_PER_SECOND);
  }

  /** @throws SignalboxError `configuration` if the path can't be listened on. */
  async listen(path: string, permissions: SocketPermissions): Promise<void> {
    // It only makes the socket; the kernel holds whoever connects already.
    const maker = createServer();
    await listenOnFile(maker, path, permissions);
    this.#path = path;
    this.#socket = duplicate(descriptorOf(maker));
    closeKeepingFile(maker, path);
    await this.#open();
  }

  /**
   * Takes over a listening socket that was inherited. Its path, mode and owner are those of whoever made it, who goes
   * on listening when this one is closed.
   *
   * @throws SignalboxError `configuration` if it isn't one.
   */
  async listenOn(fd: number): Promise<void> {
    this.#socket = fd;
    await this.#open();
  }

  /** Accepts no more; a file that was made here is removed. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#server?.close();
    if (this.#socket >= 0) closeDescriptor(this.#socket);
    if (this.#path !== undefined) removeSocketFile(this.#path);
  }

  async #open(): Promise<void> {
    const { log } = this.#options;
    const fd = duplicate(this.#socket);
    if (fd < 0) throw new SignalboxError('configuration', 'the limit of open files is reached');
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
      this.#take(socket);
    });
    this.#server = server;
    await listenOnDescriptor(server, fd);
    server.on('error', (error) => {
      log('error', 'listen.error', `a connection was not accepted: ${error.message}`);
    });
  }

  #take(socket: Socket): void {
    this.#tokens.take();
    if (this.#inTurn === 0) setImmediate(() => (this.#inTurn = 0));
    this.#inTurn += 1;
    if (this.#tokens.isEmpty) this.#pause(PAUSE_MS);
    else if (this.#inTurn >= ACCEPTED_PER_TURN) this.#pause(0);
    this.#options.onConnection(socket);
  }

  #pause(ms: number): void {
    if (this.#isClosed || this.#server === undefined) return;
    if (ms > 0) this.#report();
    this.#server.close();
    this.#server = undefined;
    this.#timer = setTimeout(this.#resume, ms);
  }

  readonly #resume = (): void => {
    if (this.#tokens.isEmpty) {
      this.#timer = setTimeout(this.#resume, PAUSE_MS);
      return;
    }
    this.#open().catch((error: unknown) => {
      this.#server = undefined;
      if (this.#isClosed) return;
      this.#options.log('error', 'listen.error', `nobody can connect for now: ${messageOf(error)}`);
      this.#timer = setTimeout(this.#resume, TRY_AGAIN_MS);
    });
  };

  #report(): void {
    const now = this.#options.clock();
    if (now - this.#loggedAtMs < LOG_INTERVAL_MS) return;
    this.#loggedAtMs = now;
    const message = `more than ${ACCEPTED_PER_SECOND} connections a second are made: they wait`;
    this.#options.log('warn', 'connection.storm', message);
  }
}

/** Node keeps the descriptor to itself, and has done so under this name since its first releases. */
export function descriptorOf(socket: Socket | Server): number {
  const { _handle: handle } = socket as (Socket | Server) & { readonly _handle?: { readonly fd?: number } };
  if (handle?.fd === undefined) throw new SignalboxError('internal', 'a socket has no descriptor');
  return handle.fd;
}
