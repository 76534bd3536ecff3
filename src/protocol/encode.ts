// JSON values → MessagePack, by the general encoder: for what is written rarely. Plain MessagePack that any client reads.
import { Packr } from 'msgpackr/pack';

// The pure JavaScript encoder, without records.
const packr = new Packr({ useRecords: false, variableMapSize: true });

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
