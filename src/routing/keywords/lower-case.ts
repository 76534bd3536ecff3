// What `toLowerCase` makes of one code point of a longer text. It maps each code point by itself to one other, but for
// two (Unicode, SpecialCasing.txt; the rest of that file is for languages, which toLowerCase doesn't know): İ becomes
// two code points, and Σ at the end of a word becomes ς.
import { CodePointTable } from './code-point-table.js';
import { codePointAt, startOfCodePoint, utf8Size } from './code-units.js';

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

const OTHER = 0;
const CASED = 1;
/** Looked through when what stands around a sigma is looked for, even if it has a case itself. */
const IGNORABLE = 2;

const contexts = new CodePointTable((codePoint) => {
  const text = String.fromCodePoint(codePoint);
  return /\p{Case_Ignorable}/u.test(text) ? IGNORABLE : /\p{Cased}/u.test(text) ? CASED : OTHER;
});

/**
 * Whether the Σ at `at` of the UTF-8 text `bytes[start…end)` is the last letter of a word: the condition Final_Sigma
 * of the Unicode Standard, section 3.13. No run of ignorable code points is looked through more than twice, for a Σ
 * is none of them.
 */
export function isFinalSigma(bytes: Uint8Array, start: number, end: number, at: number): boolean {
  let before: number = OTHER;
  for (let index = at; index > start;) {
    index = startOfCodePoint(bytes, start, index - 1);
    before = contexts.get(codePointAt(bytes, index));
    if (before !== IGNORABLE) break;
  }
  if (before !== CASED) return false;
  for (let index = at + 2; index < end; index += utf8Size(bytes[index] ?? 0)) {
    const after = contexts.get(codePointAt(bytes, index));
    if (after !== IGNORABLE) return after !== CASED;
  }
  return true;
}
