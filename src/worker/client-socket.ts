// The socket of one client, as far as a connection knows it. Runs on a worker. A connection says what it needs, so
// that its tests can stand where the kernel does: whatever order bytes, pauses and ends come in, they can say so.
import { writeSync } from 'node:fs';
import type { DuplexOptions } from 'node:stream';
import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';

/** With as much waiting for the kernel, or more, there will be a 'drain' when it has taken all. */
export const WATERMARK_BYTES = 16 * 1024;

export interface ClientSocket {
  /** Bytes that were written and that the kernel has not taken. */
  readonly writableLength: number;
  readonly destroyed: boolean;
  /** Neither ended nor destroyed. */
  readonly writable: boolean;
  on(event: 'drain' | 'end' | 'error' | 'close', listener: () => void): unknown;
  /** The bytes are only borrowed: what the kernel doesn't take at once is copied. */
  write(bytes: Buffer): unknown;
  /** @param onFinished called when all that was written is with the kernel. */
  end(onFinished: () => void): unknown;
  pause(): unknown;
  resume(): unknown;
  destroy(): unknown;
}

/**
 * Opens a connected descriptor. What comes is put into the buffer, and `onRead` is told how many bytes it is; it
 * returns false to be told no more until `resume`.
 */
export type OpenSocket = (fd: number, readBuffer: Buffer, onRead: (bytes: number) => boolean) => ClientSocket;

export const openSocket: OpenSocket = (fd, readBuffer, onRead) => new KernelSocket(fd, readBuffer, onRead);

/**
 * A Node socket that writes past Node: the descriptor is the kernel's, non-blocking, so a plain `write` takes what
 * there is room for and returns. A stream's `write` makes a request object, a buffer that must outlive the call and two
 * callbacks for what the kernel nearly always takes at once. Only the rest goes that way, and what comes after it.
 */
class KernelSocket implements ClientSocket {
  readonly #socket: Socket;
  readonly #fd: number;

  constructor(fd: number, readBuffer: Buffer, onRead: (bytes: number) => boolean) {
    const options: SocketConstructorOpts & ConnectOpts & DuplexOptions = {
      fd,
      readable: true,
      writable: true,
      // A client that shuts down its writing side still gets the answers it is owed.
      allowHalfOpen: true,
      writableHighWaterMark: WATERMARK_BYTES,
      onread: { buffer: readBuffer, callback: onRead },
    };
    this.#fd = fd;
    this.#socket = new Socket(options);
  }

  get writableLength(): number {
    return this.#socket.writableLength;
  }

  get destroyed(): boolean {
    return this.#socket.destroyed;
  }

  get writable(): boolean {
    return this.#socket.writable;
  }

  on(event: 'drain' | 'end' | 'error' | 'close', listener: () => void): void {
    this.#socket.on(event, listener);
  }

  write(bytes: Buffer): void {
    const socket = this.#socket;
    // The descriptor is another's as soon as the socket is destroyed.
    if (!socket.writable) return;
    let taken = 0;
    if (socket.writableLength === 0) {
      try {
        taken = writeSync(this.#fd, bytes);
      } catch {
        // No room, or the client is gone: the stream's own write waits for the one and reports the other.
      }
      if (taken === bytes.length) return;
    }
    socket.write(Buffer.from(bytes.subarray(taken)));
  }

  end(onFinished: () => void): void {
    this.#socket.end(onFinished);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
