// Gathers the answers to one batch of frames, so that they leave in one write. The memory is the thread's own and
// used again at once: a batch is gathered and taken without anything else happening in between.
import { RESULT_ID_OFFSET } from '../protocol/answers.js';

/** A batch is taken when it is this full, which bounds what one read can make a connection owe. */
export const BATCH_BYTES = 64 * 1024;

export class OutputBatch {
  #memory = Buffer.allocUnsafeSlow(BATCH_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A successful answer, from a frame that was made for any id. On the hot path. */
  addResult(id: number, resultFrame: Buffer): void {
    const at = this.#length;
    this.addFrame(resultFrame);
    const memory = this.#memory;
    memory[at + RESULT_ID_OFFSET] = id >>> 24;
    memory[at + RESULT_ID_OFFSET + 1] = id >>> 16;
    memory[at + RESULT_ID_OFFSET + 2] = id >>> 8;
    memory[at + RESULT_ID_OFFSET + 3] = id;
  }

  /** A whole frame. */
  addFrame(frame: Buffer): void {
    this.#reserve(frame.length);
    this.#memory.set(frame, this.#length);
    this.#length += frame.length;
  }

  /** All that was added. It must be used, or copied, before anything is added again. */
  take(): Buffer {
    const bytes = this.#memory.subarray(0, this.#length);
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
