// Whether a Σ is the last letter of a word, and so a ς in lower case. What decides that may be any distance away: in a long
// prompt it is looked for bit by bit, as all else is, so that a worker serves others in between.
import { CodePointTable } from './code-point-table.js';
import { codePointAt, startOfCodePoint, utf8Size } from './code-units.js';

const OTHER = 0;
const CASED = 1;
/** Looked through when what stands around a sigma is looked for, even if it has a case itself. */
const IGNORABLE = 2;

const contexts = new CodePointTable((codePoint) => {
  const text = String.fromCodePoint(codePoint);
  return /\p{Case_Ignorable}/u.test(text) ? IGNORABLE : /\p{Cased}/u.test(text) ? CASED : OTHER;
});

const SIGMA_BYTES = 2;
const NONE = -1;

export class FinalSigma {
  /** The Σ that isn't decided yet; where it goes on, and on which side. */
  #undecided = NONE;
  #next = 0;
  #isBehind = false;

  get isUndecided(): boolean {
    return this.#undecided !== NONE;
  }

  /**
   * Whether the Σ at `at` of the UTF-8 text `bytes[start…end)` is the last letter of a word: the condition Final_Sigma
   * of the Unicode Standard, section 3.13. No run of ignorable code points is looked through more than twice, for a Σ
   * is none of them.
   *
   * @param bytesMax looks through about as many on either side.
   * @returns undefined: these weren't enough; it goes on when it is asked for the same again, and must be before any other.
   */
  decide(bytes: Uint8Array, start: number, end: number, at: number, bytesMax: number): boolean | undefined {
    let index = at;
    let isBehind = false;
    if (this.#undecided !== NONE) {
      index = this.#next;
      isBehind = this.#isBehind;
      this.#undecided = NONE;
    }
    if (!isBehind) {
      const least = Math.max(start, index - bytesMax);
      let before: number = IGNORABLE;
      while (before === IGNORABLE && index > least) {
        index = startOfCodePoint(bytes, start, index - 1);
        before = contexts.get(codePointAt(bytes, index));
      }
      if (before === IGNORABLE && index > start) return this.#goOn(at, index, false);
      if (before !== CASED) return false;
      index = at + SIGMA_BYTES;
    }
    const last = Math.min(end, index + bytesMax);
    while (index < last) {
      const after = contexts.get(codePointAt(bytes, index));
      if (after !== IGNORABLE) return after !== CASED;
      index += utf8Size(bytes[index] ?? 0);
    }
    return index < end ? this.#goOn(at, index, true) : true;
  }

  #goOn(at: number, index: number, isBehind: boolean): undefined {
    this.#undecided = at;
    this.#next = index;
    this.#isBehind = isBehind;
    return undefined;
  }
}
