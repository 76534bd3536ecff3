// Reads MessagePack straight out of a frame. The daemon's side of the wire reads untrusted bytes with this, and not
// with a general decoder: it builds only what is asked for, refuses extension types (which a general decoder turns
// into objects of many classes), and passes over what is unknown without recursion and in time linear in the bytes,
// whatever lengths they declare.
// Format: https://github.com/msgpack/msgpack/blob/master/spec.md
import { isUtf8 } from 'node:buffer';
import { MalformedMessage } from './malformed-message.js';
import { type MsgpackType, typeOf } from './msgpack-type.js';
import { CACHED_TEXT_BYTES_MAX, TextCache } from './text-cache.js';

/** Nobody means a request that is deeper. */
export const NESTING_MAX = 32;

/** Longer keys are nobody's: they are passed over as unknown without being read. */
const KEY_BYTES_MAX = 64;

const EMPTY = Buffer.alloc(0);

/** Of the thread: what one client says, others say too. */
const texts = new TextCache();

/** Declared lengths of the containers that `skip` is inside of. Never nested: one for the thread is enough. */
const openContainers = new Float64Array(NESTING_MAX);

export class MsgpackReader {
  #bytes: Buffer = EMPTY;
  #offset = 0;
  #end = 0;

  /** Starts on the value at `bytes[start … end)`. */
  open(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes;
    this.#offset = start;
    this.#end = end;
  }

  get atEnd(): boolean {
    return this.#offset === this.#end;
  }

  /** What the next value is, without reading it. */
  peek(): MsgpackType {
    if (this.#offset >= this.#end) throw new MalformedMessage('the message ends in the middle of a value');
    return typeOf(this.#byteAt(this.#offset));
  }

  /** Passes over a nil; false if there is something else. */
  skipNil(): boolean {
    if (this.peek() !== 'nil') return false;
    this.#offset += 1;
    return true;
  }

  /** The number of elements that follow; undefined if there is something else. */
  arrayLength(): number | undefined {
    return this.peek() === 'array' ? this.#containerLength(0x90, 0xdc) : undefined;
  }

  /** The number of key-value pairs that follow; undefined if there is something else. */
  mapLength(): number | undefined {
    return this.peek() === 'map' ? this.#containerLength(0x80, 0xde) : undefined;
  }

  /** An integer of any encoding, exact up to 2^53; undefined if there is something else. */
  int(): number | undefined {
    if (this.peek() !== 'int') return undefined;
    const tag = this.#take(1);
    if (tag <= 0x7f) return tag;
    if (tag >= 0xe0) return tag - 0x100;
    const size = 1 << (tag & 3);
    const at = this.#advance(size);
    const signed = tag >= 0xd0;
    if (size === 8) return Number(signed ? this.#bytes.readBigInt64BE(at) : this.#bytes.readBigUInt64BE(at));
    return signed ? this.#bytes.readIntBE(at, size) : this.#bytes.readUIntBE(at, size);
  }

  /** A float or an integer, as a double; undefined if there is something else. */
  number(): number | undefined {
    if (this.peek() !== 'float') return this.int();
    const single = this.#take(1) === 0xca;
    const at = this.#advance(single ? 4 : 8);
    return single ? this.#bytes.readFloatBE(at) : this.#bytes.readDoubleBE(at);
  }

  bool(): boolean | undefined {
    return this.peek() === 'bool' ? this.#take(1) === 0xc3 : undefined;
  }

  /** Valid UTF-8; undefined if there is something else. */
  text(): string | undefined {
    if (this.peek() !== 'text') return undefined;
    const length = this.#textLength();
    return this.#decode(this.#advance(length), length);
  }

  /** A copy of a binary value as hexadecimal text; undefined if there is something else. */
  bytesAsHex(): string | undefined {
    if (this.peek() !== 'bytes') return undefined;
    const length = this.#sized(0xc4);
    const at = this.#advance(length);
    return this.#bytes.toString('hex', at, at + length);
  }

  /** A map's key. One that is too long to be known is passed over and comes as the empty text. */
  key(): string {
    if (this.peek() !== 'text') throw new MalformedMessage('the keys of a map must be text');
    const length = this.#textLength();
    const at = this.#advance(length);
    return length > KEY_BYTES_MAX ? '' : this.#decode(at, length);
  }

  #decode(at: number, length: number): string {
    if (length > CACHED_TEXT_BYTES_MAX) return this.#decodeAnew(at, length);
    const slot = texts.slotOf(this.#bytes, at, length);
    let text = texts.get(slot, this.#bytes, at, length);
    if (text === undefined) {
      text = this.#decodeAnew(at, length);
      texts.set(slot, this.#bytes, at, length, text);
    }
    return text;
  }

  #decodeAnew(at: number, length: number): string {
    const text = this.#bytes.toString('utf8', at, at + length);
    // Decoding puts U+FFFD where the bytes are invalid; only then is it worth telling which it was.
    if (text.includes('\ufffd') && !isUtf8(this.#bytes.subarray(at, at + length))) {
      throw new MalformedMessage('a text is not valid UTF-8');
    }
    return text;
  }

  /** Passes over one value of any kind. */
  skip(): void {
    let depth = 0;
    for (;;) {
      let children = 0;
      switch (this.peek()) {
        case 'nil':
        case 'bool':
          this.#offset += 1;
          break;
        case 'int':
        case 'float':
          this.number();
          break;
        case 'text':
          this.#advance(this.#textLength());
          break;
        case 'bytes':
          this.#advance(this.#sized(0xc4));
          break;
        case 'array':
          children = this.#containerLength(0x90, 0xdc);
          break;
        case 'map':
          children = 2 * this.#containerLength(0x80, 0xde);
          break;
      }
      if (children > 0) {
        if (depth === NESTING_MAX) throw new MalformedMessage(`nested more than ${NESTING_MAX} deep`);
        openContainers[depth] = children;
        depth += 1;
        continue;
      }
      // One value is complete, and with it every container of which it was the last.
      for (;;) {
        if (depth === 0) return;
        const left = (openContainers[depth - 1] ?? 0) - 1;
        openContainers[depth - 1] = left;
        if (left > 0) break;
        depth -= 1;
      }
    }
  }

  /** Lengths are checked against the bytes at hand before anything is done with them: an element takes a byte. */
  #containerLength(fix: number, sized: number): number {
    const tag = this.#take(1);
    const length = tag < sized ? tag - fix : this.#lengthOf(1 << (tag - sized + 1));
    const bytesAtLeast = fix === 0x80 ? 2 * length : length;
    if (bytesAtLeast > this.#end - this.#offset) {
      throw new MalformedMessage(`a container says it has ${length} elements, but the message ends before`);
    }
    return length;
  }

  #textLength(): number {
    const tag = this.#byteAt(this.#offset);
    if (tag > 0xbf) return this.#sized(0xd9);
    this.#offset += 1;
    return tag & 0x1f;
  }

  /** The length behind a tag that is `first` for 8 bits, the next for 16, the next for 32. */
  #sized(first: number): number {
    return this.#lengthOf(1 << (this.#take(1) - first));
  }

  #lengthOf(size: number): number {
    const at = this.#advance(size);
    return this.#bytes.readUIntBE(at, size);
  }

  #take(size: 1): number {
    return this.#byteAt(this.#advance(size));
  }

  #byteAt(offset: number): number {
    return this.#bytes[offset] ?? 0;
  }

  /** Moves over `size` bytes and gives where they start. */
  #advance(size: number): number {
    const at = this.#offset;
    if (size > this.#end - at) throw new MalformedMessage('the message ends in the middle of a value');
    this.#offset = at + size;
    return at;
  }
}
