// Text from elsewhere as a terminal may see it. Pure.

/**
 * Without control characters, that a terminal would obey, and without those that reorder what stands beside them:
 * route names are anybody's text.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}
