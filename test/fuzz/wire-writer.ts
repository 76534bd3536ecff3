// Writes MessagePack in every encoding that it has for a value, now and then wrongly: a length that lies, a byte of a text
// that means something else. What is written can then be changed, whatever it means.
import type { Random } from '../support/random.js';
import { TELLING_BYTES } from './wire-samples.js';

export const SCRATCH_BYTES = 256 * 1024;

export class WireWriter {
  readonly #random: Random;
  readonly #bytes = Buffer.alloc(SCRATCH_BYTES);
  #length = 0;
  /** The part of places at which something is wrong. */
  #wrong = 0;
  /** The number of places before the only one at which something is wrong. */
  #placesLeft = Infinity;
  /** Everything is encoded as nearly every client encodes it. */
  #isPlain = false;

  constructor(random: Random) {
    this.#random = random;
  }

  /** What was written, in memory of its own. */
  get written(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#length));
  }

  /** Starts anew, with a style of its own: how much is wrong, and how odd what is right. */
  begin(): void {
    const random = this.#random;
    this.#length = 0;
    this.#wrong = random.pick([0, 0, 0, 0.02, 0.2]);
    this.#placesLeft = random.chance(0.5) ? random.below(40) : Infinity;
    this.#isPlain = random.chance(0.5);
  }

  /** Starts anew, from bytes that are there. */
  beginWith(bytes: Uint8Array): void {
    this.#length = 0;
    this.put(bytes);
  }

  /** Whether something is to be wrong at the place that is next. */
  isWrong(): boolean {
    this.#placesLeft -= 1;
    if (this.#placesLeft === 0) return true;
    return this.#wrong > 0 && this.#random.chance(this.#wrong);
  }

  /** An integer in one of the encodings that can hold it, mostly the shortest. */
  int(value: number): void {
    const random = this.#random;
    const isShortest = this.#isPlain || random.chance(0.6);
    if (isShortest && value >= -32 && value <= 127) return this.byte(value & 0xff);
    const wider = isShortest ? 0 : random.below(4);
    if (value >= 0 && (this.#isPlain || random.chance(0.8))) {
      const size = Math.min(3, wider + (value < 2 ** 8 ? 0 : value < 2 ** 16 ? 1 : value < 2 ** 32 ? 2 : 3));
      this.byte(0xcc + size);
      if (size === 3) this.#length = this.#bytes.writeBigUInt64BE(BigInt(value), this.#length);
      else this.#length = this.#bytes.writeUIntBE(value, this.#length, 2 ** size);
      return;
    }
    const least =
      value >= -(2 ** 7) && value < 2 ** 7
        ? 0
        : value >= -(2 ** 15) && value < 2 ** 15
          ? 1
          : value >= -(2 ** 31) && value < 2 ** 31
            ? 2
            : 3;
    const size = Math.min(3, wider + least);
    this.byte(0xd0 + size);
    if (size === 3) this.#length = this.#bytes.writeBigInt64BE(BigInt(value), this.#length);
    else this.#length = this.#bytes.writeIntBE(value, this.#length, 2 ** size);
  }

  float(value: number): void {
    if (!this.#isPlain && this.#random.chance(0.3)) {
      this.byte(0xca);
      this.#length = this.#bytes.writeFloatBE(value, this.#length);
    } else {
      this.byte(0xcb);
      this.#length = this.#bytes.writeDoubleBE(value, this.#length);
    }
  }

  text(text: string): void {
    const bytes = Buffer.from(text);
    if (this.isWrong() && bytes.length > 0)
      bytes[this.#random.below(bytes.length)] = this.#random.pick(TELLING_BYTES);
    if (bytes.length < 32 && (this.#isPlain || this.#random.chance(0.8))) {
      this.byte(0xa0 | bytes.length);
      this.put(bytes);
    } else {
      this.sized(0xd9, bytes);
    }
  }

  /** Bytes behind a tag and a length of 8, 16 or 32 bits. */
  sized(tag: number, bytes: Uint8Array): void {
    const isShort = bytes.length < 256 && (this.#isPlain || this.#random.chance(0.7));
    const size = isShort ? 0 : 1 + this.#random.below(2);
    this.byte(tag + size);
    const length = this.isWrong() ? this.#random.pick([0, bytes.length + 1, 200]) : bytes.length;
    this.#length = this.#bytes.writeUIntBE(Math.min(length, 256 ** (2 ** size) - 1), this.#length, 2 ** size);
    this.put(bytes);
  }

  list(length: number): void {
    this.#container(0x90, 0xdc, length);
  }

  map(length: number): void {
    this.#container(0x80, 0xde, length);
  }

  #container(fix: number, tag: number, length: number): void {
    const said = this.isWrong() ? this.#random.pick([0, length + 1, 15]) : length;
    if (said < 16 && (this.#isPlain || this.#random.chance(0.8))) return this.byte(fix | said);
    const size = this.#random.below(2);
    this.byte(tag + size);
    const huge = this.isWrong() ? this.#random.pick([0xffff, 0x7fff]) : said;
    this.#length = this.#bytes.writeUIntBE(huge, this.#length, 2 << size);
  }

  byte(value: number): void {
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  put(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Something is done to what was written, whatever it means. @param others bytes of which parts may be taken. */
  change(others: readonly Buffer[]): void {
    const random = this.#random;
    const at = random.below(this.#length + 1);
    const some = 1 + random.below(8);
    switch (random.below(8)) {
      case 0:
        this.#bytes[at] = (this.#bytes[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 1:
        this.#bytes[at] = random.pick(TELLING_BYTES);
        break;
      case 2:
        this.#bytes[at] = random.below(256);
        break;
      case 3:
        this.#length = at;
        break;
      case 4:
        this.#replace(at, 0, random.bytes(some));
        break;
      case 5:
        this.#replace(at, some, Buffer.alloc(0));
        break;
      case 6:
        this.#replace(at, 0, Buffer.from(this.#bytes.subarray(at, at + some)));
        break;
      default:
        if (others.length > 0) {
          const other = random.pick(others);
          const from = random.below(other.length + 1);
          this.#replace(at, some, other.subarray(from, from + 4 * some));
        }
    }
  }

  #replace(at: number, count: number, bytes: Uint8Array): void {
    const rest = Buffer.from(this.#bytes.subarray(Math.min(at + count, this.#length), this.#length));
    this.#length = Math.min(at, this.#length);
    this.put(bytes);
    this.put(rest);
  }
}
