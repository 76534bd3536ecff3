// One code point in lower case as part of a longer text, against what `toLowerCase` makes of the whole: all of them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CAPITAL_I_WITH_DOT,
  CAPITAL_SIGMA,
  DOT_ABOVE,
  isFinalSigma,
  lowerDelta,
  SMALL_I,
} from '../../../src/routing/keywords/lower-case.js';

const SPECIAL: readonly number[] = [CAPITAL_I_WITH_DOT, CAPITAL_SIGMA];
const utf8 = new TextEncoder();

describe('the lower case of a code point', () => {
  it('is one code point, for all but the special ones', () => {
    for (let codePoint = 0; codePoint < 0x11_0000; codePoint += 1) {
      if (SPECIAL.includes(codePoint)) continue;
      const lower = String.fromCodePoint(codePoint + lowerDelta(codePoint));
      if (lower !== String.fromCodePoint(codePoint).toLowerCase()) assert.fail(codePoint.toString(16));
    }
  });

  it('is something else for the special ones', () => {
    assert.equal(String.fromCodePoint(SMALL_I, DOT_ABOVE), 'İ'.toLowerCase());
    for (const codePoint of SPECIAL) assert.notEqual(lowerDelta(codePoint), 0);
  });

  it('depends on what stands around it for sigma alone', () => {
    // Σ before and behind gives the context in which letters could differ, were there others that do.
    for (let codePoint = 0; codePoint < 0x11_0000; codePoint += 1) {
      if (SPECIAL.includes(codePoint)) continue;
      const text = String.fromCodePoint(codePoint);
      if (!`a${text}.A`.toLowerCase().startsWith(`a${text.toLowerCase()}`))
        assert.fail(codePoint.toString(16));
    }
  });
});

describe('a capital sigma', () => {
  /** Whether the one Σ of the text is final, as `toLowerCase` and as the function has it. */
  function assertSame(before: string, behind: string): void {
    const text = `${before}Σ${behind}`;
    const [expected, start] = [text.toLowerCase().includes('ς'), 2];
    // Letters before the start and behind the end of the prompt are no part of it.
    const bytes = utf8.encode(`aa${text}aa`);
    const at = start + utf8.encode(before).length;
    if (isFinalSigma(bytes, start, bytes.length - 2, at) === expected) return;
    assert.fail(`${JSON.stringify(text)} is ${JSON.stringify(text.toLowerCase())}`);
  }

  it('is final where toLowerCase says so, whatever code point stands on either side', () => {
    for (let codePoint = 0; codePoint < 0x11_0000; codePoint += 1) {
      // Beyond are ideographs, and planes without characters: sampled.
      if (codePoint > 0x2_0000 && codePoint < 0xe_0000) codePoint += 0xfff;
      const text = String.fromCodePoint(codePoint);
      if (text === 'Σ' || text === 'ς' || !text.isWellFormed()) continue;
      assertSame(text, '');
      assertSame(`a${text}`, '');
      assertSame('a', text);
      assertSame('a', `${text}b`);
    }
  });

  it('is looked around across any number of ignorable code points', () => {
    const dots = '.\u0301\u{e0001}:'.repeat(50);
    for (const before of ['', 'a', '1', 'ʰ', '\u{10400}']) {
      for (const behind of ['', 'a', '1', 'ʰ', '\u{10400}', '中']) {
        assertSame(before, behind);
        assertSame(`${before}${dots}`, behind);
        assertSame(before, `${dots}${behind}`);
        assertSame(`${before}${dots}`, `${dots}${behind}`);
      }
    }
  });
});
