// MessagePack → JSON values, by the general decoder: for what is read off the hot path, and by clients. Maps come as
// objects that have each key as it is.
import { Unpackr } from 'msgpackr/unpack';

// Plain MessagePack, by the pure JavaScript decoder. It renames the key `__proto__` of an object, but not of a Map.
const asObjects = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });
const asMaps = new Unpackr({ useRecords: false, mapsAsObjects: false, int64AsType: 'number' });

const RENAMED_KEY = Buffer.from('__proto__');

/** @throws if the bytes are no MessagePack, or a map has a key that can be none of an object. */
export function decode(bytes: Buffer): unknown {
  // A text is in the bytes as it is; Maps take several times as long, and next to nobody has that key.
  return bytes.includes(RENAMED_KEY) ? withoutMaps(asMaps.unpack(bytes)) : asObjects.unpack(bytes);
}

function withoutMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMaps);
  if (!(value instanceof Map)) return value;
  // Every entry becomes the object's own property, which an assignment to `__proto__` would not.
  return Object.fromEntries([...value].map(([key, member]) => [keyOf(key), withoutMaps(member)]));
}

/** As an object would name it. */
function keyOf(key: unknown): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number' || typeof key === 'boolean') return String(key);
  throw new TypeError('a map has a key that is no text');
}
