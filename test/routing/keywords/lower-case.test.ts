// One code point in lower case as part of a longer text, against what `toLowerCase` makes of the whole: all of them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CAPITAL_I_WITH_DOT,
  CAPITAL_SIGMA,
  DOT_ABOVE,
  lowerDelta,
  SMALL_I,
} from '../../../src/routing/keywords/lower-case.js';

const SPECIAL: readonly number[] = [CAPITAL_I_WITH_DOT, CAPITAL_SIGMA];

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
