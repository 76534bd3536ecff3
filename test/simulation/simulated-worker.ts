// A worker thread as the main thread and the clients see it: the real code of a worker, with its messages and its
// clients' bytes under way for a while, but in order. It may be busy, and it may die.
import { ConnectionServer } from '../../src/worker/connection-server.js';
import {
  type ConnectionTask,
  type FromWorker,
  type ToWorkers,
  UNCLAIMED,
  VITAL_SIGNS,
} from '../../src/worker/thread-messages.js';
import type { Judge } from './judge.js';
import { SimulatedClient } from './simulated-client.js';
import { SimulatedSocket } from './simulated-socket.js';
import type { Thread } from './virtual-time.js';
import { WorkerRecord } from './worker-record.js';
import type { World } from './world.js';

/** Messages between threads take this long at most, while neither thread is busy. */
const MESSAGE_MS = 0.5;

export class SimulatedWorker {
  readonly record = new WorkerRecord();
  readonly thread: Thread;
  clients: SimulatedClient[] = [];
  #server: ConnectionServer | undefined;
  #lastDownMs = 0;
  #lastUpMs = 0;

  constructor(
    readonly number: number,
    private readonly world: World,
    private readonly judge: Judge,
    private readonly main: Thread,
    private readonly receive: (message: FromWorker) => void,
  ) {
    this.thread = { name: `worker ${number}`, isAlive: true, busyUntilMs: 0 };
  }

  get isAlive(): boolean {
    return this.thread.isAlive;
  }

  /** To be called in an event of the worker's own thread. */
  start(connections: number): void {
    const { resolveTimeoutMs } = this.world.settings;
    const settings = {
      channel: '',
      version: '0',
      resolveTimeoutMs,
      maxFrameBytes: 1024 * 1024,
      grantedOrgs: new Map(),
    };
    this.clients = Array.from(
      { length: connections },
      () => new SimulatedClient(this.world.time, this.world.random),
    );
    this.#server = new ConnectionServer(
      settings,
      this.world.time.clock,
      (message) => {
        this.#post(message);
      },
      (fd, readBuffer, onRead) => this.#open(fd, readBuffer, onRead),
    );
    const vitalSigns = new Int32Array(new SharedArrayBuffer(VITAL_SIGNS * Int32Array.BYTES_PER_ELEMENT));
    const { figures } = this.#server;
    this.#post({ type: 'ready', threadId: this.number, vitalSigns, figures });
    for (const fd of this.clients.keys()) {
      const task: ConnectionTask = { fd, claim: new Int32Array(new SharedArrayBuffer(4)).fill(UNCLAIMED) };
      void this.#server.serve(task);
    }
  }

  /** The main thread says something to all workers. */
  hear(message: ToWorkers): void {
    this.#lastDownMs = Math.max(
      this.#lastDownMs,
      this.world.time.clock() + this.world.random.between(0, MESSAGE_MS),
    );
    this.world.time.after(this.#lastDownMs - this.world.time.clock(), this.thread, () => {
      // One that begins to listen hears nothing of what was said before.
      if (this.#server === undefined) return;
      // What was decided before it hears this is judged by what it had heard then.
      this.#server.flush();
      this.world.judged(() => this.judge.told(this.record, message));
      this.world.trace(() => `worker ${this.number} hears ${describe(message)}`);
      this.#server.receive(message);
    });
  }

  beBusy(ms: number): void {
    const now = this.world.time.clock();
    const untilMs = Math.max(this.thread.busyUntilMs, now + ms);
    this.record.busyMs += untilMs - Math.max(this.thread.busyUntilMs, now);
    this.thread.busyUntilMs = untilMs;
  }

  die(): void {
    this.thread.isAlive = false;
    for (const client of this.clients) client.lose();
  }

  #post(message: FromWorker): void {
    // All simulated workers are of one real thread.
    const sent = 'threadId' in message ? { ...message, threadId: this.number } : structuredClone(message);
    this.world.trace(() => `worker ${this.number} says ${JSON.stringify(sent)}`);
    this.#lastUpMs = Math.max(
      this.#lastUpMs,
      this.world.time.clock() + this.world.random.between(0, MESSAGE_MS),
    );
    this.world.time.after(this.#lastUpMs - this.world.time.clock(), this.main, () => {
      this.receive(sent);
    });
  }

  #open(fd: number, readBuffer: Buffer, onRead: (bytes: number) => boolean): SimulatedSocket {
    const client = this.clients[fd];
    if (client === undefined) throw new Error(`there is no client ${fd}`);
    const socket = new SimulatedSocket(
      this.world.time,
      this.thread,
      readBuffer,
      onRead,
      (bytes) => {
        this.world.judged(() => {
          client.receive(bytes, (request, answer) => {
            this.world.trace(() => `worker ${this.number} answers ${request.id}: ${JSON.stringify(answer)}`);
            this.judge.answered(this.record, request, answer);
          });
        });
      },
      () => {
        this.world.judged(() => client.closed());
      },
    );
    client.connect(socket, this.thread, this.record);
    return socket;
  }
}

export function describe(message: ToWorkers): string {
  if (message.type !== 'table') return JSON.stringify(message);
  const { orgId, revision, stale, untilMs } = message;
  return `table ${orgId} at revision ${revision}${stale ? ', stale' : ''} until ${untilMs.toFixed(1)}`;
}
