// A client's socket without a kernel, as far as what the client sends goes: bytes that have arrived are put where the
// connection reads, piece by piece, for as long as it reads on. What becomes of what is written to it, whoever extends
// this says.
import type { ClientSocket } from '../../src/worker/client-socket.js';

type SocketEvent = 'drain' | 'end' | 'error' | 'close';

export abstract class FedSocket implements ClientSocket {
  abstract readonly writableLength: number;
  destroyed = false;
  writable = true;
  readonly #readBuffer: Buffer;
  readonly #onRead: (bytes: number) => boolean;
  readonly #listeners = new Map<SocketEvent, () => void>();
  readonly #arrived: Buffer[] = [];
  #isPaused = false;
  /** The client has shut down its writing side. */
  #hasClientEnded = false;
  #isEndTold = false;

  constructor(readBuffer: Buffer, onRead: (bytes: number) => boolean) {
    this.#readBuffer = readBuffer;
    this.#onRead = onRead;
  }

  abstract write(bytes: Buffer): boolean;
  abstract end(onFinished: () => void): void;
  abstract destroy(): void;

  on(event: SocketEvent, listener: () => void): void {
    this.#listeners.set(event, listener);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.readOn();
  }

  /** The client's bytes arrive. */
  arrive(bytes: Buffer): void {
    this.#arrived.push(bytes);
    this.deliver();
  }

  /** The client has nothing more to say, and still listens. */
  endOfClient(): void {
    this.#hasClientEnded = true;
    this.deliver();
  }

  /** The connection has read all that the client will ever send, and knows it. */
  protected get isAtEnd(): boolean {
    return this.#isEndTold;
  }

  /** The connection would read again. */
  protected readOn(): void {
    this.deliver();
  }

  protected emit(event: SocketEvent): void {
    this.#listeners.get(event)?.();
  }

  /** Has the connection read what has arrived. */
  protected deliver(): void {
    while (!this.#isPaused && !this.destroyed) {
      const bytes = this.#arrived.shift();
      if (bytes === undefined) break;
      const count = bytes.copy(this.#readBuffer);
      if (count < bytes.length) this.#arrived.unshift(bytes.subarray(count));
      if (!this.#onRead(count)) this.#isPaused = true;
      // Whoever reads on must not find there what was there before.
      this.#readBuffer.fill(0xc1, 0, count);
    }
    if (this.#isPaused || !this.#hasClientEnded || this.#isEndTold || this.#arrived.length > 0) return;
    this.#isEndTold = true;
    this.emit('end');
  }
}
