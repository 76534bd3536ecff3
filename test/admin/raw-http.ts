// HTTP as bytes on a socket, for what no client would send.
import { once } from 'node:events';
import { type NetConnectOpts, type Socket, connect } from 'node:net';

export class RawConnection {
  readonly socket: Socket;
  text = '';

  constructor(to: NetConnectOpts) {
    this.socket = connect(to);
    this.socket.setEncoding('utf8');
    this.socket.on('data', (text: string) => (this.text += text));
    // A server that closes while this side writes is what some tests are about.
    this.socket.on('error', () => undefined);
  }

  write(bytes: string): void {
    this.socket.write(bytes, 'latin1');
  }

  /** All that came, once the server has closed. */
  async closed(): Promise<string> {
    if (!this.socket.closed) await once(this.socket, 'close');
    return this.text;
  }

  /** Resolves when what has come matches. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.text)) await once(this.socket, 'data');
    return this.text;
  }
}

/** Sends the bytes and returns all that comes until the server closes. */
export async function exchangeRaw(to: NetConnectOpts, bytes: string): Promise<string> {
  const connection = new RawConnection(to);
  connection.write(bytes);
  return connection.closed();
}
