// Values that are more likely than others to be read wrong: bounds of encodings, of types and of conditions.

/** Orgs that have routes, as text; each has routes that tell values of one signal apart. */
export const ORG_COUNT = 12;

export function orgOf(number: number): string {
  return `0190a000-0000-7000-8000-${String(number).padStart(12, '0')}`;
}

export const TEXTS = [
  '',
  'gpt-4o',
  'GPT-4o',
  'x',
  'vip',
  'json',
  'diff',
  'İ',
  'i̇',
  'ΟΔΟΣ',
  'ß',
  '\ufeff',
  '\ufffd',
  '\0',
  '__proto__',
  'constructor',
  'keyword',
  'a'.repeat(31),
  'a'.repeat(32),
  'é'.repeat(20),
  'k'.repeat(255),
  'ü'.repeat(200),
  '𝒳'.repeat(17),
] as const;

export const NUMBERS = [
  0,
  1,
  2,
  31,
  127,
  128,
  255,
  256,
  499,
  500,
  501,
  32_767,
  32_768,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
] as const;

export const WRONG_NUMBERS = [
  -1,
  -32,
  -33,
  -128,
  -32_768,
  -(2 ** 31),
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 60,
] as const;

export const COSTS = [0, -0, 0.05, 0.1 + 0.2, 1, 5e-324, 1e300, -0.05, 3.4028234663852886e38] as const;

export const KEYS = [
  'org_id',
  'model',
  'input_tokens',
  'tag',
  'prompt',
  'has_images',
  'has_audio',
  'has_documents',
  'estimated_cost_usd',
  'content_type',
  'upstream_p95_ms',
  'reasoning_class',
  'force_route',
  'min_revision',
  'later',
  '',
  'org_i',
  'org_idx',
  'toString',
  'k'.repeat(64),
  'k'.repeat(65),
  'é'.repeat(33),
] as const;

/** Bytes that mean the most in MessagePack. */
export const TELLING_BYTES = [
  0x00, 0x7f, 0x80, 0x8f, 0x90, 0x94, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc7, 0xca, 0xcb, 0xcc,
  0xcf, 0xd0, 0xd3, 0xd4, 0xd8, 0xd9, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xe0, 0xff,
] as const;
