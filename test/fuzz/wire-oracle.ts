// What a payload is, told once more from the description of the wire protocol alone: the rules of messages on the tree that
// the decoder makes. It shares nothing with src/, and the daemon's reading is held against it.
import { Decoder, Malformed, NESTING_MAX, type Node } from './wire-decoder.js';

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

/** A longer key is nobody's, and isn't looked at. */
const KEY_BYTES_MAX = 64;

const UINT32_MAX = 4_294_967_295n;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

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
