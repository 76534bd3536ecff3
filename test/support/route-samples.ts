// Routes that say everything a route can say, chosen to be lost, rounded, trimmed, folded or taken for something else
// on the way into a store and back.
import { CONTENT_TYPES, type RouteDraft, UINT32_MAX } from '../../src/routing/route.js';
import { draft } from './routes.js';

const names = [
  ' leading and trailing ',
  'Übersetzung & Lektorat',
  'cafe\u0301 / caf\u00e9',
  '北京 → سري → Straße',
  '\u{1F469}\u200D\u2695\uFE0F on call',
  '\uFEFFwith a byte order mark',
  'line\nfeed, carriage\r\nreturn, tab\tand\u2028separators\u0085',
  'controls \u0001 \u001b \u007f',
  'no',
  'null',
  '~',
  '0x10',
  '1e999',
  '2024-01-01',
  '- item: value # comment',
  '{flow: [map]}',
  '*alias &anchor !tag | > % @ `',
  `'single' "double" \\backslash\\`,
  '$dollar ${interpolated} %s ? :named -- comment; DROP TABLE routes',
  `long ${'words and  double spaces '.repeat(10)}`,
  '__proto__',
] as const;

const sample = (name: string, changes: Partial<RouteDraft>): RouteDraft => draft(name, changes);

/** Each is a test of its own; the names are unique. */
export const routeSamples: readonly RouteDraft[] = [
  ...names.map((name) => sample(name, { then: { target_model: name } })),
  sample('every condition', {
    when: {
      model_in: ['gpt-4o', 'GPT-4o', ' gpt-4o'],
      input_tokens_lt: UINT32_MAX,
      input_tokens_gt: 2_147_483_648,
      tag_equals: 'Übung ',
      has_images: true,
      has_audio: true,
      has_documents: true,
      prompt_contains_any_of: ['İstanbul', 'ΟΔΟΣ', '```diff\n', '信用卡'],
      estimated_cost_gt: 0.1 + 0.2,
      estimated_cost_lt: 1.7976931348623157e308,
      content_type: 'diff',
      upstream_latency_ms_p95_gt: UINT32_MAX,
      not_reasoning_class: true,
    },
  }),
  sample('every bound at 0 and every flag at false', {
    when: {
      input_tokens_lt: 0,
      input_tokens_gt: 0,
      has_images: false,
      has_audio: false,
      has_documents: false,
      estimated_cost_gt: 0,
      estimated_cost_lt: 0,
      upstream_latency_ms_p95_gt: 0,
      not_reasoning_class: false,
    },
  }),
  sample('every condition null or empty', {
    when: {
      model_in: [],
      input_tokens_lt: null,
      input_tokens_gt: null,
      tag_equals: null,
      has_images: null,
      has_audio: null,
      has_documents: null,
      prompt_contains_any_of: [],
      estimated_cost_gt: null,
      estimated_cost_lt: null,
      content_type: null,
      upstream_latency_ms_p95_gt: null,
    },
  }),
  ...CONTENT_TYPES.map((type) => sample(`content ${type}`, { when: { content_type: type } })),
  sample('every action', {
    then: {
      target_model: 'onprem/qwen3:32b',
      fallbacks: ['b', 'a', 'B'],
      disable_cache: true,
      max_cost_usd: 5e-324,
      effects: { redact: true },
    },
  }),
  sample('every action but one null or empty', {
    then: { target_model: null, fallbacks: [], disable_cache: true, max_cost_usd: null, effects: {} },
  }),
  sample('a cache that is left on', { then: { disable_cache: false, fallbacks: ['only'] } }),
  sample('effects of every kind', {
    then: {
      effects: JSON.parse(`{
        "redact": true, "flex": false, "nothing": null, "zero": 0, "less": -1.5, "large": 1e21, "precise": 0.1,
        "empty text": "", "empty list": [], "empty map": {}, "": "an empty key", "no": "no", "1": "one", "a.b": "dot",
        "__proto__": { "polluted": true }, "constructor": "text", "text": "0x10",
        "deep": { "list": [1, [2, [{ "three": [null, false, 0, ""] }]]], "Straße": "\u{1F469}\u200D\u2695" }
      }`) as Record<string, unknown>,
    },
  }),
  sample('switched off', { enabled: false }),
  sample('the least priority', { priority: 0 }),
  sample('the first priority beyond signed 32 bits', { priority: 2_147_483_648 }),
  sample('the greatest priority', { priority: UINT32_MAX }),
];
