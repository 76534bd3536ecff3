// MessagePack, told once more from its specification alone: a strict and slow decoder, which makes a tree of a whole value.
// It shares nothing with src/.

/** Texts stay bytes until somebody asks what they say: what nobody reads may say anything. */
export type Node =
  | { readonly type: 'nil' }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'text' | 'bytes'; readonly value: Buffer }
  | { readonly type: 'array'; readonly items: readonly Node[] }
  | { readonly type: 'map'; readonly pairs: readonly (readonly [key: Node, value: Node])[] };

export class Malformed extends Error {
  /** Without a stack, which takes longer than all the rest. */
  constructor(message: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Containers that are not empty, one in the other, in a value that nobody reads. */
export const NESTING_MAX = 32;

export class Decoder {
  #at = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
  ) {}

  get left(): number {
    return this.bytes.length - this.#at;
  }

  /** The length of a list that is next, and that may be there; 0 if something else is. */
  listLength(): number {
    const tag = this.#uint(1);
    let length = 0;
    if (tag >> 4 === 0x9) length = tag & 0x0f;
    else if (tag === 0xdc || tag === 0xdd) length = this.#uint(tag === 0xdc ? 2 : 4);
    return length <= this.left ? length : 0;
  }

  value(depth = 0): Node {
    const tag = this.#uint(1);
    if (tag < 0x80) return { type: 'int', value: BigInt(tag) };
    if (tag < 0x90) return this.#map(tag & 0x0f, depth);
    if (tag < 0xa0) return this.#array(tag & 0x0f, depth);
    if (tag < 0xc0) return { type: 'text', value: this.#take(tag & 0x1f) };
    if (tag >= 0xe0) return { type: 'int', value: BigInt(tag - 0x100) };
    switch (tag) {
      case 0xc0:
        return { type: 'nil' };
      case 0xc2:
      case 0xc3:
        return { type: 'bool', value: tag === 0xc3 };
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return { type: 'bytes', value: this.#take(this.#uint(2 ** (tag - 0xc4))) };
      case 0xca:
        return { type: 'float', value: this.view.getFloat32(this.#skip(4)) };
      case 0xcb:
        return { type: 'float', value: this.view.getFloat64(this.#skip(8)) };
      case 0xcc:
      case 0xcd:
      case 0xce:
        return { type: 'int', value: BigInt(this.#uint(2 ** (tag - 0xcc))) };
      case 0xcf:
        return { type: 'int', value: this.view.getBigUint64(this.#skip(8)) };
      case 0xd0:
        return { type: 'int', value: BigInt(this.view.getInt8(this.#skip(1))) };
      case 0xd1:
        return { type: 'int', value: BigInt(this.view.getInt16(this.#skip(2))) };
      case 0xd2:
        return { type: 'int', value: BigInt(this.view.getInt32(this.#skip(4))) };
      case 0xd3:
        return { type: 'int', value: this.view.getBigInt64(this.#skip(8)) };
      case 0xd9:
      case 0xda:
      case 0xdb:
        return { type: 'text', value: this.#take(this.#uint(2 ** (tag - 0xd9))) };
      case 0xdc:
      case 0xdd:
        return this.#array(this.#uint(tag === 0xdc ? 2 : 4), depth);
      case 0xde:
      case 0xdf:
        return this.#map(this.#uint(tag === 0xde ? 2 : 4), depth);
      default:
        throw new Malformed('an extension, or the byte that is never used');
    }
  }

  #array(length: number, depth: number): Node {
    this.#enter(length, depth);
    return { type: 'array', items: Array.from({ length }, () => this.value(depth + 1)) };
  }

  #map(length: number, depth: number): Node {
    this.#enter(2 * length, depth);
    return {
      type: 'map',
      pairs: Array.from({ length }, () => [this.value(depth + 1), this.value(depth + 1)] as const),
    };
  }

  /** What is said to be longer than what is left is not even begun. */
  #enter(values: number, depth: number): void {
    if (values > this.left) throw new Malformed('cut off');
    // The params' own list and map come on top of what any value in them may be.
    if (values > 0 && depth >= NESTING_MAX + 3) throw new Malformed('too deep');
  }

  #skip(length: number): number {
    if (length > this.left) throw new Malformed('cut off');
    this.#at += length;
    return this.#at - length;
  }

  #take(length: number): Buffer {
    const at = this.#skip(length);
    return this.bytes.subarray(at, at + length);
  }

  #uint(size: number): number {
    const at = this.#skip(size);
    if (size === 1) return this.view.getUint8(at);
    return size === 2 ? this.view.getUint16(at) : this.view.getUint32(at);
  }
}
