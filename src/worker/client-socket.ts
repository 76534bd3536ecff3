// The socket of one client, as far as a connection knows it. Runs on a worker. A connection says what it needs, so
// that its tests can stand where the kernel does: whatever order bytes, pauses and ends come in, they can say so.
import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';

export interface ClientSocket {
  /** Bytes that were written and that the kernel has not taken. */
  readonly writableLength: number;
  readonly destroyed: boolean;
  /** Neither ended nor destroyed. */
  readonly writable: boolean;
  on(event: 'drain' | 'end' | 'error' | 'close', listener: () => void): unknown;
  write(bytes: Buffer): boolean;
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

export const openSocket: OpenSocket = (fd, readBuffer, onRead) => {
  const options: SocketConstructorOpts & ConnectOpts = {
    fd,
    readable: true,
    writable: true,
    // A client that shuts down its writing side still gets the answers it is owed.
    allowHalfOpen: true,
    onread: { buffer: readBuffer, callback: onRead },
  };
  return new Socket(options);
};
