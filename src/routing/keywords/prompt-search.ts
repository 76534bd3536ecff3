// Which keywords a long prompt contains, found bit by bit: a search for thousands of them in a megabyte takes
// milliseconds, in which a worker would serve nobody else. A decision that is attempted with such a search notes what it
// lacks; whoever makes it goes on with the search in between other things, and then attempts the decision again.
import { KeywordScan, keywordBytes } from './keyword-scan.js';
import { HEADER, type Words } from './layout.js';
import { beginScan, continueScan, scanKeywords } from './scan-keywords.js';

/** A prompt up to this long is searched at once. */
export const LONG_PROMPT_BYTES = 16 * 1024;

/**
 * The same where keywords are few: they are found several times as fast. That is a millisecond at worst, where each letter has
 * another lower case, or a keyword is nearly there at each.
 */
const LONG_FOR_FEW_BYTES = 64 * 1024;

/** What the automaton of one block at one place has to find. */
interface Lack {
  readonly words: Words;
  readonly at: number;
  readonly scan: KeywordScan;
  isBegun: boolean;
}

/** Keywords that were found are gone through this many at a time, for each byte that is searched at a time. */
const HITS_PER_BYTE = 1 / 4;

const NOTHING = new Int32Array(0);

/** How far the keywords that were found have been gone through. */
export interface Pause {
  /** Those of the section of the index at this place. */
  readonly section: number;
  /** So many are left. */
  readonly hits: number;
  /** What the others lead to. */
  readonly row: number;
}

export class PromptSearch {
  /** What was found, by where the automaton is. */
  readonly #found = new Map<number, Int32Array<ArrayBuffer>>();
  /** Whose automata these were. */
  #words: Words | undefined;
  #lack: Lack | undefined;
  #pause: Pause | undefined;
  #hitsMax = 1;

  /** Whether the decision that was attempted last is none: it needs `advance` until this is false, and another attempt. */
  get isLacking(): boolean {
    return this.#lack !== undefined || this.#pause !== undefined;
  }

  /** How many of the keywords that were found are to be gone through in one attempt at the decision. */
  get hitsMax(): number {
    return this.#hitsMax;
  }

  /** There are more; the next attempt goes on from there. */
  pause(pause: Pause): void {
    this.#pause = pause;
  }

  /** Where the attempt before was at with the keywords of a section. */
  resume(section: number): Pause | undefined {
    const pause = this.#pause;
    if (pause?.section !== section) return undefined;
    this.#pause = undefined;
    return pause;
  }

  /** The memory that the search takes for the keywords that it looks for. */
  get keywordBytes(): number {
    return this.#lack === undefined
      ? 0
      : keywordBytes(this.#lack.words[this.#lack.at + HEADER.keywordCount] ?? 0);
  }

  /**
   * The keywords that `scanKeywords` finds, where that is done or doesn't take long. Otherwise nothing is found, and the
   * search is lacking.
   *
   * @param hits takes them, if they are found at once.
   */
  find(
    words: Words,
    at: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    hits: Int32Array<ArrayBuffer>,
  ): Int32Array<ArrayBuffer> {
    if (words !== this.#words) {
      this.#words = words;
      this.#found.clear();
      this.#lack = this.#pause = undefined;
    }
    const found = this.#found.get(at);
    if (found !== undefined) return found;
    const areFew = (words[at + HEADER.fewTexts] ?? 0) !== 0;
    if (areFew && end - start <= LONG_FOR_FEW_BYTES) {
      return hits.subarray(0, scanKeywords(words, at, bytes, start, end, hits));
    }
    // Of several it is the first that is really needed; whether the others are depends on it.
    this.#lack ??= { words, at, scan: new KeywordScan(), isBegun: false };
    return NOTHING;
  }

  /**
   * Goes on for about that many bytes of the prompt, which is `bytes[start…end)`, always the same.
   *
   * @returns whether nothing is lacking any more.
   */
  advance(bytes: Uint8Array, start: number, end: number, bytesMax: number): boolean {
    this.#hitsMax = Math.ceil(bytesMax * HITS_PER_BYTE);
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
