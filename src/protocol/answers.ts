// Answers → bytes. A decision's bytes depend on nothing of the request but its id, so they are encoded once for each
// outcome of a table and copied from then on; this file makes those bytes and the frames around them.
import type { Decision } from '../routing/decision.js';
import { DecisionWriter } from './decision-writer.js';
import { encode } from './encode.js';
import { FRAME_HEADER_BYTES, type Hello, NOTIFICATION, RESPONSE, type WireError } from './messages.js';

const NIL = 0xc0;
const LIST_OF_THREE = 0x93;
const LIST_OF_FOUR = 0x94;
const UINT32 = 0xce;

/** Where in a frame of `resultFrame` or `refusalFrame` the id goes, as an unsigned 32-bit big-endian integer. */
export const ANSWER_ID_OFFSET = FRAME_HEADER_BYTES + 3;

const RESULT_HEAD = Uint8Array.of(LIST_OF_FOUR, RESPONSE, UINT32, 0, 0, 0, 0, NIL);

/** A whole frame: a successful answer, for any id to be put in. */
export function resultFrame(result: Uint8Array): Buffer {
  const payloadBytes = RESULT_HEAD.length + result.length;
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payloadBytes);
  bytes.writeUInt32BE(payloadBytes);
  bytes.set(RESULT_HEAD, FRAME_HEADER_BYTES);
  bytes.set(result, FRAME_HEADER_BYTES + RESULT_HEAD.length);
  return bytes;
}

/** A whole frame: an answer that is an error, for any id to be put in. To refuse must not take longer than to decide. */
export function refusalFrame(error: WireError): Buffer {
  return errorFrame(0, error);
}

const decisions = new DecisionWriter();

/** The result of `resolve`, in memory of its own. */
export function encodeDecision(decision: Decision): Buffer {
  decisions.write(decision, decision.stale);
  return Buffer.from(decisions.take());
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

function uint(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(5);
  bytes[0] = UINT32;
  bytes.writeUInt32BE(value, 1);
  return bytes;
}
