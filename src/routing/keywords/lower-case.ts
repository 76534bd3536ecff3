// What `toLowerCase` makes of one code point of a longer text. It maps each code point by itself to one other, but for
// two (Unicode, SpecialCasing.txt; the rest of that file is for languages, which toLowerCase doesn't know): İ becomes
// two code points, and Σ at the end of a word becomes ς (final-sigma.ts).
import { CodePointTable } from './code-point-table.js';

export const CAPITAL_SIGMA = 0x3a3;
export const FINAL_SIGMA = 0x3c2;

/** İ: lower-cased it is an i and a dot above. */
export const CAPITAL_I_WITH_DOT = 0x130;
export const SMALL_I = 0x69;
export const DOT_ABOVE = 0x307;

const lowerDeltas = new CodePointTable(
  (codePoint) => (String.fromCodePoint(codePoint).toLowerCase().codePointAt(0) ?? 0) - codePoint,
);

/** What is to be added to a code point to get its lower case; for the two special ones, something other than 0. */
export function lowerDelta(codePoint: number): number {
  return lowerDeltas.get(codePoint);
}
