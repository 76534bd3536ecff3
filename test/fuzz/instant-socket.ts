// A client's socket that has no time in it: bytes are with the connection when they are sent, and answers with the
// client when they are written.
import type { ClientSocket } from '../../src/worker/client-socket.js';

type SocketEvent = 'drain' | 'end' | 'error' | 'close';

export class InstantSocket implements ClientSocket {
  readonly writableLength = 0;
  destroyed = false;
  writable = true;
  readonly #listeners = new Map<SocketEvent, () => void>();
  readonly #arrived: Buffer[] = [];
  readonly #written: Buffer[] = [];
  #isPaused = false;
  #hasClientEnded = false;
  #isEndTold = false;

  constructor(
    private readonly readBuffer: Buffer,
    private readonly onRead: (bytes: number) => boolean,
  ) {}

  /** All answers. */
  get written(): Buffer {
    return Buffer.concat(this.#written);
  }

  on(event: SocketEvent, listener: () => void): void {
    this.#listeners.set(event, listener);
  }

  write(bytes: Buffer): boolean {
    // The connection may use its memory again.
    this.#written.push(Buffer.from(bytes));
    return true;
  }

  end(onFinished: () => void): void {
    this.writable = false;
    onFinished();
    this.endOfClient();
    this.destroy();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#deliver();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.#listeners.get('close')?.();
  }

  arrive(bytes: Buffer): void {
    this.#arrived.push(bytes);
    this.#deliver();
  }

  endOfClient(): void {
    this.#hasClientEnded = true;
    this.#deliver();
  }

  #deliver(): void {
    while (!this.#isPaused && !this.destroyed) {
      const bytes = this.#arrived.shift();
      if (bytes === undefined) break;
      const count = bytes.copy(this.readBuffer);
      if (count < bytes.length) this.#arrived.unshift(bytes.subarray(count));
      // Whoever reads on must not find there what was there before.
      if (!this.onRead(count)) this.#isPaused = true;
      this.readBuffer.fill(0xc1, 0, count);
    }
    if (this.#isPaused || !this.#hasClientEnded || this.#isEndTold || this.#arrived.length > 0) return;
    this.#isEndTold = true;
    this.#listeners.get('end')?.();
  }
}
