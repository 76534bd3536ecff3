// A client that speaks bytes: it shares no code with src/, so that what the tests see is what a client in another
// language sees. Frames are a 4-byte big-endian length and one MessagePack value.
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { Packr } from 'msgpackr/pack';
import { Unpackr } from 'msgpackr/unpack';

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });

/** `[1, id, error, result]`, or a notification `[2, method, params]`. */
export type Message =
  | readonly [1, number | null, { code: string; message: string } | null, unknown]
  | readonly [2, string, unknown];

/** The MessagePack bytes of a value. */
export function pack(value: unknown): Buffer {
  return Buffer.from(packr.pack(value));
}

/** A frame around a payload that is already bytes. */
export function frame(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(payload.length);
  return Buffer.concat([header, payload]);
}

/** The whole frame of a request. */
export function requestFrame(id: number, method: string, params: unknown): Buffer {
  return frame(pack([0, id, method, [params]]));
}

export class WireClient {
  readonly closed: Promise<void>;
  #buffered: Buffer = Buffer.alloc(0);
  #messages: Message[] = [];
  #waiting: (() => void)[] = [];
  #ended = false;
  #nextId = 1;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.#receive(chunk);
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    socket.on('end', end);
    socket.on('error', end);
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        end();
        resolve();
      });
    });
  }

  static async connect(path: string): Promise<WireClient> {
    const socket = connect({ path, allowHalfOpen: true });
    await once(socket, 'connect');
    return new WireClient(socket);
  }

  /** The daemon has closed its side, or the connection is gone. */
  get ended(): boolean {
    return this.#ended;
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** The next message of the daemon, in order of arrival; undefined once the daemon has closed its side. */
  async nextMessage(): Promise<Message | undefined> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Sends one request and waits for the next message, which must be its answer: for one request at a time. */
  async call(
    method: string,
    params: unknown,
  ): Promise<{ error: { code: string; message: string } | null; result: unknown }> {
    const id = this.#nextId++;
    this.send(requestFrame(id, method, params));
    const message = await this.nextMessage();
    if (message === undefined) throw new Error('the daemon closed the connection without an answer');
    if (message[0] !== 1 || message[1] !== id)
      throw new Error(`an answer to something else: ${JSON.stringify(message)}`);
    return { error: message[2], result: message[3] };
  }

  /** Says that nothing more will be sent; answers still owed arrive. */
  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#buffered = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk]);
    let offset = 0;
    while (this.#buffered.length - offset >= 4) {
      const length = this.#buffered.readUInt32BE(offset);
      if (this.#buffered.length - offset - 4 < length) break;
      this.#messages.push(
        unpackr.unpack(this.#buffered.subarray(offset + 4, offset + 4 + length)) as Message,
      );
      offset += 4 + length;
    }
    this.#buffered = this.#buffered.subarray(offset);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
