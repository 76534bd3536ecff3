// Answers → bytes. A decision's bytes depend on nothing of the request but its id, so they are encoded once for each
// outcome of a table and copied from then on; this file makes those bytes and the frames around them.
import { Packr } from 'msgpackr/pack';
import type { Decision } from '../routing/decision.js';
import { UINT32_MAX } from '../routing/route.js';
import { FRAME_HEADER_BYTES, type Hello, NOTIFICATION, RESPONSE, type WireError } from './messages.js';

// The pure JavaScript encoder, without records: plain MessagePack that any client reads.
const packr = new Packr({ useRecords: false, variableMapSize: true });

const NIL = 0xc0;
const LIST_OF_THREE = 0x93;
const LIST_OF_FOUR = 0x94;
const UINT32 = 0xce;
const UINT64 = 0xcf;
const DOUBLE = 0xcb;

/** Where in a frame of `resultFrame` or `refusalFrame` the id goes, as an unsigned 32-bit big-endian integer. */
export const ANSWER_ID_OFFSET = FRAME_HEADER_BYTES + 3;

/** A whole frame: a successful answer, for any id to be put in. */
export function resultFrame(result: Uint8Array): Buffer {
  return frame(Buffer.concat([Uint8Array.of(LIST_OF_FOUR, RESPONSE, UINT32, 0, 0, 0, 0, NIL), result]));
}

/** A whole frame: an answer that is an error, for any id to be put in. To refuse must not take longer than to decide. */
export function refusalFrame(error: WireError): Buffer {
  return errorFrame(0, error);
}

/** The result of `resolve`. A table has one for each of its routes, and tables are made a thousand times a second. */
export function encodeDecision(decision: Decision): Buffer {
  const entries = Object.entries(decision);
  const parts: Uint8Array[] = [Uint8Array.of(0x80 | entries.length)];
  for (const [key, value] of entries) {
    parts.push(encodeOnce(key));
    if (key === 'max_cost_usd' && typeof value === 'number') parts.push(float(value));
    else if (key === 'revision' && typeof value === 'number') parts.push(uint(value));
    else if (key === 'reason' || typeof value === 'boolean' || value === null) parts.push(encodeOnce(value));
    else parts.push(encode(value));
  }
  return Buffer.concat(parts);
}

/** Keys, reasons, null and the two booleans: few, and the same in every decision. */
const encodedOnce = new Map<unknown, Buffer>();

function encodeOnce(value: unknown): Buffer {
  let bytes = encodedOnce.get(value);
  if (bytes === undefined) encodedOnce.set(value, (bytes = encode(value)));
  return bytes;
}

/** The result of `hello`. */
export function encodeHello(hello: Hello): Buffer {
  return encode(hello);
}

/** A whole frame: an answer that is an error. The id is null where the request's can't be read. */
export function errorFrame(id: number | null, error: WireError): Buffer {
  const idBytes = id === null ? Uint8Array.of(NIL) : uint(id);
  return frame(Buffer.concat([ERROR_HEAD, idBytes, errorTail(error)]));
}

const ERROR_HEAD = Uint8Array.of(LIST_OF_FOUR, RESPONSE);

/** What stands behind the id is the same for all that are refused for the same reason, and they may be many. */
const errorTails = new Map<string, Buffer>();
const ERROR_TAILS_MAX = 256;

function errorTail({ code, message }: WireError): Buffer {
  const key = `${code} ${message}`;
  let tail = errorTails.get(key);
  if (tail === undefined) {
    tail = Buffer.concat([encode({ code, message }), Uint8Array.of(NIL)]);
    if (errorTails.size >= ERROR_TAILS_MAX) errorTails.clear();
    errorTails.set(key, tail);
  }
  return tail;
}

/** A whole frame: the daemon is about to end; finish what is in flight, connect again. */
export function goawayFrame(): Buffer {
  return frame(Buffer.concat([Uint8Array.of(LIST_OF_THREE, NOTIFICATION), encode('goaway'), encode([{}])]));
}

/** A payload with its length in front. */
export function frame(payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
  bytes.writeUInt32BE(payload.length);
  bytes.set(payload, FRAME_HEADER_BYTES);
  return bytes;
}

/** The MessagePack bytes of a JSON value, in memory of their own. */
export function encode(value: unknown): Buffer {
  // The packr may still be writing into the same memory later, so the bytes are copied out.
  return Buffer.from(packr.pack(encodable(value)));
}

/**
 * The value in a form that is encoded for what it says: a key such as `toJSON` or `constructor` would mean something
 * to the encoder in an object, but not in a Map; and half of a surrogate pair has no UTF-8.
 */
function encodable(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(encodable);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(Object.entries(value).map(([key, member]) => [key.toWellFormed(), encodable(member)]));
}

/** An integer is always written as one, and never as the double that a JavaScript encoder makes of a large one. */
function uint(value: number): Buffer {
  const wide = value > UINT32_MAX;
  const bytes = Buffer.allocUnsafe(wide ? 9 : 5);
  bytes[0] = wide ? UINT64 : UINT32;
  if (wide) bytes.writeBigUInt64BE(BigInt(value), 1);
  else bytes.writeUInt32BE(value, 1);
  return bytes;
}

/** A float is always written as one, though it be whole. */
function float(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(9);
  bytes[0] = DOUBLE;
  bytes.writeDoubleBE(value, 1);
  return bytes;
}
