// One request as it stands in its frame: what it is, whose it is, and where its signals are in the frame's bytes. A
// thread has one of these and reads every request into it, so that a request leaves nothing behind to be collected.
import { Signals } from '../routing/signals.js';
import { ORG_ID_WORDS } from './org-id.js';

/** What a payload turned out to be. */
export const RESOLVE = 0;
export const HELLO = 1;
/** Valid, but nothing that the daemon knows; notifications have no answer. */
export const IGNORED = 2;
/** Not valid: `refusal` says why. */
export const REFUSED = 3;

export type FrameKind = typeof RESOLVE | typeof HELLO | typeof IGNORED | typeof REFUSED;

export class RequestFrame {
  kind: FrameKind = IGNORED;
  /** The request's id; null where it can't be read. */
  id: number | null = null;
  readonly orgId = new Int32Array(ORG_ID_WORDS);
  /** Routes of at least this revision are wanted; 0: any. */
  minRevision = 0;
  readonly signals = new Signals();
  /** For the client's developer. */
  refusal = '';
}
