// Which route the bytes of a decision name, without decoding them. decision-writer.ts writes the route's id first.

/** Behind the first byte of the map, and its first key: `route_id`, and a byte in front of it. */
const ID_AT = 1 + 1 + 8;

const NIL = 0xc0;
const TEXT8 = 0xd9;

/** Whether two decisions are of one route. An id of more than 255 bytes, which no store assigns, is taken for another. */
export function areOfSameRoute(a: Uint8Array, b: Uint8Array): boolean {
  const end = endOfId(a);
  for (let at = ID_AT; at < end; at += 1) if (a[at] !== b[at]) return false;
  return end > ID_AT;
}

function endOfId(decision: Uint8Array): number {
  const tag = decision[ID_AT] ?? NIL;
  if (tag >> 5 === 0x5) return ID_AT + 1 + (tag & 0x1f);
  return tag === TEXT8 ? ID_AT + 2 + (decision[ID_AT + 1] ?? 0) : ID_AT;
}
