// Org ids are UUIDs. Inside they are always lower-case text with hyphens, whatever form they came in.

const CANONICAL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HEX_DIGITS = 32;

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
