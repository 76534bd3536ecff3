// Bytes → frames. Reads out of the caller's buffer where it can and keeps only what is left over, so that a chunk
// full of small frames is not copied. "Incomplete" is a value, and an oversize frame is known from its header alone,
// before any of its bytes are kept.
import { FRAME_HEADER_BYTES } from './messages.js';

/** What `next` found: a payload (see `bytes`, `start`, `end`), not enough bytes yet, or a length over the limit. */
export type FrameState = 'frame' | 'incomplete' | 'oversize';

/**
 * A connection that sends ordinary requests keeps its buffer; one that sent something huge, or much at once, gives it
 * back: thousands of connections that have no more than a few bytes to keep must not hold much for them.
 */
const KEPT_CAPACITY_BYTES = 8 * 1024;

const EMPTY = Buffer.alloc(0);

export class FrameReader {
  readonly #maxFrameBytes: number;
  /** What isn't consumed yet is `#source[#offset … #limit)`: the caller's chunk, or `#kept`. */
  #source: Buffer = EMPTY;
  #offset = 0;
  #limit = 0;
  #kept: Buffer = EMPTY;

  /** Where the payload of the last `frame` is, until the next call of `next`, `push` or `keep`. */
  bytes: Buffer = EMPTY;
  start = 0;
  end = 0;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Memory that is held for a frame that is not whole yet. */
  get keptBytes(): number {
    return this.#kept.length;
  }

  /** A frame has begun and is not whole. */
  get isInFrame(): boolean {
    return this.#offset < this.#limit;
  }

  /**
   * Takes in the first `length` bytes of a chunk. It is only borrowed: call `keep` before its memory is used for
   * something else.
   */
  push(chunk: Buffer, length = chunk.length): void {
    if (this.#offset === this.#limit) {
      this.#source = chunk;
      this.#offset = 0;
      this.#limit = length;
      return;
    }
    const unread = this.#limit - this.#offset;
    this.#own(unread + length);
    chunk.copy(this.#kept, unread, 0, length);
    this.#limit = unread + length;
  }

  next(): FrameState {
    const available = this.#limit - this.#offset;
    if (available < FRAME_HEADER_BYTES) return 'incomplete';
    const length = this.#source.readUInt32BE(this.#offset);
    if (length > this.#maxFrameBytes) return 'oversize';
    if (available - FRAME_HEADER_BYTES < length) return 'incomplete';
    this.bytes = this.#source;
    this.start = this.#offset + FRAME_HEADER_BYTES;
    this.end = this.start + length;
    this.#offset = this.end;
    return 'frame';
  }

  /** Copies what is left over out of the caller's chunk. */
  keep(): void {
    this.bytes = EMPTY;
    const unread = this.#limit - this.#offset;
    if (this.#kept.length > KEPT_CAPACITY_BYTES && unread <= KEPT_CAPACITY_BYTES) this.#kept = EMPTY;
    if (unread === 0) {
      this.#source = EMPTY;
      this.#offset = this.#limit = 0;
    } else if (this.#source !== this.#kept) {
      this.#own(unread);
    }
  }

  /** Moves the unread bytes to the front of `#kept`, which then has room for `capacity` bytes. */
  #own(capacity: number): void {
    const unread = this.#limit - this.#offset;
    let target = this.#kept;
    if (target.length < capacity) {
      // Doubling keeps a frame that comes byte by byte linear. It is not reserved by the length that the header
      // says, for that costs whoever sends it nothing.
      target = Buffer.allocUnsafeSlow(Math.max(capacity, 2 * target.length, 1024));
    }
    if (target !== this.#source || this.#offset > 0) this.#source.copy(target, 0, this.#offset, this.#limit);
    this.#kept = this.#source = target;
    this.#offset = 0;
    this.#limit = unread;
  }
}
