// The codec as the cases see it: the only file here that knows how src/protocol is called.
import { RESULT_HEAD_BYTES, encodeDecision, writeResultHead } from '../../src/protocol/answers.js';
import { FRAME_HEADER_BYTES } from '../../src/protocol/messages.js';
import { readMessage } from '../../src/protocol/request-reader.js';
import type { Decision } from '../../src/routing/decision.js';
import type { ResolveRequest } from '../../src/routing/request.js';
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

/** Reads each request, checked as the daemon checks it; @throws Error if one isn't taken for what it is. */
export function readAll({ bytes, payloads }: ReadBuffer): number {
  let read = 0;
  for (const { start, end } of payloads) {
    const message = readMessage(bytes, start, end);
    if (message.kind === 'resolve') read += message.request.model.length;
    else throw new Error(`a request was read as ${message.kind}`);
  }
  return read;
}

/** An answer's bytes, made once. */
export function prepareAnswer(decision: Decision): Buffer {
  return encodeDecision(decision);
}

/** Writes the whole frame of an answer; returns where it ends. */
export function writeAnswer(target: Buffer, at: number, id: number, prepared: Buffer): number {
  const bodyAt = writeResultHead(target, at, id, prepared.length);
  target.set(prepared, bodyAt);
  return bodyAt + prepared.length;
}

export const ANSWER_HEAD_BYTES = RESULT_HEAD_BYTES;
