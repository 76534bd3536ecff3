// Keywords found in a prompt, against what they mean: lower(prompt) includes the keyword, on JavaScript's strings.
// Prompts and keywords are drawn from alphabets in which the two come near each other all the time, and in which
// lower-casing, UTF-8 and surrogates have their edges.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileKeywords } from '../../../src/routing/keywords/compile-keywords.js';
import { scanKeywords, scanWithAutomaton } from '../../../src/routing/keywords/scan-keywords.js';
import { Random, seededRandom } from '../../support/random.js';
import { scanBitByBit } from '../../support/search-bit-by-bit.js';

const utf8 = new TextEncoder();

/** Where a prompt is cut that is searched bit by bit. */
const cuts = new Random(seededRandom().seed);

/** Compiles, and moves the words to another place, as tables do. */
function compiled(keywords: readonly string[]): (prompt: string) => string[] {
  const own = compileKeywords(keywords);
  const at = 5;
  const words = new Uint32Array(own.length + 2 * at).fill(0xdead_beef);
  words.set(own, at);
  const hits = new Int32Array(keywords.length);
  return (prompt) => {
    // What stands around the prompt must not matter, not even a letter or half of one.
    const bytes = utf8.encode(`Σa${prompt}aΣ`);
    const found = [scanKeywords, scanWithAutomaton, scanBitByBit].map((scan) => {
      const count = scan(words, at, bytes, 3, bytes.length - 3, hits, cuts);
      return [...hits.subarray(0, count)].map((id) => keywords[id] ?? `no keyword ${id}`).sort();
    });
    // Few keywords are looked for otherwise than many, long prompts bit by bit, and no way may find others.
    for (const others of found.slice(1)) {
      assert.deepEqual(found[0], others, `keywords ${JSON.stringify(keywords)} in ${JSON.stringify(prompt)}`);
    }
    return found[0] ?? [];
  };
}

function naive(keywords: readonly string[], prompt: string): string[] {
  const lower = prompt.toLowerCase();
  return keywords.filter((keyword) => lower.includes(keyword));
}

function distinctLower(texts: readonly string[]): string[] {
  return [...new Set(texts.map((text) => text.toLowerCase()))];
}

function drawn<T>(length: number, draw: () => T): T[] {
  return Array.from({ length }, draw);
}

function assertSame(find: (prompt: string) => string[], keywords: readonly string[], prompt: string): void {
  const actual = find(prompt).sort();
  const expected = naive(keywords, prompt).sort();
  if (actual.join('\0') === expected.join('\0') && actual.length === expected.length) return;
  assert.deepEqual(actual, expected, `keywords ${JSON.stringify(keywords)} in ${JSON.stringify(prompt)}`);
}

/** Each is a world of its own, so that its pieces meet often. */
const ALPHABETS: Readonly<Record<string, readonly string[]>> = {
  'two letters': ['a', 'b', 'A', 'B'],
  'sigma, and what may stand around it': [
    ...['Σ', 'Σ', 'Σ', 'σ', 'ς', 'Α', 'α', 'a', 'A', ' ', '.', "'", '\u00ad', '\u0301', '\u0345', 'ͅ'],
    ...['1', '\n', 'ʰ', '中', '\u{1d7ca}', '\u{1f600}', '\u{10400}', '\u{e0001}', 'ª', '\u200d', 'İ', ''],
  ],
  'letters whose lower case has another size': [
    ...['İ', 'i', 'I', 'i\u0307', '\u0307', 'ı', 'ß', 'ẞ', 's', 'S', 'ss', 'ſ', '\u212a', 'k', 'K', 'å'],
    ...['\u212b', 'Å', 'Ω', '\u2126', 'ω', 'Ⱥ', 'ⱥ', 'Ȿ', 'ȿ', 'Ɐ', 'ɐ', 'Ꭰ', 'ꭰ', 'Ა', 'ა', 'Ǆ', 'ǅ', 'ǆ'],
  ],
  'letters that share bytes': [
    ...['\u0430', '\u0410', '\u0420', '\u0440', '\u0450', '\u0400', '\u00c0', '\u00e0', '\u0100', '\u0101'],
    ...['中', '丮', '\u4e2e', '\u4e00', '一', '\u304f', '\u00ad', '\u2e00', '\u{2f800}', '\u{24e00}'],
  ],
  'surrogates, alone and in pairs': [
    ...['\ud83d', '\ude00', '\u{1f600}', '\u{1f601}', '\u{1fa00}', '\ud801', '\udc00', '\udc28'],
    ...['\u{10400}', '\u{10428}', '\u{1e900}', '\u{1e922}', '\ud83a', '\udd22', 'a', '\ue000', '\ud7ff'],
  ],
  'text of several languages': [
    ...['Der ', 'der', 'Übung', 'ÜBUNG', 'straße', 'STRASSE', 'Москва', 'МОСКВА', 'москв', '北京', '信用卡'],
    ...['credit', 'Credit Card', 'card', 'CARD', ' ', ' ', 'İSTANBUL', 'istanbul', 'ΟΔΟΣ', 'οδος', 'ΟΔΟΣΑ'],
  ],
};

describe('the keywords found in a prompt', () => {
  const { seed } = seededRandom();

  for (const [about, alphabet] of Object.entries(ALPHABETS)) {
    it(`are those that its lower case includes: ${about}`, (t) => {
      t.diagnostic(`SIGNALBOX_TEST_SEED=${seed}`);
      const random = new Random(seed);
      const text = (length: number): string => drawn(length, () => random.pick(alphabet)).join('');
      for (let set = 0; set < 3000; set += 1) {
        const keywords = distinctLower(
          drawn(random.below(random.chance(1 / 8) ? 60 : 6), () => text(random.below(5))),
        );
        const find = compiled(keywords);
        for (let prompt = 0; prompt < 12; prompt += 1) {
          const long = random.chance(1 / 6) ? 60 : 8;
          assertSame(find, keywords, text(random.below(long)).toWellFormed());
        }
        // And a prompt that ends, or begins, with a keyword, or with all but a piece of one.
        const near = random
          .pick([...keywords, ''])
          .slice(random.below(2))
          .toUpperCase();
        assertSame(find, keywords, `${text(random.below(4))}${near}`.toWellFormed());
        assertSame(find, keywords, `${near}${text(random.below(4))}`.toWellFormed());
      }
    });
  }

  it('are found among text that is passed over where none begins, at any distance', (t) => {
    t.diagnostic(`SIGNALBOX_TEST_SEED=${seed}`);
    const random = new Random(seed);
    // All have five bytes or more, so that not every byte is looked at; each length has a distance of its own.
    const pieces = [
      'credit',
      'card',
      'CARD',
      'k\u0101rte',
      'şifre',
      'ten',
      'ß',
      'İ',
      '\u212a',
      'Σ',
      '\u{1f600}',
      '-',
    ];
    const filler = [
      'the ',
      'of ',
      'zzzz',
      'Quick',
      'x',
      '. ',
      'über ',
      'да ',
      '信',
      '\u{1f601}',
      'qqqqqqqqqqqq',
    ];
    const text = (length: number, of: readonly string[]): string =>
      drawn(length, () => random.pick(of)).join('');
    for (let set = 0; set < 4000; set += 1) {
      const least = 5 + random.below(4);
      const drafts = drawn(1 + random.below(4), () => text(1 + random.below(4), pieces).padEnd(least, 'y'));
      const keywords = distinctLower(drafts);
      const find = compiled(keywords);
      for (let prompt = 0; prompt < 4; prompt += 1) {
        const middle = random.pick([...drafts, ...drafts.map((draft) => draft.toUpperCase()), 'credit car']);
        const around = [text(random.below(20), filler), text(random.below(20), filler)];
        assertSame(find, keywords, `${around[0]}${middle}${around[1]}`);
        assertSame(find, keywords, `${around[0]}${middle.slice(1)}${middle}${middle}${around[1]}`);
      }
    }
  });

  it('are found in an empty prompt only if they are empty', () => {
    assert.deepEqual(compiled(['a', '', 'b'])(''), ['']);
    assert.deepEqual(compiled(['a'])(''), []);
    assert.deepEqual(compiled([])('anything'), []);
  });

  it('are found in text that begins as a file does, with a byte order mark', () => {
    assert.deepEqual(compiled(['\ufeffa'])('\ufeffA'), ['\ufeffa']);
  });

  it('are each found in their own block, though several have lain at one place', () => {
    const hits = new Int32Array(1);
    for (const keyword of ['one', 'two', 'three']) {
      const words = compileKeywords([keyword]);
      const bytes = utf8.encode(`not ${keyword.toUpperCase()}, but another`);
      assert.equal(scanKeywords(words, 0, bytes, 0, bytes.length, hits), 1, keyword);
      assert.equal(scanKeywords(words, 0, bytes, 0, 4, hits), 0, keyword);
    }
  });

  it('may be half of a surrogate pair', () => {
    assert.deepEqual(compiled(['\ud83d', '\ude00', '\ude01'])('\u{1f600}').sort(), ['\ud83d', '\ude00']);
  });

  it('are found in large sets that share beginnings and ends', (t) => {
    t.diagnostic(`SIGNALBOX_TEST_SEED=${seed}`);
    const random = new Random(seed);
    const syllables = ['ka', 'to', 'mi', 'sen', 'ra', 'ß', 'über', 'да', 'нет', '信', '用', ' '];
    const word = (): string => drawn(1 + random.below(6), () => random.pick(syllables)).join('');
    for (const size of [100, 1000, 10_000]) {
      const keywords = distinctLower(drawn(size, word));
      const find = compiled(keywords);
      for (let prompt = 0; prompt < 20; prompt += 1) {
        assertSame(find, keywords, drawn(random.below(200), word).join('').toUpperCase());
      }
    }
  });

  it('are found where each is a piece of the next', () => {
    const keywords = Array.from({ length: 300 }, (_, length) => 'a'.repeat(length));
    const find = compiled(keywords);
    for (const length of [0, 1, 150, 299, 300, 1000]) assertSame(find, keywords, 'aA'.repeat(length / 2));
    const nested = Array.from({ length: 200 }, (_, length) => `${'ab'.repeat(length)}c`);
    assertSame(compiled(nested), nested, `${'ab'.repeat(500)}c`);
  });
});
