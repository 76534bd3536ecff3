// Payloads that a client might send, and that no client would: requests with every value in every encoding that
// MessagePack has for it, some with a value of another kind, a key twice, a length that lies, and then bytes changed at
// random, or taken from other inputs that were worth keeping.
import type { Random } from '../support/random.js';
import {
  COSTS,
  KEYS,
  NUMBERS,
  ORG_COUNT,
  TELLING_BYTES,
  TEXTS,
  WRONG_NUMBERS,
  orgOf,
} from './wire-samples.js';

const SCRATCH_BYTES = 256 * 1024;

export class WireGenerator {
  readonly #random: Random;
  readonly #corpus: readonly Buffer[];
  readonly #bytes = Buffer.alloc(SCRATCH_BYTES);
  #length = 0;
  /** The part of places at which something is wrong. */
  #wrong = 0;
  /** The number of places before the only one at which something is wrong. */
  #placesLeft = Infinity;
  /** Everything is encoded as nearly every client encodes it. */
  #isPlain = false;

  /** @param corpus inputs to change; whoever finds more adds them. */
  constructor(random: Random, corpus: readonly Buffer[]) {
    this.#random = random;
    this.#corpus = corpus;
  }

  /** One payload, in memory of its own. */
  payload(): Buffer {
    const random = this.#random;
    this.#length = 0;
    if (this.#corpus.length > 0 && random.chance(0.2)) {
      this.#put(random.pick(this.#corpus).subarray(0, SCRATCH_BYTES / 2));
    } else {
      this.#wrong = random.pick([0, 0, 0, 0.02, 0.2]);
      this.#placesLeft = random.chance(0.5) ? random.below(40) : Infinity;
      this.#isPlain = random.chance(0.5);
      this.#message();
    }
    for (let changes = random.pick([0, 0, 0, 0, 0, 1, 1, 2, 5]); changes > 0; changes -= 1) this.#change();
    return Buffer.from(this.#bytes.subarray(0, this.#length));
  }

  #message(): void {
    const random = this.#random;
    const kind = random.below(20);
    if (kind === 0) return this.#anything(3);
    if (kind === 1) {
      this.#list(this.#isWrong() ? random.below(5) : 3);
      this.#int(2);
      this.#text(random.pick(['cancelled', '', 'resolve']));
      return this.#anything(random.pick([1, 5, 40]));
    }
    this.#list(this.#isWrong() ? random.below(6) : 4);
    this.#int(this.#isWrong() ? random.pick([1, 2, 3, -1]) : 0);
    if (this.#isWrong()) this.#anything(1);
    else this.#int(random.chance(0.5) ? random.below(1000) : random.pick(NUMBERS));
    if (kind === 2)
      this.#text(random.pick(['explain', 'Resolve', 'hell', 'goaway', 'resolve ', 'm'.repeat(50)]));
    else this.#text(kind < 5 ? 'hello' : 'resolve');
    if (this.#isWrong()) return this.#anything(2);
    this.#list(this.#isWrong() ? random.below(3) : 1);
    this.#params();
  }

  #params(): void {
    const random = this.#random;
    const keys: string[] = ['org_id', 'model'];
    for (let more = random.below(7); more > 0; more -= 1) {
      const key = random.pick(KEYS);
      if (!keys.includes(key)) keys.push(key);
    }
    if (this.#isWrong()) keys.push(random.pick(keys));
    if (this.#isWrong()) keys.splice(random.below(2), 1);
    if (random.chance(0.3)) keys.sort(() => random.next() - 0.5);
    this.#map(this.#isWrong() ? random.below(20) : keys.length);
    for (const key of keys) {
      if (this.#isWrong()) this.#anything(1);
      else this.#text(key);
      if (this.#isWrong()) this.#anything(2);
      else if (random.chance(0.05)) this.#byte(0xc0);
      else this.#valueOf(key);
    }
  }

  #valueOf(key: string): void {
    const random = this.#random;
    switch (key) {
      case 'org_id':
        return this.#orgId();
      case 'model':
      case 'tag':
      case 'prompt':
      case 'content_type':
      case 'force_route':
        return this.#text(this.#someText());
      case 'input_tokens':
      case 'upstream_p95_ms':
      case 'min_revision':
        return this.#int(random.pick(this.#isWrong() ? WRONG_NUMBERS : NUMBERS));
      case 'has_images':
      case 'has_audio':
      case 'has_documents':
      case 'reasoning_class':
        return this.#byte(random.chance(0.5) ? 0xc2 : 0xc3);
      case 'estimated_cost_usd':
        if (random.chance(0.3)) return this.#int(random.pick(NUMBERS));
        return this.#float(this.#isWrong() ? random.pick([NaN, Infinity, -Infinity]) : random.pick(COSTS));
      default:
        return this.#anything(random.pick([1, 1, 2, 4, 31, 32, 33, 34]));
    }
  }

  #someText(): string {
    const random = this.#random;
    const text = random.pick(TEXTS);
    return random.chance(0.2) ? text + random.pick(TEXTS) : text;
  }

  #orgId(): void {
    const random = this.#random;
    const id = orgOf(random.chance(0.95) ? random.below(ORG_COUNT) : random.below(1000));
    if (random.chance(0.3)) {
      const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
      this.#sized(0xc4, this.#isWrong() ? bytes.subarray(1) : bytes);
    } else {
      this.#text(random.chance(0.1) ? id.toUpperCase() : this.#isWrong() ? id.slice(1) : id);
    }
  }

  /** A value of any kind, nested up to so deep. */
  #anything(depth: number): void {
    const random = this.#random;
    if (depth > 1 && random.chance(0.7)) {
      const size = depth > 8 ? 1 : random.below(4);
      if (random.chance(0.5)) {
        this.#list(size);
        for (let left = size; left > 0; left -= 1) this.#anything(depth - 1);
      } else {
        this.#map(size);
        for (let left = size; left > 0; left -= 1) {
          if (random.chance(0.1)) this.#anything(1);
          else this.#text('k');
          this.#anything(depth - 1);
        }
      }
      return;
    }
    switch (random.below(8)) {
      case 0:
        return this.#byte(0xc0);
      case 1:
        return this.#byte(0xc3);
      case 2:
        return this.#float(random.pick(COSTS));
      case 3:
        return this.#sized(0xc4, random.bytes(random.below(20)));
      case 4:
        return this.#text(this.#someText());
      case 5:
        return this.#isWrong() ? this.#byte(random.pick(TELLING_BYTES)) : this.#list(0);
      default:
        return this.#int(random.pick(random.chance(0.5) ? NUMBERS : WRONG_NUMBERS));
    }
  }

  #isWrong(): boolean {
    this.#placesLeft -= 1;
    if (this.#placesLeft === 0) return true;
    return this.#wrong > 0 && this.#random.chance(this.#wrong);
  }

  /** An integer in one of the encodings that can hold it, mostly the shortest. */
  #int(value: number): void {
    const random = this.#random;
    const isShortest = this.#isPlain || random.chance(0.6);
    if (isShortest && value >= -32 && value <= 127) return this.#byte(value & 0xff);
    const wider = isShortest ? 0 : random.below(4);
    if (value >= 0 && (this.#isPlain || random.chance(0.8))) {
      const size = Math.min(3, wider + (value < 2 ** 8 ? 0 : value < 2 ** 16 ? 1 : value < 2 ** 32 ? 2 : 3));
      this.#byte(0xcc + size);
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
    this.#byte(0xd0 + size);
    if (size === 3) this.#length = this.#bytes.writeBigInt64BE(BigInt(value), this.#length);
    else this.#length = this.#bytes.writeIntBE(value, this.#length, 2 ** size);
  }

  #float(value: number): void {
    if (!this.#isPlain && this.#random.chance(0.3)) {
      this.#byte(0xca);
      this.#length = this.#bytes.writeFloatBE(value, this.#length);
    } else {
      this.#byte(0xcb);
      this.#length = this.#bytes.writeDoubleBE(value, this.#length);
    }
  }

  #text(text: string): void {
    const bytes = Buffer.from(text);
    if (this.#isWrong() && bytes.length > 0)
      bytes[this.#random.below(bytes.length)] = this.#random.pick(TELLING_BYTES);
    if (bytes.length < 32 && (this.#isPlain || this.#random.chance(0.8))) {
      this.#byte(0xa0 | bytes.length);
      this.#put(bytes);
    } else {
      this.#sized(0xd9, bytes);
    }
  }

  /** Bytes behind a tag and a length of 8, 16 or 32 bits. */
  #sized(tag: number, bytes: Uint8Array): void {
    const isShort = bytes.length < 256 && (this.#isPlain || this.#random.chance(0.7));
    const size = isShort ? 0 : 1 + this.#random.below(2);
    this.#byte(tag + size);
    const length = this.#isWrong() ? this.#random.pick([0, bytes.length + 1, 200]) : bytes.length;
    this.#length = this.#bytes.writeUIntBE(Math.min(length, 256 ** (2 ** size) - 1), this.#length, 2 ** size);
    this.#put(bytes);
  }

  #list(length: number): void {
    this.#container(0x90, 0xdc, length);
  }

  #map(length: number): void {
    this.#container(0x80, 0xde, length);
  }

  #container(fix: number, tag: number, length: number): void {
    const said = this.#isWrong() ? this.#random.pick([0, length + 1, 15]) : length;
    if (said < 16 && (this.#isPlain || this.#random.chance(0.8))) return this.#byte(fix | said);
    const size = this.#random.below(2);
    this.#byte(tag + size);
    const huge = this.#isWrong() ? this.#random.pick([0xffff, 0x7fff]) : said;
    this.#length = this.#bytes.writeUIntBE(huge, this.#length, 2 << size);
  }

  #byte(value: number): void {
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  #put(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Something is done to the bytes, whatever they mean. */
  #change(): void {
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
        if (this.#corpus.length > 0) {
          const other = random.pick(this.#corpus);
          const from = random.below(other.length + 1);
          this.#replace(at, some, other.subarray(from, from + 4 * some));
        }
    }
  }

  #replace(at: number, count: number, bytes: Uint8Array): void {
    const rest = Buffer.from(this.#bytes.subarray(Math.min(at + count, this.#length), this.#length));
    this.#length = Math.min(at, this.#length);
    this.#put(bytes);
    this.#put(rest);
  }
}
