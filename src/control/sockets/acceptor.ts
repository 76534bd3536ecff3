// Accepts connections on the main thread and hands each one's descriptor to a worker; no byte of a request is read
// here. Whoever has left again by then, or is turned away, costs a few system calls and no more.
import type { Clock } from '../../clock.js';
import type { Log } from '../../log.js';
import type { AccessPolicy, Admission } from '../access/access-policy.js';
import { Newcomers } from '../access/newcomers.js';
import { peerOf, userOf } from '../access/peer.js';
import { closeDescriptor, hasEnded } from './file-descriptors.js';
import { type ConnectionWorkers, handOver } from './handover.js';
import { PacedListener } from './paced-listener.js';
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
      onConnection: (fd) => this.#accept(fd),
      onNoDescriptor: (fd) => {
        this.#refusals.answer(fd, 'descriptors', 'the limit of open files is reached');
      },
    });
    this.#listeners.push(listener);
    return listener;
  }

  /** Whether a worker has it now; it was turned away otherwise. */
  #accept(fd: number): boolean {
    const { maxConnections, workers, access } = this.#options;
    this.#accepted += 1;
    // Whoever connects and breaks off as fast as it can has nearly always left.
    if (hasEnded(fd)) {
      closeDescriptor(fd);
      return false;
    }
    const peer = access.isOpen ? undefined : peerOf(fd);
    if (!this.#newcomers.admit(peer?.uid ?? userOf(fd))) {
      this.#refusals.refuse(fd, 'rate', 'this user connects too often: keep connections open');
      return false;
    }
    const admission = access.admit(peer);
    if (admission === undefined) {
      this.#refusals.refuse(fd, 'credentials', 'this user may not connect to signalbox here');
      return false;
    }
    if (this.#connections >= maxConnections) {
      this.#refusals.refuse(fd, 'connections', `there are ${this.#connections} connections already`);
      return false;
    }
    if (!workers.hasWorkers) {
      this.#refusals.refuse(fd, 'no_worker', NO_WORKER);
      return false;
    }
    this.#connections += 1;
    void this.#serve(fd, admission).finally(() => {
      this.#connections -= 1;
      if (this.#connections === 0) for (const resolve of this.#idle.splice(0)) resolve();
    });
    return true;
  }

  async #serve(fd: number, { grants }: Admission): Promise<void> {
    const error = await handOver({ fd, ...(grants === 'all' ? {} : { grants }) }, this.#options.workers);
    // The daemon is ending, or no worker lives for long enough.
    if (error !== undefined) this.#refusals.refuse(fd, 'no_worker', NO_WORKER);
  }
}
