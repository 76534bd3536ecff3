// The bytes of a decision → the decision, for whoever shows it to people. Off the hot path, and not in the workers.
import { Unpackr } from 'msgpackr/unpack';
import type { Decision } from '../routing/decision.js';

const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });

/** @param bytes as `encodeDecision` made them. */
export function decodeDecision(bytes: Uint8Array): Decision {
  // A copy: what is decoded may be in memory that others share.
  return unpackr.unpack(Buffer.from(bytes)) as Decision;
}
