// The trie of a set of keywords with the fail links of Aho and Corasick: what the compiler works with on the main
// thread, before it is laid out for scanning. States are numbered from 0, the root; a child has a greater number than
// its parent. Flat arrays, for an org may have ten thousand keywords and more.
import { NO_KEYWORD } from './layout.js';

const ROOT = 0;
/** No state is the root's child or sibling. */
const NONE = 0;

export class KeywordTrie {
  /** 0 for a byte that stands in no keyword; both cases of an ASCII letter share a class. */
  readonly classOfByte = new Uint8Array(256);
  readonly classCount: number;
  readonly stateCount: number;
  /** All states, the nearest to the root first. */
  readonly breadthFirst: Int32Array;
  /** The keyword at whose end a state is, or else the longest that ends there. */
  readonly outputs: Int32Array;
  /** For each keyword, the longest other one that it ends with. */
  readonly links: Int32Array;
  readonly #firstChild: Int32Array;
  readonly #nextSibling: Int32Array;
  readonly #classes: Uint8Array;
  readonly #fails: Int32Array;

  /** @param bytes the code units of distinct, lower-cased keywords, each up to its place in `ends`. */
  constructor(bytes: Uint8Array, ends: Int32Array) {
    this.classCount = assignClasses(bytes, this.classOfByte);
    const capacity = bytes.length + 1;
    this.#firstChild = new Int32Array(capacity);
    this.#nextSibling = new Int32Array(capacity);
    this.#classes = new Uint8Array(capacity);
    this.#fails = new Int32Array(capacity);
    this.outputs = new Int32Array(capacity).fill(NO_KEYWORD);
    this.links = new Int32Array(ends.length).fill(NO_KEYWORD);
    this.stateCount = this.#insertAll(bytes, ends);
    this.breadthFirst = new Int32Array(this.stateCount);
    this.#link();
  }

  /** 0: none. */
  firstChild(state: number): number {
    return this.#firstChild[state] ?? NONE;
  }

  /** 0: none. */
  nextSibling(state: number): number {
    return this.#nextSibling[state] ?? NONE;
  }

  childCount(state: number): number {
    let count = 0;
    for (let child = this.firstChild(state); child !== NONE; child = this.nextSibling(child)) count += 1;
    return count;
  }

  /** The class of the byte that leads to the state. */
  classOf(state: number): number {
    return this.#classes[state] ?? 0;
  }

  isLeaf(state: number): boolean {
    return state !== ROOT && this.firstChild(state) === NONE;
  }

  hasOutput(state: number): boolean {
    return this.outputs[state] !== NO_KEYWORD;
  }

  /** The state of the longest end of this state's text that is another state's text, and that has children. */
  fail(state: number): number {
    return this.#fails[state] ?? ROOT;
  }

  #insertAll(bytes: Uint8Array, ends: Int32Array): number {
    let stateCount = 1;
    let index = 0;
    for (const [keyword, end] of ends.entries()) {
      if (index === end) continue;
      let state = ROOT;
      for (; index < end; index += 1) {
        const byteClass = this.classOfByte[bytes[index] ?? 0] ?? 0;
        let child = this.#child(state, byteClass);
        if (child === NONE) {
          child = stateCount++;
          this.#classes[child] = byteClass;
          this.#nextSibling[child] = this.firstChild(state);
          this.#firstChild[state] = child;
        }
        state = child;
      }
      if (this.hasOutput(state)) throw new Error(`keyword ${keyword} is there twice`);
      this.outputs[state] = keyword;
    }
    return stateCount;
  }

  #child(state: number, byteClass: number): number {
    let child = this.firstChild(state);
    while (child !== NONE && this.#classes[child] !== byteClass) child = this.nextSibling(child);
    return child;
  }

  /** Fills in the order, and the links, which lead from a state to one nearer to the root. */
  #link(): void {
    let count = 1;
    for (const state of this.breadthFirst) {
      for (let child = this.firstChild(state); child !== NONE; child = this.nextSibling(child)) {
        this.breadthFirst[count++] = child;
        if (state !== ROOT) this.#linkState(child, this.#failOfChild(state, this.classOf(child)));
      }
    }
  }

  #failOfChild(parent: number, byteClass: number): number {
    let state = parent;
    for (;;) {
      if (state === ROOT) return ROOT;
      state = this.fail(state);
      const child = this.#child(state, byteClass);
      if (child !== NONE) return child;
    }
  }

  #linkState(state: number, longestEnd: number): void {
    const output = this.outputs[longestEnd] ?? NO_KEYWORD;
    const own = this.outputs[state] ?? NO_KEYWORD;
    if (own === NO_KEYWORD) this.outputs[state] = output;
    else this.links[own] = output;
    // From a leaf every way leads on from its own fail state.
    this.#fails[state] = this.isLeaf(longestEnd) ? this.fail(longestEnd) : longestEnd;
  }
}

/** Returns the number of classes, that of the bytes in no keyword included. */
function assignClasses(bytes: Uint8Array, classOfByte: Uint8Array): number {
  for (const byte of bytes) classOfByte[byte] = 1;
  let count = 1;
  for (const [byte, isUsed] of classOfByte.entries()) {
    if (isUsed === 1) classOfByte[byte] = count++;
  }
  for (let letter = 0x61; letter <= 0x7a; letter += 1) {
    classOfByte[letter - 0x20] = classOfByte[letter] ?? 0;
  }
  return count;
}
