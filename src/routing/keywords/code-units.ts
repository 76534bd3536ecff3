// Text as the automaton sees it: each UTF-16 code unit in one to three bytes, as UTF-8 would write it. For all of the
// Basic Multilingual Plane that is UTF-8 itself; a code point beyond is its two surrogates, three bytes each (CESU-8,
// Unicode Technical Report 26). So a search among these bytes finds just what `includes` finds among code units,
// where a surrogate on its own may be half of a pair.

export const BYTES_PER_UNIT_MAX = 3;

/** Writes the code units of `text` and returns the offset behind them. */
export function writeCodeUnits(text: string, bytes: Uint8Array, at: number): number {
  let end = at;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) {
      bytes[end++] = unit;
      continue;
    }
    if (unit < 0x800) {
      bytes[end++] = 0xc0 | (unit >> 6);
    } else {
      bytes[end++] = 0xe0 | (unit >> 12);
      bytes[end++] = 0x80 | ((unit >> 6) & 0x3f);
    }
    bytes[end++] = 0x80 | (unit & 0x3f);
  }
  return end;
}

/** The code point whose UTF-8 form begins at `at`. */
export function codePointAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return lead;
  const second = (bytes[at + 1] ?? 0) & 0x3f;
  if (lead < 0xe0) return ((lead & 0x1f) << 6) | second;
  const third = (bytes[at + 2] ?? 0) & 0x3f;
  if (lead < 0xf0) return ((lead & 0x0f) << 12) | (second << 6) | third;
  return ((lead & 0x07) << 18) | (second << 12) | (third << 6) | ((bytes[at + 3] ?? 0) & 0x3f);
}

/** The number of bytes of the UTF-8 form that begins with `lead`. */
export function utf8Size(lead: number): number {
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** The start of the code point that the byte at `at` belongs to, but not before `least`. */
export function startOfCodePoint(bytes: Uint8Array, least: number, at: number): number {
  let start = Math.max(least, at);
  while (start > least && isContinuation(bytes[start] ?? 0)) start -= 1;
  return start;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
