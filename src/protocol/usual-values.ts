// The values of a usual request (usual-request.ts), each read out of the frame and into its place, and checked on the
// way: each reader returns where the next key is, or UNUSUAL. On the hot path; run `npm run bench -- codec`
// before changing it.
import { isUtf8 } from 'node:buffer';
import { FALSE_FLAG, NUMBER_SIGNALS, type Signals, TRUE_FLAG } from '../routing/signals.js';
import { readUuidText } from './org-id.js';
import type { RequestFrame } from './request-frame.js';

const NIL = 0xc0;
const FALSE = 0xc2;
const TRUE = 0xc3;
const BYTES_8 = 0xc4;
const FLOAT_64 = 0xcb;
const UINT_8 = 0xcc;
const UINT_16 = 0xcd;
const UINT_32 = 0xce;
const UINT_64 = 0xcf;
const TEXT_8 = 0xd9;
const TEXT_16 = 0xda;
const TEXT_32 = 0xdb;

const UUID_TEXT_BYTES = 36;
const UUID_BYTES = 16;

/** To look at a short text byte by byte takes less than to ask `isUtf8`, which needs an object to be made. */
const SHORT_TEXT_BYTES = 64;

// Which keys have come: the second of two must be noticed.
export const MODEL_SEEN = 0x1;
export const ORG_ID_SEEN = 0x2;
export const PROMPT_SEEN = 0x4;
export const HAS_AUDIO_SEEN = 0x8;
export const HAS_IMAGES_SEEN = 0x10;
export const FORCE_ROUTE_SEEN = 0x20;
export const CONTENT_TYPE_SEEN = 0x40;
export const INPUT_TOKENS_SEEN = 0x80;
const MIN_REVISION_SEEN = 0x100;
export const HAS_DOCUMENTS_SEEN = 0x200;
export const UPSTREAM_P95_SEEN = 0x400;
export const REASONING_CLASS_SEEN = 0x800;
const ESTIMATED_COST_SEEN = 0x1000;
export const TAG_SEEN = 0x2000;

const ESTIMATED_COST = NUMBER_SIGNALS.indexOf('estimated_cost_usd');

/** In place of an offset: it is not a usual request. */
export const UNUSUAL = -1;

/** Which keys have come. Of the thread: a request is read at once. */
let seen = 0;

export function beginRequest(): void {
  seen = 0;
}

export function isSeen(key: number): boolean {
  return (seen & key) !== 0;
}

/** The second value of a key is not taken. */
function isFirst(key: number): boolean {
  if ((seen & key) !== 0) return false;
  seen |= key;
  return true;
}

/** How many bytes the unsigned integer at `at` takes, with at most 32 bits of value; 0: there is something else. */
function uintBytes(view: DataView, at: number, end: number): number {
  const tag = view.getUint8(at);
  if (tag <= 0x7f) return 1;
  const size = tag === UINT_8 ? 2 : tag === UINT_16 ? 3 : tag === UINT_32 ? 5 : 0;
  return size > end - at ? 0 : size;
}

/** Its value. */
function uintAt(view: DataView, at: number, size: number): number {
  switch (size) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint8(at + 1);
    case 3:
      return view.getUint16(at + 1);
    default:
      return view.getUint32(at + 1);
  }
}

export function readId(view: DataView, at: number, end: number, into: RequestFrame): number {
  const size = uintBytes(view, at, end);
  if (size === 0) return UNUSUAL;
  into.id = uintAt(view, at, size);
  return at + size;
}

export function readNumber(
  view: DataView,
  at: number,
  end: number,
  { numbers }: Signals,
  signal: number,
  key: number,
): number {
  if (!isFirst(key)) return UNUSUAL;
  if (view.getUint8(at) === NIL) return at + 1;
  const size = uintBytes(view, at, end);
  if (size === 0) return UNUSUAL;
  numbers[signal] = uintAt(view, at, size);
  return at + size;
}

export function readCost(view: DataView, at: number, end: number, signals: Signals): number {
  if (view.getUint8(at) !== FLOAT_64)
    return readNumber(view, at, end, signals, ESTIMATED_COST, ESTIMATED_COST_SEEN);
  if (!isFirst(ESTIMATED_COST_SEEN) || end - at < 9) return UNUSUAL;
  const value = view.getFloat64(at + 1);
  if (!Number.isFinite(value)) return UNUSUAL;
  signals.numbers[ESTIMATED_COST] = value;
  return at + 9;
}

/** Revisions of more than 32 bits, such as milliseconds, come as 64 bits. */
export function readMinRevision(view: DataView, at: number, end: number, into: RequestFrame): number {
  if (!isFirst(MIN_REVISION_SEEN)) return UNUSUAL;
  const size = uintBytes(view, at, end);
  if (size > 0) {
    into.minRevision = uintAt(view, at, size);
    return at + size;
  }
  if (view.getUint8(at) !== UINT_64 || end - at < 9) return UNUSUAL;
  const value = view.getUint32(at + 1) * 2 ** 32 + view.getUint32(at + 5);
  if (value > Number.MAX_SAFE_INTEGER) return UNUSUAL;
  into.minRevision = value;
  return at + 9;
}

export function readFlag(
  view: DataView,
  at: number,
  { flags }: Signals,
  signal: number,
  key: number,
): number {
  if (!isFirst(key)) return UNUSUAL;
  const tag = view.getUint8(at);
  if (tag === TRUE) flags[signal] = TRUE_FLAG;
  else if (tag === FALSE) flags[signal] = FALSE_FLAG;
  else if (tag !== NIL) return UNUSUAL;
  return at + 1;
}

export function readText(
  view: DataView,
  at: number,
  end: number,
  signals: Signals,
  signal: number,
  key: number,
): number {
  if (!isFirst(key)) return UNUSUAL;
  const tag = view.getUint8(at);
  let start = at + 1;
  let length = tag & 0x1f;
  if (tag >> 5 !== 0x5) {
    if (tag === NIL) return at + 1;
    const left = end - at;
    if (tag === TEXT_8 && left >= 2) {
      start = at + 2;
      length = view.getUint8(at + 1);
    } else if (tag === TEXT_16 && left >= 3) {
      start = at + 3;
      length = view.getUint16(at + 1);
    } else if (tag === TEXT_32 && left >= 5) {
      start = at + 5;
      length = view.getUint32(at + 1);
    } else {
      return UNUSUAL;
    }
  }
  const stop = start + length;
  if (stop > end || !isText(view, start, stop, signals)) return UNUSUAL;
  signals.starts[signal] = start;
  signals.ends[signal] = stop;
  return stop;
}

/** Whether the bytes are valid UTF-8. */
function isText(view: DataView, start: number, stop: number, { bytes }: Signals): boolean {
  if (stop - start > SHORT_TEXT_BYTES) return isUtf8(bytes.subarray(start, stop));
  let at = start;
  let all = 0;
  for (; at + 4 <= stop; at += 4) all |= view.getInt32(at, true);
  for (; at < stop; at += 1) all |= view.getUint8(at);
  return (all & 0x80808080) === 0 || isUtf8(bytes.subarray(start, stop));
}

export function readOrgId(view: DataView, at: number, end: number, orgId: Int32Array): number {
  if (!isFirst(ORG_ID_SEEN)) return UNUSUAL;
  const tag = view.getUint8(at);
  const left = end - at;
  if (tag === TEXT_8 && left >= 2 + UUID_TEXT_BYTES && view.getUint8(at + 1) === UUID_TEXT_BYTES) {
    return readUuidText(view, at + 2, orgId) ? at + 2 + UUID_TEXT_BYTES : UNUSUAL;
  }
  if (tag === BYTES_8 && left >= 2 + UUID_BYTES && view.getUint8(at + 1) === UUID_BYTES) {
    for (let word = 0; word < 4; word += 1) orgId[word] = view.getInt32(at + 2 + 4 * word);
    return at + 2 + UUID_BYTES;
  }
  return UNUSUAL;
}
