// Copies of answers in memory of this thread, from which they get into a batch in a third of the time that shared memory
// takes. All tables of a worker have room for them together, of a fixed size: an answer is found where its number says,
// and whichever was copied there last has the place. Nothing has to be freed when a table goes; the one that comes after
// it has its places, so that the memory in use is that of the tables in use, however often they change.

/** A power of two. */
const PLACES = 1 << 16;

/** When they are used up, all copies are dropped; those in use are made again. The kernel gives what is used of them. */
const BYTES = 32 * 1024 * 1024;

/** A longer frame isn't kept: it is made again whenever it is given. */
const FRAME_BYTES_MAX = 64 * 1024;

const CACHE_LINE_BYTES = 64;

const EMPTY = -1;

/** The number of the first answer of a table that has none yet: no outcome makes it one that could be found. */
export const NO_COPIES = -(2 ** 30);

export class AnswerCopies {
  readonly #numbers = new Float64Array(PLACES).fill(EMPTY);
  readonly #frames = new Array<Buffer | undefined>(PLACES).fill(undefined);
  readonly #memory = Buffer.allocUnsafeSlow(BYTES);
  #used = 0;
  #nextPlace = 0;
  /** A number is a generation and a place: places come again, numbers don't. */
  #generation = 0;

  /** The first place for so many answers: for one table, and for those that come after it. */
  placesFor(answers: number): number {
    const place = this.#nextPlace;
    this.#nextPlace = (place + answers) & (PLACES - 1);
    return place;
  }

  /** The number of the first of so many answers at those places, which nothing else in this thread has ever had. */
  numbersAt(place: number, answers: number): number {
    const first = this.#generation * PLACES + place;
    // Behind the last place the numbers go on in the next generation.
    this.#generation += 1 + Math.floor((place + answers) / PLACES);
    return first;
  }

  /** Only borrowed: the next copy may take its memory. */
  get(number: number): Buffer | undefined {
    const place = number & (PLACES - 1);
    return this.#numbers[place] === number ? this.#frames[place] : undefined;
  }

  put(number: number, frame: Buffer): void {
    if (frame.length > FRAME_BYTES_MAX) return;
    const place = number & (PLACES - 1);
    const room = this.#roomAt(place, frame.length);
    room.set(frame);
    this.#frames[place] = room;
    this.#numbers[place] = number;
  }

  /** That of the copy that was there before, if it is enough: tables change all the time, and what is used must not grow. */
  #roomAt(place: number, length: number): Buffer {
    const before = this.#frames[place];
    if (before !== undefined && length <= roomFor(before.length)) {
      return Buffer.from(before.buffer, before.byteOffset, length);
    }
    if (this.#used + roomFor(length) > BYTES) {
      this.#numbers.fill(EMPTY);
      this.#frames.fill(undefined);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += roomFor(length);
    return this.#memory.subarray(at, at + length);
  }
}

function roomFor(length: number): number {
  return Math.ceil(length / CACHE_LINE_BYTES) * CACHE_LINE_BYTES;
}
