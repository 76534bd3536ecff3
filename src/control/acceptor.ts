// Accepts connections on the main thread and hands each one's descriptor to a worker; no byte of a request is read
// here. The handle that accepted is destroyed at once: the worker has a descriptor of its own.
import { Socket } from 'node:net';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { AccessPolicy, Admission } from './access/access-policy.js';
import { Newcomers } from './access/newcomers.js';
import { peerOf, userOf } from './access/peer.js';
import { duplicate } from './file-descriptors.js';
import { type ConnectionWorkers, handOver } from './handover.js';
import { PacedListener, descriptorOf } from './paced-listener.js';
import { type RefusalReason, Refusals } from './refusals.js';
import type { SocketPermissions } from './socket-file.js';

const NO_WORKER = 'no worker runs; go on without a decision, and try again later';

export interface AcceptorOptions {
  readonly workers: ConnectionWorkers & {
    /** False: none could be started, and none will be for a while. */
    readonly hasWorkers: boolean;
  };
  readonly maxConnections: number;
  readonly access: AccessPolicy;
  readonly clock: Clock;
  readonly log: Log;
}

export class Acceptor {
  readonly #options: AcceptorOptions;
  readonly #listeners: PacedListener[] = [];
  readonly #idle: (() => void)[] = [];
  readonly #refusals: Refusals;
  readonly #newcomers: Newcomers;
  #connections = 0;
  #accepted = 0;

  constructor(options: AcceptorOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options.clock, options.log);
    this.#newcomers = new Newcomers(options.clock);
  }

  /** Connections that are being served. */
  get connections(): number {
    return this.#connections;
  }

  /** Connections that there may be. */
  get maxConnections(): number {
    return this.#options.maxConnections;
  }

  /** Connections that were accepted since the start. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Connections that were turned away since the start, by reason. */
  get refused(): Readonly<Record<RefusalReason, number>> {
    return this.#refusals.counts;
  }

  /** @throws SignalboxError `configuration` if the path can't be listened on. */
  async listen(path: string, permissions: SocketPermissions): Promise<void> {
    await this.#listener().listen(path, permissions);
  }

  /**
   * Takes over a listening socket that was inherited. Its path, mode and owner are those of whoever made it, who goes
   * on listening when we have closed it.
   *
   * @throws SignalboxError `configuration` if it isn't one.
   */
  async listenOn(fd: number): Promise<void> {
    await this.#listener().listenOn(fd);
  }

  /** Accepts no more; a socket's file that was made here is removed. */
  close(): void {
    for (const listener of this.#listeners) listener.close();
  }

  /** Resolves when the last connection has ended. */
  async whenIdle(): Promise<void> {
    if (this.#connections === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #listener(): PacedListener {
    const { clock, log } = this.#options;
    const listener = new PacedListener({
      clock,
      log,
      onConnection: (socket) => {
        this.#accept(socket);
      },
    });
    this.#listeners.push(listener);
    return listener;
  }

  #accept(socket: Socket): void {
    const { maxConnections, workers, access } = this.#options;
    const accepted = descriptorOf(socket);
    const peer = access.isOpen ? undefined : peerOf(accepted);
    if (!this.#newcomers.admit(peer?.uid ?? userOf(accepted))) {
      this.#refusals.refuse(socket, 'rate', 'this user connects too often: keep connections open');
      return;
    }
    const admission = access.admit(peer);
    if (admission === undefined) {
      this.#refusals.refuse(socket, 'credentials', 'this user may not connect to signalbox here');
      return;
    }
    if (this.#connections >= maxConnections) {
      this.#refusals.refuse(socket, 'connections', `there are ${this.#connections} connections already`);
      return;
    }
    if (!workers.hasWorkers) {
      this.#refusals.refuse(socket, 'no_worker', NO_WORKER);
      return;
    }
    const fd = duplicate(accepted);
    if (fd < 0) {
      this.#refusals.refuse(socket, 'descriptors', 'the limit of open files is reached');
      return;
    }
    socket.destroy();
    this.#connections += 1;
    this.#accepted += 1;
    void this.#serve(fd, admission).finally(() => {
      this.#connections -= 1;
      if (this.#connections === 0) for (const resolve of this.#idle.splice(0)) resolve();
    });
  }

  async #serve(fd: number, { grants }: Admission): Promise<void> {
    const error = await handOver({ fd, ...(grants === 'all' ? {} : { grants }) }, this.#options.workers);
    // The daemon is ending, or no worker lives for long enough.
    if (error !== undefined) this.#refusals.refuse(new Socket({ fd }), 'no_worker', NO_WORKER);
  }
}
