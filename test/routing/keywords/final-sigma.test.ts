// What a Σ is in lower case, against what `toLowerCase` makes of the whole text, looked for at once and bit by bit.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FinalSigma } from '../../../src/routing/keywords/final-sigma.js';

const utf8 = new TextEncoder();

describe('a capital sigma', () => {
  /** Whether the one Σ of the text is final, as `toLowerCase` and as the function has it. */
  function assertSame(before: string, behind: string): void {
    const text = `${before}Σ${behind}`;
    const [expected, start] = [text.toLowerCase().includes('ς'), 2];
    // Letters before the start and behind the end of the prompt are no part of it.
    const bytes = utf8.encode(`aa${text}aa`);
    const at = start + utf8.encode(before).length;
    const end = bytes.length - 2;
    for (const bytesMax of [bytes.length, 1, 7]) {
      const sigma = new FinalSigma();
      let isFinal = sigma.decide(bytes, start, end, at, bytesMax);
      while (isFinal === undefined) {
        assert.ok(sigma.isUndecided && bytesMax < bytes.length);
        isFinal = sigma.decide(bytes, start, end, at, bytesMax);
      }
      if (isFinal !== expected || sigma.isUndecided)
        assert.fail(`${JSON.stringify(text)} is ${JSON.stringify(text.toLowerCase())}`);
    }
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

  it('is looked around no further at once than it is told to', () => {
    const run = "'".repeat(1000);
    const bytes = utf8.encode(`a${run}Σ${run}`);
    const sigma = new FinalSigma();
    let turns = 1;
    while (sigma.decide(bytes, 0, bytes.length, 1 + run.length, 100) === undefined) turns += 1;
    assert.equal(turns, 20);
  });
});
