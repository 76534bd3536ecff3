// Gathers answers, so that those to one read leave in one write, and the writes of all connections that were read in
// one turn of the loop leave together at its end. To write wakes a client that sleeps, and to wake somebody takes
// longer than to answer a dozen requests; a client that serves many connections is awake for all writes but the first.
// The memory is the thread's own and used again at once.
import { ANSWER_ID_OFFSET } from '../protocol/answers.js';

/** Answers to one read are sent when they are this many, which bounds what one read can make a connection owe. */
export const BATCH_BYTES = 64 * 1024;

/** Of all connections together, before the end of the turn. */
const TURN_BYTES_MAX = 256 * 1024;

/** Whose answers they are. */
export interface Recipient {
  /** Takes the bytes, which are only borrowed. */
  send(bytes: Buffer): void;
}

/** What has become of a batch: called when it has been sent. */
export type OnSent = (answers: number, readAtMs: number) => void;

export class Output {
  readonly #schedule: (task: () => void) => void;
  readonly #onSent: OnSent;
  #memory = Buffer.allocUnsafeSlow(BATCH_BYTES);
  #length = 0;
  /** Where the batch begins that is being gathered. */
  #start = 0;
  #batches = 0;
  /** The first `#batches` of each are in use. */
  readonly #recipients: Recipient[] = [];
  readonly #ends: number[] = [];
  readonly #counts: number[] = [];
  readonly #readAtMs: number[] = [];

  /** @param schedule calls back at the end of the loop's turn. */
  constructor(schedule: (task: () => void) => void, onSent: OnSent) {
    this.#schedule = schedule;
    this.#onSent = onSent;
  }

  /** The bytes of the batch that is being gathered. */
  get length(): number {
    return this.#length - this.#start;
  }

  /** An answer, from a frame that was made for any id. On the hot path. */
  addAnswer(id: number, frame: Buffer): void {
    const at = this.#length;
    this.addFrame(frame);
    const memory = this.#memory;
    memory[at + ANSWER_ID_OFFSET] = id >>> 24;
    memory[at + ANSWER_ID_OFFSET + 1] = id >>> 16;
    memory[at + ANSWER_ID_OFFSET + 2] = id >>> 8;
    memory[at + ANSWER_ID_OFFSET + 3] = id;
  }

  /** A whole frame. */
  addFrame(frame: Buffer): void {
    this.#reserve(frame.length);
    this.#memory.set(frame, this.#length);
    this.#length += frame.length;
  }

  /**
   * What was gathered is a batch of that recipient's; it is sent at the end of the turn.
   *
   * @param answers how many of them are to be measured as answers to what was read at `readAtMs`.
   */
  end(recipient: Recipient, answers: number, readAtMs: number): void {
    if (this.#length === this.#start) return;
    if (this.#batches === 0) this.#schedule(this.flush);
    this.#recipients[this.#batches] = recipient;
    this.#ends[this.#batches] = this.#length;
    this.#counts[this.#batches] = answers;
    this.#readAtMs[this.#batches] = readAtMs;
    this.#batches += 1;
    this.#start = this.#length;
    if (this.#length > TURN_BYTES_MAX) this.flush();
  }

  /** Sends all batches now. Nothing must be gathered at that moment that isn't a batch yet. */
  readonly flush = (): void => {
    const batches = this.#batches;
    if (batches === 0) return;
    let start = 0;
    for (let batch = 0; batch < batches; batch += 1) {
      const end = this.#ends[batch] ?? start;
      this.#recipients[batch]?.send(this.#memory.subarray(start, end));
      start = end;
    }
    for (let batch = 0; batch < batches; batch += 1) {
      this.#onSent(this.#counts[batch] ?? 0, this.#readAtMs[batch] ?? 0);
    }
    this.#recipients.length = 0;
    this.#batches = 0;
    this.#length = this.#start = 0;
    if (this.#memory.length > 4 * TURN_BYTES_MAX) this.#memory = Buffer.allocUnsafeSlow(BATCH_BYTES);
  };

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#memory.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * needed);
    this.#memory.copy(larger, 0, 0, this.#length);
    this.#memory = larger;
  }
}
