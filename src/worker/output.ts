// Gathers the answers to one batch of frames, so that they leave in one write. The memory is the thread's own and
// used again at once: a batch is gathered and taken without anything else happening in between.
import { RESULT_HEAD_BYTES, writeResultHead } from '../protocol/answers.js';

/** A batch is taken when it is this full, which bounds what one read can make a connection owe. */
export const BATCH_BYTES = 64 * 1024;

export class OutputBatch {
  #memory = Buffer.allocUnsafeSlow(BATCH_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A successful answer, from the bytes of its result. */
  addResult(id: number, result: Buffer): void {
    this.#reserve(RESULT_HEAD_BYTES + result.length);
    const at = writeResultHead(this.#memory, this.#length, id, result.length);
    this.#length = at + result.copy(this.#memory, at);
  }

  /** A whole frame. */
  addFrame(frame: Buffer): void {
    this.#reserve(frame.length);
    this.#length += frame.copy(this.#memory, this.#length);
  }

  /** All that was added, in memory of its own. */
  take(): Buffer {
    const bytes = Buffer.allocUnsafe(this.#length);
    this.#memory.copy(bytes, 0, 0, this.#length);
    this.#length = 0;
    if (this.#memory.length > 4 * BATCH_BYTES) this.#memory = Buffer.allocUnsafeSlow(BATCH_BYTES);
    return bytes;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#memory.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * needed);
    this.#memory.copy(larger, 0, 0, this.#length);
    this.#memory = larger;
  }
}
