// The memory of an index, as each kind of value in it is read.
export class IndexMemory {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly doubles: Float64Array;

  /** @param words as write-index.ts made them, at a multiple of 8 bytes from the start of their buffer. */
  constructor(words: Int32Array) {
    const { buffer, byteOffset, byteLength } = words;
    this.words = words;
    this.bytes = new Uint8Array(buffer, byteOffset, byteLength);
    this.doubles = new Float64Array(buffer, byteOffset, byteLength >> 3);
  }
}
