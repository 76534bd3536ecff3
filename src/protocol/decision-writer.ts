// Decisions → MessagePack, one behind the other, into memory that is used again. A table has a decision for each of its
// routes, and a thousand tables may be made a second: a general encoder, and memory for each part, took four times as
// long. Runs on the main thread, whenever a table is compiled.
import type { Decision, Reason } from '../routing/decision.js';
import { UINT32_MAX } from '../routing/route.js';
import { encode } from './encode.js';

const NIL = 0xc0;
const FALSE = 0xc2;
const TRUE = 0xc3;
const DOUBLE = 0xcb;
const UINT32 = 0xce;
const UINT64 = 0xcf;
const EMPTY_MAP = 0x80;
const EMPTY_LIST = 0x90;
const SHORT_LIST_MAX = 15;
const SHORT_TEXT = 0xa0;
const SHORT_TEXT_MAX = 31;
const TEXT8 = 0xd9;
const TEXT8_MAX = 255;

const FIRST_BYTES = 16 * 1024;

/** What a huge table needed isn't kept for those that come after it. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;

/** More than all that a decision has besides its texts, lists and effects. */
const FIXED_BYTES = 256;

const KEYS = {
  // A map of eleven, and its first key.
  routeId: Buffer.concat([Uint8Array.of(EMPTY_MAP | 11), encode('route_id')]),
  route: encode('route'),
  targetModel: encode('target_model'),
  fallbacks: encode('fallbacks'),
  disableCache: encode('disable_cache'),
  maxCostUsd: encode('max_cost_usd'),
  effects: encode('effects'),
  paused: encode('paused'),
  reason: encode('reason'),
  revision: encode('revision'),
  stale: encode('stale'),
} as const;

const REASONS: Readonly<Record<Reason, Buffer>> = {
  matched: encode('matched'),
  no_match: encode('no_match'),
  no_such_route: encode('no_such_route'),
};

export class DecisionWriter {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;

  /** Of all decisions that were written. */
  get length(): number {
    return this.#length;
  }

  /** The result of `resolve`: a client reads `route_id` first and `stale`, one byte, last. */
  write(decision: Omit<Decision, 'stale'>, isStale: boolean): void {
    this.#reserve(FIXED_BYTES);
    this.#copy(KEYS.routeId);
    this.#nullableText(decision.route_id);
    this.#copy(KEYS.route);
    this.#nullableText(decision.route);
    this.#copy(KEYS.targetModel);
    this.#nullableText(decision.target_model);
    this.#copy(KEYS.fallbacks);
    this.#texts(decision.fallbacks);
    this.#copy(KEYS.disableCache);
    this.#flag(decision.disable_cache);
    this.#copy(KEYS.maxCostUsd);
    this.#nullableDouble(decision.max_cost_usd);
    this.#copy(KEYS.effects);
    this.#map(decision.effects);
    this.#copy(KEYS.paused);
    this.#flag(decision.paused);
    this.#copy(KEYS.reason);
    this.#copy(REASONS[decision.reason]);
    this.#copy(KEYS.revision);
    this.#uint(decision.revision);
    this.#copy(KEYS.stale);
    this.#flag(isStale);
  }

  /** What was written, until something is written again; the writer is as new. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    if (this.#bytes.length > KEPT_BYTES_MAX) this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
    this.#length = 0;
    return taken;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.#length + bytes));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }

  #byte(byte: number): void {
    this.#bytes[this.#length++] = byte;
  }

  /** A dozen bytes: a call of `set` takes longer. */
  #copy(bytes: Uint8Array): void {
    const target = this.#bytes;
    const start = this.#length;
    for (let at = 0; at < bytes.length; at += 1) target[start + at] = bytes[at] ?? 0;
    this.#length = start + bytes.length;
  }

  /** Of any length. Room for what else a decision has is left behind it, as it is behind all of these. */
  #insert(bytes: Uint8Array): void {
    this.#reserve(bytes.length + FIXED_BYTES);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #flag(flag: boolean): void {
    this.#byte(flag ? TRUE : FALSE);
  }

  #nullableText(text: string | null): void {
    if (text === null) this.#byte(NIL);
    else this.#text(text);
  }

  /** Short ASCII, as most are, is written as it is; the length of anything else is not known before it is encoded. */
  #text(text: string): void {
    const { length } = text;
    if (length > TEXT8_MAX) {
      this.#insert(encode(text));
      return;
    }
    this.#reserve(2 + length + FIXED_BYTES);
    const bytes = this.#bytes;
    const isShort = length <= SHORT_TEXT_MAX;
    const start = this.#length + (isShort ? 1 : 2);
    for (let at = 0; at < length; at += 1) {
      const code = text.charCodeAt(at);
      if (code > 0x7f) {
        this.#insert(encode(text));
        return;
      }
      bytes[start + at] = code;
    }
    if (isShort) {
      this.#byte(SHORT_TEXT | length);
    } else {
      this.#byte(TEXT8);
      this.#byte(length);
    }
    this.#length = start + length;
  }

  #texts(texts: readonly string[]): void {
    if (texts.length > SHORT_LIST_MAX) {
      this.#insert(encode(texts));
      return;
    }
    this.#byte(EMPTY_LIST | texts.length);
    for (const text of texts) this.#text(text);
  }

  #map(map: Decision['effects']): void {
    if (Object.keys(map).length === 0) this.#byte(EMPTY_MAP);
    else this.#insert(encode(map));
  }

  /** An integer is always written as one, and never as the double that a JavaScript encoder makes of a large one. */
  #uint(value: number): void {
    if (value <= UINT32_MAX) {
      this.#byte(UINT32);
      this.#length = this.#bytes.writeUInt32BE(value, this.#length);
    } else {
      this.#byte(UINT64);
      this.#length = this.#bytes.writeBigUInt64BE(BigInt(value), this.#length);
    }
  }

  /** A float is always written as one, though it be whole. */
  #nullableDouble(value: number | null): void {
    if (value === null) {
      this.#byte(NIL);
      return;
    }
    this.#byte(DOUBLE);
    this.#length = this.#bytes.writeDoubleBE(value, this.#length);
  }
}
