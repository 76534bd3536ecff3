// A client's socket between two hands of the simulation: bytes come in pieces of any size, the client reads or doesn't,
// and either side may end first. It behaves to the connection as a socket of the kernel does.
import { FedSocket } from '../support/fed-socket.js';
import type { Thread, VirtualTime } from './virtual-time.js';

export class SimulatedSocket extends FedSocket {
  writableLength = 0;
  /** The client takes what is written to it. */
  isRead = true;
  #onFinished: (() => void) | undefined;

  constructor(
    private readonly time: VirtualTime,
    private readonly thread: Thread,
    readBuffer: Buffer,
    onRead: (bytes: number) => boolean,
    /** What the daemon writes, at the moment it does. */
    private readonly onWritten: (bytes: Buffer) => void,
    private readonly onClosed: () => void,
  ) {
    super(readBuffer, onRead);
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

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.writable = false;
    this.time.after(0, this.thread, () => {
      this.emit('close');
      this.onClosed();
    });
  }

  /** The client reads everything that it left until now, and goes on reading. */
  catchUp(): void {
    this.isRead = true;
    if (this.writableLength === 0) return;
    this.writableLength = 0;
    this.#finish();
    if (!this.destroyed && this.#onFinished === undefined) this.emit('drain');
  }

  /** As a loop does: not while the connection is still at what made it read on. */
  protected override readOn(): void {
    this.time.after(0, this.thread, () => {
      this.deliver();
    });
  }

  protected override deliver(): void {
    super.deliver();
    if (this.isAtEnd && this.#onFinished !== undefined && this.writableLength === 0) this.destroy();
  }

  /** All that was written is with the client, which then closes its side too. */
  #finish(): void {
    if (this.writableLength > 0 || this.#onFinished === undefined) return;
    const onFinished = this.#onFinished;
    this.time.after(0, this.thread, () => {
      onFinished();
      this.endOfClient();
    });
  }
}
