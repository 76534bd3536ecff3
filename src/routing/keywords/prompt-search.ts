// Which keywords a long prompt contains, found bit by bit: a search for thousands of them in a megabyte takes
// milliseconds, in which a worker would serve nobody else. A decision that is attempted with such a search notes what it
// lacks; whoever makes it goes on with the search in between other things, and then attempts the decision again.
import { KeywordScan, keywordBytes } from './keyword-scan.js';
import { HEADER, type Words } from './layout.js';
import { beginScan, continueScan, scanKeywords } from './scan-keywords.js';

/** A prompt up to this long is searched at once. */
export const LONG_PROMPT_BYTES = 16 * 1024;

/** The same where keywords are few: they are found several times as fast. */
const LONG_FOR_FEW_BYTES = 256 * 1024;

/** What the automaton of one block at one place has to find. */
interface Lack {
  readonly words: Words;
  readonly at: number;
  readonly scan: KeywordScan;
  isBegun: boolean;
}

export class PromptSearch {
  /** What was found, by where the automaton is. */
  readonly #found = new Map<number, Int32Array>();
  /** Whose automata these were. */
  #words: Words | undefined;
  #lack: Lack | undefined;

  /** Whether the decision that was attempted last is none: it needs `advance` until this is false, and another attempt. */
  get isLacking(): boolean {
    return this.#lack !== undefined;
  }

  /** The memory that the search takes for the keywords that it looks for. */
  get keywordBytes(): number {
    return this.#lack === undefined
      ? 0
      : keywordBytes(this.#lack.words[this.#lack.at + HEADER.keywordCount] ?? 0);
  }

  /** As `scanKeywords`, where that is done or doesn't take long. Otherwise nothing is found, and the search is lacking. */
  find(
    words: Words,
    at: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    hits: Int32Array<ArrayBuffer>,
  ): number {
    if (words !== this.#words) {
      this.#words = words;
      this.#found.clear();
      this.#lack = undefined;
    }
    const found = this.#found.get(at);
    if (found !== undefined) {
      hits.set(found);
      return found.length;
    }
    const areFew = (words[at + HEADER.fewTexts] ?? 0) !== 0;
    if (areFew && end - start <= LONG_FOR_FEW_BYTES) return scanKeywords(words, at, bytes, start, end, hits);
    // Of several it is the first that is really needed; whether the others are depends on it.
    this.#lack ??= { words, at, scan: new KeywordScan(), isBegun: false };
    return 0;
  }

  /**
   * Goes on for about that many bytes of the prompt, which is `bytes[start…end)`, always the same.
   *
   * @returns whether nothing is lacking any more.
   */
  advance(bytes: Uint8Array, start: number, end: number, bytesMax: number): boolean {
    if (this.#lack === undefined) return true;
    const { words, at, scan, isBegun } = this.#lack;
    if (!isBegun) {
      beginScan(scan, words, at, start, new Int32Array(words[at + HEADER.keywordCount] ?? 0));
      this.#lack.isBegun = true;
    }
    const limit = Math.max(scan.next, scan.window) + bytesMax;
    if (!continueScan(scan, words, at, bytes, start, end, limit)) return false;
    this.#found.set(at, scan.hits.subarray(0, scan.count));
    this.#lack = undefined;
    return true;
  }
}
