// One call to the daemon: its bytes, its deadline and its end.
import { Packr } from 'msgpackr/pack';
import { type ErrorCode, ERROR_CODES, SignalboxError } from '../errors.js';
import { decode } from '../protocol/decode.js';
import { FRAME_HEADER_BYTES, NOTIFICATION, REQUEST, RESPONSE } from '../protocol/messages.js';

// Plain MessagePack: no records.
const packr = new Packr({ useRecords: false, variableMapSize: true });

/** Where the payload's id is: behind the list's header and the message type, always in five bytes. */
const ID_OFFSET = FRAME_HEADER_BYTES + 2;
const ID_BYTES = 5;
const LIST_OF_FOUR = 0x94;
const UINT32 = 0xce;

export class Call {
  /** Of the connection that it went out on last. */
  id: number | undefined;
  sends = 0;
  readonly madeAtMs = performance.now();
  readonly #frame: Buffer;
  readonly #resolve: (result: unknown) => void;
  readonly #reject: (error: SignalboxError) => void;

  constructor(
    method: string,
    params: unknown,
    resolve: (result: unknown) => void,
    reject: (error: SignalboxError) => void,
  ) {
    this.#resolve = resolve;
    this.#reject = reject;
    const methodBytes = packr.pack(method);
    const head = Buffer.allocUnsafe(ID_OFFSET + ID_BYTES);
    head[FRAME_HEADER_BYTES] = LIST_OF_FOUR;
    head[FRAME_HEADER_BYTES + 1] = REQUEST;
    head[ID_OFFSET] = UINT32;
    // The packr may use the same memory for the next value, so each one is copied before that.
    this.#frame = Buffer.concat([head, Buffer.from(methodBytes), packr.pack([params])]);
    this.#frame.writeUInt32BE(this.#frame.length - FRAME_HEADER_BYTES);
  }

  get payloadBytes(): number {
    return this.#frame.length - FRAME_HEADER_BYTES;
  }

  /** The bytes to send, with the id that it has now. A socket may still hold those of an earlier id. */
  frame(): Buffer {
    const frame = this.sends > 1 ? Buffer.from(this.#frame) : this.#frame;
    frame.writeUInt32BE(this.id ?? 0, ID_OFFSET + 1);
    return frame;
  }

  succeed(result: unknown): void {
    this.#resolve(result);
  }

  fail(error: SignalboxError): void {
    this.#reject(error);
  }
}

export type DaemonMessage =
  | {
      readonly kind: 'answer';
      readonly id: number | null;
      readonly error: SignalboxError | null;
      readonly result: unknown;
    }
  | { readonly kind: 'goaway' }
  | { readonly kind: 'unknown' };

/** Reads a message of the daemon. @throws if it isn't MessagePack. */
export function decodeMessage(payload: Buffer): DaemonMessage {
  const message = decode(payload) as readonly unknown[];
  if (message[0] === RESPONSE) {
    const [, id, error, result] = message as readonly [
      number,
      number | null,
      { code: string; message: string } | null,
      unknown,
    ];
    return {
      kind: 'answer',
      id,
      error: error && new SignalboxError(errorCode(error.code), error.message),
      result,
    };
  }
  return message[0] === NOTIFICATION && message[1] === 'goaway' ? { kind: 'goaway' } : { kind: 'unknown' };
}

/** A code that a newer daemon may have is still an error. */
function errorCode(code: string): ErrorCode {
  return Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'internal';
}
