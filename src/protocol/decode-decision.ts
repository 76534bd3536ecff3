// The bytes of a decision → the decision, for whoever shows it to people. Off the hot path, and not in the workers.
import type { Decision } from '../routing/decision.js';
import { decode } from './decode.js';

/** @param bytes as `encodeDecision` made them. */
export function decodeDecision(bytes: Uint8Array): Decision {
  // A copy: what is decoded may be in memory that others share.
  return decode(Buffer.from(bytes)) as Decision;
}
