// A table as it is shipped to the workers: one block of shared memory with the index of its conditions and the bytes of
// every answer that it can give, made once, when it is compiled. Publishing it to any number of workers copies nothing,
// and to open one takes as long for ten thousand routes as for ten.
import { RouteIndex } from '../routing/index/route-index.js';
import type { Signals } from '../routing/signals.js';
import type { Table } from '../routing/table.js';
import { resultFrame } from './answers.js';
import { DecisionWriter } from './decision-writer.js';
import { MsgpackReader } from './msgpack-reader.js';

// The index comes first, so that one view of the whole block reads it and all that follows: for each answer where it ends,
// in bytes from the first one's start; the answers, filled up to doubles; and in the last words of the block:

/** Where the ends are, in words. */
const ENDS = 2;
const ANSWERS = 1;
const TAIL_WORDS = 2;

/** The last byte of an answer says whether the table is stale, which the table itself doesn't know. */
const STALE = 0xc3;

const { BYTES_PER_ELEMENT: WORD_BYTES } = Int32Array;

const writer = new DecisionWriter();

export function shareTable({ index, outcomes }: Table): SharedArrayBuffer {
  const ends = outcomes.map((outcome) => {
    writer.write(outcome, false);
    return writer.length;
  });
  const answers = writer.take();
  const answersAt = (index.length + ends.length) * WORD_BYTES;
  const bytes = answersAt + answers.length + TAIL_WORDS * WORD_BYTES;
  const words = new Int32Array(new SharedArrayBuffer(Math.ceil(bytes / 8) * 8));
  words.set(index);
  words.set(ends, index.length);
  new Uint8Array(words.buffer, answersAt).set(answers);
  words[words.length - ENDS] = index.length;
  words[words.length - ANSWERS] = ends.length;
  return words.buffer;
}

export class SharedTable {
  readonly #index: RouteIndex;

  constructor(block: SharedArrayBuffer) {
    this.#index = new RouteIndex(new Int32Array(block));
  }

  /** How many answers there are. */
  get answers(): number {
    const { words } = this.#index;
    return words[words.length - ANSWERS] ?? 0;
  }

  /** The number of the outcome that a request selects. */
  select(signals: Signals): number {
    return this.#index.select(signals);
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
    const { words } = this.#index;
    const { answers } = this;
    if (!(outcome >= 0 && outcome < answers)) throw new RangeError(`a table has no outcome ${outcome}`);
    const endsAt = words[words.length - ENDS] ?? 0;
    const start = outcome === 0 ? 0 : (words[endsAt + outcome - 1] ?? 0);
    const end = words[endsAt + outcome] ?? 0;
    return new Uint8Array(words.buffer, (endsAt + answers) * WORD_BYTES + start, end - start);
  }
}
