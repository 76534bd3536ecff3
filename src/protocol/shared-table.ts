// A table as it is shipped to the workers: one block of shared memory with the index of its conditions and the bytes of
// every answer that it can give, made once, when it is compiled. Publishing it to any number of workers copies nothing,
// and to open one takes as long for ten thousand routes as for ten.
import { RouteIndex } from '../routing/index/route-index.js';
import type { Table } from '../routing/table.js';
import { resultFrame } from './answers.js';
import { DecisionWriter } from './decision-writer.js';
import { MsgpackReader } from './msgpack-reader.js';

// The head of the block, in words. The index follows at a multiple of 8 bytes, as it must.
const INDEX_WORDS = 0;
const ANSWERS = 1;
const HEAD_WORDS = 2;

// Behind the index there is for each answer where it ends, in bytes from the first one's start, then their bytes.

/** The last byte of an answer says whether the table is stale, which the table itself doesn't know. */
const STALE = 0xc3;

const writer = new DecisionWriter();

export function shareTable({ index, outcomes }: Table): SharedArrayBuffer {
  const ends = outcomes.map((outcome) => {
    writer.write(outcome, false);
    return writer.length;
  });
  const answers = writer.take();
  const wordsBytes = (HEAD_WORDS + index.length + ends.length) * Int32Array.BYTES_PER_ELEMENT;
  const block = new SharedArrayBuffer(wordsBytes + answers.length);
  const words = new Int32Array(block, 0, HEAD_WORDS + index.length + ends.length);
  words[INDEX_WORDS] = index.length;
  words[ANSWERS] = ends.length;
  words.set(index, HEAD_WORDS);
  words.set(ends, HEAD_WORDS + index.length);
  new Uint8Array(block, wordsBytes).set(answers);
  return block;
}

/** How many answers a table has, without opening it. */
export function countAnswers(block: SharedArrayBuffer): number {
  return new Int32Array(block, 0, HEAD_WORDS)[ANSWERS] ?? 0;
}

export class SharedTable {
  readonly index: RouteIndex;
  readonly answers: number;
  readonly #ends: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(block: SharedArrayBuffer) {
    const [indexWords = 0, answers = 0] = new Int32Array(block, 0, HEAD_WORDS);
    const { BYTES_PER_ELEMENT } = Int32Array;
    this.index = new RouteIndex(new Int32Array(block, HEAD_WORDS * BYTES_PER_ELEMENT, indexWords));
    this.answers = answers;
    this.#ends = new Int32Array(block, (HEAD_WORDS + indexWords) * BYTES_PER_ELEMENT, answers);
    this.#bytes = new Uint8Array(block, (HEAD_WORDS + indexWords + answers) * BYTES_PER_ELEMENT);
  }

  /**
   * The frame of an answer, for any id to be put in, in memory of this thread: copied from there into a batch of
   * answers, it takes a third of the time that bytes in shared memory take.
   */
  answerFrame(outcome: number, stale: boolean): Buffer {
    const frame = resultFrame(this.answerBytes(outcome));
    if (stale) frame[frame.length - 1] = STALE;
    return frame;
  }

  /** The id of the route that an answer names; null: it names none. Off the hot path. */
  routeIdOf(outcome: number): string | null {
    const answer = Buffer.from(this.answerBytes(outcome));
    const reader = new MsgpackReader();
    reader.open(answer, 0, answer.length);
    // It is the first key of a decision.
    reader.mapLength();
    reader.key();
    return reader.text() ?? null;
  }

  /** The decision with that outcome, not `stale`, as it lies in the block. */
  answerBytes(outcome: number): Uint8Array {
    const start = outcome === 0 ? 0 : this.#ends[outcome - 1];
    const end = this.#ends[outcome];
    if (start === undefined || end === undefined) throw new RangeError(`a table has no outcome ${outcome}`);
    return this.#bytes.subarray(start, end);
  }
}
