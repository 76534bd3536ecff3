// The codec as the cases see it: the only file here that knows how src/protocol is called.
import { RESULT_ID_OFFSET, encodeDecision, resultFrame } from '../../src/protocol/answers.js';
import { FRAME_HEADER_BYTES } from '../../src/protocol/messages.js';
import { readRequest } from '../../src/protocol/read-request.js';
import { RESOLVE, RequestFrame } from '../../src/protocol/request-frame.js';
import type { Decision } from '../../src/routing/decision.js';
import type { ResolveRequest } from '../../src/routing/request.js';
import { MODEL } from '../../src/routing/signals.js';
import { ORG, requestFrame } from './payloads.js';

/** Requests as they lie in what was read from a socket: frames back to back, and where each payload is. */
export interface ReadBuffer {
  readonly bytes: Buffer;
  readonly payloads: readonly { readonly start: number; readonly end: number }[];
}

export function readBufferOf(requests: readonly ResolveRequest[]): ReadBuffer {
  const frames = requests.map((request) => requestFrame(ORG, request));
  let offset = 0;
  const payloads = frames.map(({ length }) => {
    const start = offset + FRAME_HEADER_BYTES;
    offset += length;
    return { start, end: offset };
  });
  return { bytes: Buffer.concat(frames), payloads };
}

const frame = new RequestFrame();

/** Reads each request, checked as the daemon checks it; @throws Error if one isn't taken for what it is. */
export function readAll({ bytes, payloads }: ReadBuffer): number {
  let read = 0;
  for (const { start, end } of payloads) {
    readRequest(bytes, start, end, frame);
    if (frame.kind !== RESOLVE) throw new Error(`a request was read as ${frame.kind}`);
    read += frame.signals.ends[MODEL] ?? 0;
  }
  return read;
}

/** An answer's frame, made once. */
export function prepareAnswer(decision: Decision): Buffer {
  return resultFrame(encodeDecision(decision));
}

/** Writes the whole frame of an answer; returns where it ends. */
export function writeAnswer(target: Buffer, at: number, id: number, prepared: Buffer): number {
  target.set(prepared, at);
  target.writeUInt32BE(id, at + RESULT_ID_OFFSET);
  return at + prepared.length;
}
