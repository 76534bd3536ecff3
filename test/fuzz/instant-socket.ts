// A client's socket that has no time in it: bytes are with the connection when they are sent, and answers with the
// client when they are written.
import { FedSocket } from '../support/fed-socket.js';

export class InstantSocket extends FedSocket {
  readonly writableLength = 0;
  readonly #written: Buffer[] = [];

  /** All answers. */
  get written(): Buffer {
    return Buffer.concat(this.#written);
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

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit('close');
  }
}
