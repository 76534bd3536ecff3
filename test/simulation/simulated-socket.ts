// A client's socket between two hands of the simulation: bytes come in pieces of any size, the client reads or doesn't,
// and either side may end first. It behaves to the connection as a socket of the kernel does.
import type { ClientSocket } from '../../src/worker/client-socket.js';
import type { Thread, VirtualTime } from './virtual-time.js';

type SocketEvent = 'drain' | 'end' | 'error' | 'close';

export class SimulatedSocket implements ClientSocket {
  writableLength = 0;
  destroyed = false;
  writable = true;
  /** The client takes what is written to it. */
  isRead = true;
  readonly #listeners = new Map<SocketEvent, () => void>();
  readonly #arrived: Buffer[] = [];
  #isPaused = false;
  /** The client has shut down its writing side, and the connection has been told. */
  #hasClientEnded = false;
  #isClientEnding = false;
  #onFinished: (() => void) | undefined;

  constructor(
    private readonly time: VirtualTime,
    private readonly thread: Thread,
    private readonly readBuffer: Buffer,
    private readonly onRead: (bytes: number) => boolean,
    /** What the daemon writes, at the moment it does. */
    private readonly onWritten: (bytes: Buffer) => void,
    private readonly onClosed: () => void,
  ) {}

  on(event: SocketEvent, listener: () => void): void {
    this.#listeners.set(event, listener);
  }

  write(bytes: Buffer): boolean {
    if (!this.writable) throw new Error('written after the end');
    this.onWritten(bytes);
    if (!this.isRead) this.writableLength += bytes.length;
    return this.isRead;
  }

  end(onFinished: () => void): void {
    this.writable = false;
    this.#onFinished = onFinished;
    this.#finish();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.time.after(0, this.thread, () => {
      this.#deliver();
    });
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.writable = false;
    this.time.after(0, this.thread, () => {
      this.#listeners.get('close')?.();
      this.onClosed();
    });
  }

  /** The client's bytes arrive: the call is an event of the worker's thread. */
  arrive(bytes: Buffer): void {
    this.#arrived.push(bytes);
    this.#deliver();
  }

  /** The client has nothing more to say, and still listens. */
  endOfClient(): void {
    this.#isClientEnding = true;
    this.#deliver();
  }

  /** The client reads everything that it left until now, and goes on reading. */
  catchUp(): void {
    this.isRead = true;
    if (this.writableLength === 0) return;
    this.writableLength = 0;
    this.#finish();
    if (!this.destroyed && this.#onFinished === undefined) this.#listeners.get('drain')?.();
  }

  #deliver(): void {
    while (!this.#isPaused && !this.destroyed) {
      const bytes = this.#arrived.shift();
      if (bytes === undefined) break;
      const count = bytes.copy(this.readBuffer);
      if (count < bytes.length) this.#arrived.unshift(bytes.subarray(count));
      if (!this.onRead(count)) this.#isPaused = true;
    }
    if (this.#isClientEnding && this.#arrived.length === 0 && !this.#isPaused && !this.#hasClientEnded) {
      this.#hasClientEnded = true;
      this.#listeners.get('end')?.();
      this.#closeIfEnded();
    }
  }

  /** All that was written is with the client, which then closes its side too. */
  #finish(): void {
    if (this.writableLength > 0 || this.#onFinished === undefined) return;
    const onFinished = this.#onFinished;
    this.time.after(0, this.thread, () => {
      onFinished();
      this.endOfClient();
      this.#closeIfEnded();
    });
  }

  #closeIfEnded(): void {
    if (this.#hasClientEnded && this.#onFinished !== undefined && this.writableLength === 0) this.destroy();
  }
}
