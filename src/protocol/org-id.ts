// Org ids are UUIDs. In a frame they are text of any case, or 16 bytes; on the way of a request they are four words,
// which are compared and hashed at once; everywhere else they are lower-case text with hyphens.

const CANONICAL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HEX_DIGITS = 32;
const UUID_TEXT_CHARACTERS = 36;
const HYPHEN = 0x2d;

/** A UUID's 16 bytes as big-endian words: four. */
export const ORG_ID_WORDS = 4;

/** The canonical form of a UUID's text; undefined if it isn't one. */
export function parseOrgId(text: string): string | undefined {
  if (CANONICAL.test(text)) return text;
  const lower = text.toLowerCase();
  return CANONICAL.test(lower) ? lower : undefined;
}

/** The canonical form of a UUID's 16 bytes, given as hexadecimal text; undefined if they aren't 16. */
export function orgIdFromHex(hex: string): string | undefined {
  if (hex.length !== HEX_DIGITS) return undefined;
  const part = (from: number, to: number): string => hex.slice(from, to);
  return `${part(0, 8)}-${part(8, 12)}-${part(12, 16)}-${part(16, 20)}-${part(20, 32)}`;
}

/** The words of an org id in canonical form. */
export function writeOrgIdWords(orgId: string, into: Int32Array): void {
  if (orgId.length !== UUID_TEXT_CHARACTERS || !readUuidText(viewOf(Buffer.from(orgId, 'latin1')), 0, into)) {
    throw new TypeError(`${JSON.stringify(orgId)} is no org id`);
  }
}

/** The four hexadecimal digits of each 16 bits, made when they are first wanted: ids may be invented by the million. */
const fourDigitTexts: string[] = [];

function fourDigitText(value: number): string {
  return (fourDigitTexts[value] ??= value.toString(16).padStart(4, '0'));
}

/** The canonical form of four words. */
export function orgIdFromWords(words: Int32Array): string {
  const [a = 0, b = 0, c = 0, d = 0] = words;
  const high = (word: number): string => fourDigitText(word >>> 16);
  const low = (word: number): string => fourDigitText(word & 0xffff);
  return `${high(a)}${low(a)}-${high(b)}-${low(b)}-${high(c)}-${low(c)}${high(d)}${low(d)}`;
}

/** The value of each ASCII character that is a hexadecimal digit; others are negative. */
const DIGITS = new Int8Array(256).fill(-1);
for (let digit = 0; digit < 16; digit += 1) {
  DIGITS[digit.toString(16).charCodeAt(0)] = digit;
  DIGITS[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** Reads the 36 bytes of a UUID's text, of any case; false: they are no such text. On the hot path. */
export function readUuidText(view: DataView, at: number, into: Int32Array): boolean {
  if (view.getUint8(at + 8) !== HYPHEN || view.getUint8(at + 13) !== HYPHEN) return false;
  if (view.getUint8(at + 18) !== HYPHEN || view.getUint8(at + 23) !== HYPHEN) return false;
  const a = fourDigits(view, at);
  const b = fourDigits(view, at + 4);
  const c = fourDigits(view, at + 9);
  const d = fourDigits(view, at + 14);
  const e = fourDigits(view, at + 19);
  const f = fourDigits(view, at + 24);
  const g = fourDigits(view, at + 28);
  const h = fourDigits(view, at + 32);
  into[0] = (a << 16) | b;
  into[1] = (c << 16) | d;
  into[2] = (e << 16) | f;
  into[3] = (g << 16) | h;
  return (a | b | c | d | e | f | g | h) >= 0;
}

/** The value of four hexadecimal digits; negative if one of them is none. */
function fourDigits(view: DataView, at: number): number {
  return (
    ((DIGITS[view.getUint8(at)] ?? -1) << 12) |
    ((DIGITS[view.getUint8(at + 1)] ?? -1) << 8) |
    ((DIGITS[view.getUint8(at + 2)] ?? -1) << 4) |
    (DIGITS[view.getUint8(at + 3)] ?? -1)
  );
}
