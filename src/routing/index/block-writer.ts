// Memory that an index is written into, word by word. It grows by doubling, and is used again for the next index: a
// table is compiled at once, without anything else happening in between.

const FIRST_WORDS = 1 << 14;

/** What a huge table needed isn't kept for those that come after it. */
const KEPT_WORDS_MAX = 1 << 20;

const encoder = new TextEncoder();

export class BlockWriter {
  #words = new Int32Array(FIRST_WORDS);
  #bytes = new Uint8Array(this.#words.buffer);
  #view = new DataView(this.#words.buffer);
  #length = 0;

  /** In words. */
  get length(): number {
    return this.#length;
  }

  /** Room for that many words, all zero; returns its offset. */
  reserve(words: number): number {
    const at = this.#length;
    if (at + words > this.#words.length) {
      const larger = new Int32Array(2 * (at + words));
      larger.set(this.#words.subarray(0, at));
      this.#use(larger);
    }
    this.#length = at + words;
    return at;
  }

  set(at: number, word: number): void {
    this.#words[at] = word;
  }

  append(words: ArrayLike<number>): number {
    const at = this.reserve(words.length);
    this.#words.set(words, at);
    return at;
  }

  /** What was written, as it lies in memory; no longer good once something is appended. */
  get view(): DataView {
    return this.#view;
  }

  get(at: number): number {
    return this.#words[at] ?? 0;
  }

  /** A well-formed text in UTF-8: the number of bytes in a word, then the bytes, filled up to whole words. */
  appendText(text: string): number {
    const { length } = text;
    const at = this.reserve(1 + Math.ceil(length / 4));
    const start = (at + 1) * 4;
    // Nearly all are ASCII, and short: the system's encoder takes longer to be called.
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) {
        this.#bytes.fill(0, start, start + index);
        this.#length = at;
        return this.#appendBytes(encoder.encode(text));
      }
      this.#bytes[start + index] = code;
    }
    this.#words[at] = length;
    return at;
  }

  #appendBytes(bytes: Uint8Array): number {
    const at = this.reserve(1 + Math.ceil(bytes.length / 4));
    this.#words[at] = bytes.length;
    this.#bytes.set(bytes, (at + 1) * 4);
    return at;
  }

  /** At an even offset, as doubles need it. */
  appendDoubles(doubles: readonly number[]): number {
    if (this.#length % 2 === 1) this.reserve(1);
    const at = this.reserve(2 * doubles.length);
    new Float64Array(this.#words.buffer, at * 4, doubles.length).set(doubles);
    return at;
  }

  /** What was written, in memory of its own; the writer is as new. */
  take(): Int32Array {
    const block = this.#words.slice(0, this.#length);
    if (this.#words.length > KEPT_WORDS_MAX) this.#use(new Int32Array(FIRST_WORDS));
    else this.#words.fill(0, 0, this.#length);
    this.#length = 0;
    return block;
  }

  #use(words: Int32Array<ArrayBuffer>): void {
    this.#words = words;
    this.#bytes = new Uint8Array(words.buffer);
    this.#view = new DataView(words.buffer);
  }
}
