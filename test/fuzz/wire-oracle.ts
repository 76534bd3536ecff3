// What a payload is, told once more from the description of the wire protocol alone: a strict and slow decoder of
// MessagePack, and the rules of messages on the tree that it makes. It shares nothing with src/, and the daemon's reading
// is held against it.

/** A request of `resolve`, by its known keys that are neither absent nor nil. */
export interface ExpectedResolve {
  readonly kind: 'resolve';
  readonly id: number;
  readonly orgId: string;
  readonly signals: ReadonlyMap<string, string | number | boolean>;
}

export type Expected =
  | ExpectedResolve
  | { readonly kind: 'hello'; readonly id: number }
  /** Stays without an answer. */
  | { readonly kind: 'notification' }
  /** Gets `bad_request`; the id is null where it can't be read. */
  | { readonly kind: 'refused'; readonly id: number | null };

/** Texts stay bytes until somebody asks what they say: what nobody reads may say anything. */
type Node =
  | { readonly type: 'nil' }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'text' | 'bytes'; readonly value: Buffer }
  | { readonly type: 'array'; readonly items: readonly Node[] }
  | { readonly type: 'map'; readonly pairs: readonly (readonly [key: Node, value: Node])[] };

class Malformed extends Error {
  /** Without a stack, which takes longer than all the rest. */
  constructor(message: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Containers that are not empty, one in the other, in a value that nobody reads. */
const NESTING_MAX = 32;

/** A longer key is nobody's, and isn't looked at. */
const KEY_BYTES_MAX = 64;

const UINT32_MAX = 4_294_967_295n;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

class Decoder {
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

export function expectedOf(payload: Buffer): Expected {
  let id: number | null = null;
  try {
    const decoder = new Decoder(payload);
    const length = decoder.listLength();
    if (length === 0) throw new Malformed('not a list');
    const type = integer(decoder.value());
    if (type === 2n) return notification(decoder, length);
    if (type !== 0n) throw new Malformed('not for the daemon');
    if (length > 1) id = Number(within(integer(decoder.value()), UINT32_MAX));
    if (id === null || length !== 4) throw new Malformed('not four elements');
    const method = text(decoder.value());
    const params = decoder.value();
    if (decoder.left > 0) throw new Malformed('bytes are left over');
    if (method === 'resolve') return resolveOf(id, paramsOf(params));
    if (method !== 'hello') throw new Malformed('no such method');
    paramsOf(params);
    return { kind: 'hello', id };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { kind: 'refused', id };
  }
}

function notification(decoder: Decoder, length: number): Expected {
  if (length !== 3) throw new Malformed('not three elements');
  text(decoder.value());
  assertShallow(decoder.value());
  if (decoder.left > 0) throw new Malformed('bytes are left over');
  return { kind: 'notification' };
}

/** The one map of the list. Keys are text; what nobody reads must not be too deep. */
function paramsOf(params: Node): readonly (readonly [key: string, value: Node])[] {
  const [map] = params.type === 'array' && params.items.length === 1 ? params.items : [];
  if (map?.type !== 'map') throw new Malformed('not a list of one map');
  return map.pairs.map(([key, value]) => {
    if (key.type !== 'text') throw new Malformed('a key that is no text');
    assertShallow(value);
    return [key.value.length > KEY_BYTES_MAX ? '' : text(key), value];
  });
}

const READERS: Readonly<Record<string, (value: Node) => string | number | boolean>> = {
  model: text,
  tag: text,
  prompt: text,
  content_type: text,
  force_route: text,
  input_tokens: (value) => Number(within(integer(value), UINT32_MAX)),
  upstream_p95_ms: (value) => Number(within(integer(value), UINT32_MAX)),
  min_revision: (value) => Number(within(integer(value), BigInt(Number.MAX_SAFE_INTEGER))),
  has_images: bool,
  has_audio: bool,
  has_documents: bool,
  reasoning_class: bool,
  estimated_cost_usd: finite,
  org_id: uuid,
};

function resolveOf(id: number, params: readonly (readonly [key: string, value: Node])[]): ExpectedResolve {
  const signals = new Map<string, string | number | boolean>();
  const seen = new Set<string>();
  for (const [key, value] of params) {
    const read = Object.hasOwn(READERS, key) ? READERS[key] : undefined;
    if (read === undefined) continue;
    if (seen.has(key)) throw new Malformed(`${key} twice`);
    seen.add(key);
    if (value.type !== 'nil') signals.set(key, read(value));
  }
  const orgId = signals.get('org_id');
  if (typeof orgId !== 'string' || !signals.has('model')) throw new Malformed('not all that is required');
  signals.delete('org_id');
  return { kind: 'resolve', id, orgId, signals };
}

function assertShallow(value: Node, depth = 0): void {
  const children = value.type === 'array' ? value.items : value.type === 'map' ? value.pairs.flat() : [];
  if (children.length > 0 && depth >= NESTING_MAX) throw new Malformed('too deep');
  for (const child of children) assertShallow(child, depth + 1);
}

function integer(value: Node): bigint {
  if (value.type !== 'int') throw new Malformed('not an integer');
  return value.value;
}

function within(value: bigint, most: bigint): bigint {
  if (value < 0n || value > most) throw new Malformed('out of range');
  return value;
}

function text(value: Node): string {
  if (value.type !== 'text') throw new Malformed('not text');
  try {
    return utf8.decode(value.value);
  } catch {
    throw new Malformed('not UTF-8');
  }
}

function bool(value: Node): boolean {
  if (value.type !== 'bool') throw new Malformed('neither true nor false');
  return value.value;
}

function finite(value: Node): number {
  const number = value.type === 'float' ? value.value : Number(integer(value));
  if (!Number.isFinite(number)) throw new Malformed('not finite');
  return number;
}

function uuid(value: Node): string {
  if (value.type === 'bytes') {
    if (value.value.length !== 16) throw new Malformed('not 16 bytes');
    return value.value.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
  const id = text(value);
  if (!UUID.test(id)) throw new Malformed('not a UUID');
  return id.toLowerCase();
}
