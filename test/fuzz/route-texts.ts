// Texts of routes in YAML and JSON, put together from pieces that a person might write, or not, and then changed.
import type { Random } from '../support/random.js';

const ORG_IDS = [
  '0190a000-0000-7000-8000-000000000001',
  '0190A000-0000-7000-8000-000000000002',
  'not an org',
  '__proto__',
] as const;

const SCALARS = [
  ...[
    '~',
    'null',
    'true',
    'no',
    '0',
    '-1',
    '500',
    '4294967295',
    '4294967296',
    '1e999',
    '0x10',
    '.nan',
    '1.5',
  ],
  ...['""', '" "', 'gpt-4o', '"\\u0085"', '"\\ud800"', '"__proto__"', 'json', '!!binary aGk=', '*a', '&a x'],
  ...['2024-01-01', '"a: b"', '|\n          block', '>-\n          folded', '? complex', '<<', '=', '@', '`'],
] as const;

const KEYS = [
  ...[
    'name',
    'priority',
    'enabled',
    'when',
    'then',
    'id',
    'paused',
    'model_in',
    'input_tokens_lt',
    'tag_equals',
  ],
  ...['prompt_contains_any_of', 'estimated_cost_gt', 'content_type', 'not_reasoning_class', 'target_model'],
  ...[
    'fallbacks',
    'max_cost_usd',
    'effects',
    '__proto__',
    'constructor',
    'toString',
    'later',
    '<<',
    '"": x',
    '?',
  ],
] as const;

const CONDITION_KEYS = ['model_in', 'input_tokens_lt', 'has_images', 'tag_equals', 'content_type'] as const;

/** A route file: mostly such as a person writes, then with something in it that they don't. */
export function routeFileText(random: Random): string {
  let text = random.chance(0.02) ? '' : 'orgs:\n';
  for (let orgs = random.below(4); orgs > 0; orgs -= 1) {
    text += `  ${random.chance(0.9) ? ORG_IDS[0] : random.pick(ORG_IDS)}:\n`;
    for (let routes = random.below(4); routes > 0; routes -= 1) text += routeText(random);
  }
  return text;
}

function routeText(random: Random): string {
  const lines = [`name: ${random.pick(['a', 'b', 'a route', random.pick(SCALARS)])}`];
  if (random.chance(0.5))
    lines.push(`priority: ${random.pick(['1', '100', '4294967295', random.pick(SCALARS)])}`);
  if (random.chance(0.7)) {
    const key = random.pick(CONDITION_KEYS);
    const value = random.chance(0.5) ? '[gpt-4o, x]' : random.chance(0.5) ? 'json' : random.pick(SCALARS);
    lines.push(`when: { ${key}: ${value} }`);
  }
  lines.push(`then: ${random.chance(0.8) ? '{ target_model: gpt-4o-mini }' : valueText(random, 3)}`);
  if (random.chance(0.1)) lines.push(`${random.pick(KEYS)}: ${valueText(random, 2)}`);
  return lines.map((line, index) => `    ${index === 0 ? '- ' : '  '}${line}\n`).join('');
}

function valueText(random: Random, depth: number): string {
  if (depth === 0 || random.chance(0.4)) return random.pick(SCALARS);
  const values = Array.from({ length: random.below(4) }, () => valueText(random, depth - 1));
  if (random.chance(0.5)) return `[${values.join(', ')}]`;
  return `{ ${values.map((value) => `${random.pick(KEYS)}: ${value}`).join(', ')} }`;
}

/** JSON as somebody might have put it into a database, or send it. */
export function jsonText(random: Random, depth = 4): string {
  const kind = depth === 0 ? 2 + random.below(6) : random.below(8);
  const many = (make: () => string): string => Array.from({ length: random.below(4) }, make).join(',');
  if (kind === 0) return `[${many(() => jsonText(random, depth - 1))}]`;
  if (kind === 1)
    return `{${many(() => `"${random.pick(KEYS).replaceAll('"', '')}":${jsonText(random, depth - 1)}`)}}`;
  return random.pick([
    ...[
      'null',
      'true',
      'false',
      '0',
      '-0',
      '1e999',
      '500',
      '4294967295',
      '4294967296',
      '12345678901234567890',
    ],
    ...[
      '""',
      '"gpt-4o"',
      '" "',
      '"json"',
      '"\\ud800"',
      '"\\u0000"',
      '"__proto__"',
      '0.1',
      '-1',
      '["gpt-4o"]',
    ],
  ]);
}

/** A draft of a route in JSON, mostly a good one but for one thing. */
export function draftText(random: Random): string {
  const wrong = random.below(8);
  const or = (index: number, good: string): string => (wrong === index ? jsonText(random) : good);
  const more = wrong === 5 ? `,"${random.pick(KEYS).replaceAll('"', '')}":${jsonText(random)}` : '';
  return (
    `{"name":${or(0, '"a"')},"priority":${or(1, '100')},"enabled":${or(2, 'true')},` +
    `"when":${or(3, '{"model_in":["gpt-4o"]}')},"then":${or(4, '{"target_model":"x"}')}${more}}`
  );
}

/** Changes bytes of a text, whatever they mean. */
export function changed(random: Random, text: string | Buffer): Buffer {
  const bytes = Buffer.from(text as string);
  for (let changes = random.pick([0, 0, 1, 1, 3]); changes > 0 && bytes.length > 0; changes -= 1) {
    const at = random.below(bytes.length);
    if (random.chance(0.5)) bytes[at] = random.pick([...Buffer.from('\n :-{}[]"\'#&*!|>%@`,?\\0\t\u007f')]);
    else bytes[at] = random.below(256);
  }
  if (random.chance(0.05)) return bytes.subarray(0, random.below(bytes.length + 1));
  if (random.chance(0.05)) return Buffer.concat([bytes, bytes.subarray(random.below(bytes.length + 1))]);
  return bytes;
}
