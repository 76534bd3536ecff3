// How far a prompt has been searched for keywords, and what was found in it until there: scan-keywords.ts goes on from it.
// A thread has one for the prompts that it searches at once, and one for each that it searches bit by bit.
import { FinalSigma } from './final-sigma.js';

/** What a search for so many keywords takes of memory: a word for each that is found, and two bits for each. */
export function keywordBytes(keywordCount: number): number {
  return 4 * keywordCount + keywordCount / 4;
}

export class KeywordScan {
  /** Ids of the keywords that were found, each once; the first `count` are in use. */
  hits = new Int32Array(0);
  count = 0;
  /** One bit for each keyword that was found. */
  found = new Uint32Array(32);
  /** Every keyword that begins before this place was reported, but for that of `state`. */
  next = 0;
  /** Behind `next`, the filter has seen that no keyword begins until a stride before this place. */
  window = 0;
  /** The automaton was interrupted at `next`, in this state; it would go on until there without the filter. */
  isMidway = false;
  state = 0;
  until = 0;
  /** What the automaton was interrupted for at a Σ, if it was. */
  readonly sigma = new FinalSigma();
  /** How far the automaton went last without the filter. */
  unfilteredBytes = 0;

  /** Begins a search. @param hits room for as many ids as there are keywords. */
  begin(hits: Int32Array<ArrayBuffer>, keywordCount: number, start: number): void {
    if (this.found.length << 5 < keywordCount) this.found = new Uint32Array((keywordCount >> 4) + 1);
    this.hits = hits;
    this.count = 0;
    this.next = this.window = start;
    this.isMidway = false;
    this.unfilteredBytes = 0;
  }

  /** So that another search can begin. */
  end(): void {
    for (let hit = 0; hit < this.count; hit += 1) this.found[(this.hits[hit] ?? 0) >> 5] = 0;
  }
}
