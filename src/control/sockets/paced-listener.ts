// A listening socket, on the main thread, from which connections are taken no faster than the others can bear. To open one
// takes main thread and worker as long as a hundred decisions each, and as long as there are connections to accept, Node
// does nothing else. So a few are opened at once, and so many a second; whoever else comes waits in the kernel's queue.
// Node can't pause a server, so while somebody has to wait it is closed, and the socket itself is asked at short intervals:
// that costs a system call for a connection instead of an object, too. It is opened again when nobody waits any more.
import { type Server, type Socket, createServer } from 'node:net';
import type { Clock } from '../../clock.js';
import { SignalboxError, messageOf } from '../../errors.js';
import type { Log } from '../../log.js';
import { TokenBucket } from '../../token-bucket.js';
import { accept, closeDescriptor, duplicate } from './file-descriptors.js';
import {
  type SocketPermissions,
  closeKeepingFile,
  listenOnDescriptor,
  listenOnFile,
  removeSocketFile,
} from './socket-file.js';

/** At once. Two workers open so many in a millisecond. */
export const OPENED_BURST = 32;

/**
 * From then on. After a restart, when every client comes back, thousands are connected within a second; and the others
 * miss a quarter of the main thread, and less of a worker, while it lasts.
 */
export const OPENED_PER_SECOND = 4000;

/** What it takes to turn somebody away, beside what it takes to open a connection. */
const TURNED_AWAY_COST = 1 / 4;

/** While somebody waits, how often it is looked whether there is time for some more. */
const TURN_MS = 2;

/** With nobody waiting for so many turns, it is over. To open a server takes as long as to open a connection. */
const CALM_TURNS = 25;

/** Before the next attempt, where no descriptor is to be had. */
const TRY_AGAIN_MS = 100;

/** Crowds are over sooner. */
const STORM_MS = 3000;

const LOG_INTERVAL_MS = 10_000;

export interface PacedListenerOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Takes over the descriptor of a connection; false: it was turned away, and cost next to nothing. */
  readonly onConnection: (fd: number) => boolean;
  /** There is a connection, but the process may open no more files; the descriptor is only lent. */
  readonly onNoDescriptor: (fd: number) => void;
}

export class PacedListener {
  readonly #options: PacedListenerOptions;
  readonly #tokens: TokenBucket;
  /** The listening socket itself, whichever server is open on it. */
  #socket = -1;
  #path: string | undefined;
  #server: Server | undefined;
  /** Since when somebody waits, and for how many turns nobody has by now. */
  #pacedSinceMs = 0;
  #calmTurns = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #loggedAtMs = -Infinity;

  constructor(options: PacedListenerOptions) {
    this.#options = options;
    this.#tokens = new TokenBucket(options.clock, OPENED_BURST, OPENED_PER_SECOND);
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

  /**
   * Accepts no more. A file that was made here is removed, and whoever waits in its queue still taken over: nobody else
   * ever will, and they would find their connections broken off, with what they have sent by now.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#server?.close();
    if (this.#path !== undefined) {
      removeSocketFile(this.#path);
      for (let fd = accept(this.#socket); fd >= 0; fd = accept(this.#socket)) this.#options.onConnection(fd);
    }
    if (this.#socket >= 0) closeDescriptor(this.#socket);
    this.#socket = -1;
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

  /** The first one that comes is Node's, and whoever waits behind it is taken past it. */
  #take(socket: Socket): void {
    const accepted = descriptorOf(socket);
    const fd = duplicate(accepted);
    if (fd < 0) this.#options.onNoDescriptor(accepted);
    socket.destroy();
    if (fd < 0) return;
    this.#give(fd);
    this.#takeWaiting();
    if (this.#tokens.isEmpty) this.#pace();
  }

  /** How many there were, of those that there is time for. */
  #takeWaiting(): number {
    let count = 0;
    while (!this.#tokens.isEmpty && !this.#isClosed) {
      const fd = accept(this.#socket);
      if (fd < 0) break;
      this.#give(fd);
      count += 1;
    }
    return count;
  }

  #give(fd: number): void {
    this.#tokens.take(this.#options.onConnection(fd) ? 1 : TURNED_AWAY_COST);
  }

  #pace(): void {
    if (this.#isClosed || this.#server === undefined) return;
    this.#pacedSinceMs = this.#options.clock();
    this.#calmTurns = 0;
    this.#server.close();
    this.#server = undefined;
    this.#timer = setTimeout(this.#turn, TURN_MS);
  }

  readonly #turn = (): void => {
    const wasLate = this.#tokens.isEmpty;
    this.#calmTurns = this.#takeWaiting() > 0 || wasLate ? 0 : this.#calmTurns + 1;
    if (this.#calmTurns < CALM_TURNS) {
      this.#report();
      this.#timer = setTimeout(this.#turn, TURN_MS);
      return;
    }
    this.#open().catch((error: unknown) => {
      this.#server = undefined;
      if (this.#isClosed) return;
      this.#options.log('error', 'listen.error', `nobody can connect for now: ${messageOf(error)}`);
      this.#timer = setTimeout(this.#turn, TRY_AGAIN_MS);
    });
  };

  #report(): void {
    const now = this.#options.clock();
    if (now - this.#pacedSinceMs < STORM_MS || now - this.#loggedAtMs < LOG_INTERVAL_MS) return;
    this.#loggedAtMs = now;
    const message = 'more connections are made than there is time for: they wait';
    this.#options.log('warn', 'connection.storm', message);
  }
}

/** Node keeps the descriptor to itself, and has done so under this name since its first releases. */
export function descriptorOf(socket: Socket | Server): number {
  const { _handle: handle } = socket as (Socket | Server) & { readonly _handle?: { readonly fd?: number } };
  if (handle?.fd === undefined) throw new SignalboxError('internal', 'a socket has no descriptor');
  return handle.fd;
}
