// MessagePack put together by hand, for the payloads that no encoder would produce.

/** An array of up to 15 values that are bytes already. */
export function arrayOf(...items: readonly Uint8Array[]): Buffer {
  if (items.length > 15) throw new Error('a fixarray holds at most 15 values');
  return Buffer.concat([Uint8Array.of(0x90 | items.length), ...items]);
}

/** A map of up to 15 entries whose keys and values are bytes already; keys may repeat. */
export function mapOf(...entries: readonly (readonly [key: Uint8Array, value: Uint8Array])[]): Buffer {
  if (entries.length > 15) throw new Error('a fixmap holds at most 15 entries');
  return Buffer.concat([Uint8Array.of(0x80 | entries.length), ...entries.flat()]);
}

/** Bytes written as hexadecimal digits; white space is ignored. */
export function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(/\s/g, ''), 'hex');
}

/** `[[[… nil …]]]`, that many levels deep. */
export function nestedArrays(depth: number): Buffer {
  return Buffer.concat([Buffer.alloc(depth, 0x91), hex('c0')]);
}

/** `{a: {a: … nil …}}`, that many levels deep. */
export function nestedMaps(depth: number): Buffer {
  return Buffer.concat([...Array.from({ length: depth }, () => hex('81 a1 61')), hex('c0')]);
}

// The integer 2 in every encoding that MessagePack has for it, as floating-point numbers too.
const two = /^(02|(cc|d0)02|(cd|d1)0002|(ce|d2)00000002|(cf|d3)0000000000000002|ca40000000|cb40000000)/;

/** Whether the payload begins like a notification, `[2, …]`: only such a message may stay without an answer. */
export function beginsLikeNotification(payload: Buffer): boolean {
  const marker = payload[0] ?? 0;
  const headerBytes = (marker & 0xf0) === 0x90 ? 1 : marker === 0xdc ? 3 : marker === 0xdd ? 5 : 0;
  return headerBytes > 0 && two.test(payload.toString('hex', headerBytes, headerBytes + 9));
}
