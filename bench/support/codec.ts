// The codec as the cases see it: the only file here that knows how src/protocol is called.
import { encodeDecision, resultFrame } from '../../src/protocol/answers.js';
import { FRAME_HEADER_BYTES } from '../../src/protocol/messages.js';
import { readRequest } from '../../src/protocol/read-request.js';
import { RESOLVE, RequestFrame } from '../../src/protocol/request-frame.js';
import type { Decision } from '../../src/routing/decision.js';
import type { ResolveRequest } from '../../src/routing/request.js';
import { MODEL } from '../../src/routing/signals.js';
import { Output } from '../../src/worker/output.js';
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

/** A thread reads every request into the same one. */
const frame = new RequestFrame();

/** Reads each request, checked as the daemon checks it; @throws Error if one isn't taken for what it is. */
export function readAll({ bytes, payloads }: ReadBuffer): number {
  let read = 0;
  for (const { start, end } of payloads) {
    readRequest(bytes, start, end, frame);
    if (frame.kind !== RESOLVE) throw new Error(`a request was refused: ${frame.refusal}`);
    read += frame.signals.ends[MODEL] ?? 0;
  }
  return read;
}

/** An answer's frame, made once, for any id to be put in. */
export function prepareAnswer(decision: Decision): Buffer {
  return resultFrame(encodeDecision(decision));
}

let sentBytes = 0;
/** Whoever gets them only counts them. */
const recipient = {
  send: (bytes: Buffer): void => {
    sentBytes = bytes.length;
  },
};
const output = new Output(
  () => undefined,
  () => undefined,
);

/** Writes that many answers into what is sent at once; returns its bytes. */
export function writeAnswers(prepared: Buffer, count: number): number {
  for (let id = 0; id < count; id += 1) output.addAnswer(id, prepared);
  output.end(recipient, count, 0);
  output.flush();
  return sentBytes;
}
