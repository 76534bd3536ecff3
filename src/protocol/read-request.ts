// A frame's payload → what the daemon does about it. A usual request is read where it stands; everything else goes
// through the general reader, which says what is wrong with it, if anything is.
import { fillSignals } from '../routing/signals.js';
import { writeOrgIdWords } from './org-id.js';
import { HELLO, IGNORED, REFUSED, RESOLVE, type RequestFrame } from './request-frame.js';
import { readMessage } from './request-reader.js';
import { readUsualRequest } from './usual-request.js';

/** Reads the payload in `bytes[start … end)`, which must stay as it is while `into` is used. Never throws for any bytes. */
export function readRequest(bytes: Buffer, start: number, end: number, into: RequestFrame): void {
  if (!readUsualRequest(bytes, start, end, into)) readUnusual(bytes, start, end, into);
}

function readUnusual(bytes: Buffer, start: number, end: number, into: RequestFrame): void {
  const message = readMessage(bytes, start, end);
  switch (message.kind) {
    case 'resolve':
      into.kind = RESOLVE;
      into.id = message.id;
      into.minRevision = message.request.min_revision ?? 0;
      writeOrgIdWords(message.orgId, into.orgId);
      fillSignals(into.signals, message.request);
      break;
    case 'hello':
      into.kind = HELLO;
      into.id = message.id;
      break;
    case 'notification':
      into.kind = IGNORED;
      break;
    case 'refused':
      into.kind = REFUSED;
      into.id = message.id;
      into.refusal = message.message;
      break;
  }
}
