// Reads a `resolve` request as nearly every client sends it, straight out of the frame: no object, no text is made, and
// each byte is looked at once. Whatever is in any way unusual, valid or not, is left to the general reader
// (request-reader.ts), so that there is one place that says what is refused, and why. What is taken here, that reader
// would take too, and with the same values: tests hold the two against each other.
// On the hot path; run the bench case `read a request` before changing it.
import { isUtf8 } from 'node:buffer';
import {
  CONTENT_TYPE,
  FALSE_FLAG,
  FLAG_SIGNALS,
  FORCE_ROUTE,
  MODEL,
  NUMBER_SIGNALS,
  PROMPT,
  type Signals,
  TAG,
  TRUE_FLAG,
  UNKNOWN_TEXT,
} from '../routing/signals.js';
import { RESOLVE, type RequestFrame } from './request-frame.js';
import { readUuidText } from './org-id.js';

const LIST_OF_FOUR = 0x94;
const LIST_OF_ONE = 0x91;
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

/** Of a request without any params but the two that are required, at their shortest. */
const SMALLEST_BYTES = 16;

const UUID_TEXT_BYTES = 36;
const UUID_BYTES = 16;

/** To look at a short text byte by byte takes less than to ask `isUtf8`, which needs an object to be made. */
const SHORT_TEXT_BYTES = 64;

/**
 * Four bytes as `view.getInt32(…, true)` reads them, which stands wherever a word is read: as a function of its own it
 * would be called more often than the compiler inlines, and take a quarter of the time.
 */
const word = (text: string): number => Buffer.from(text, 'latin1').readInt32LE();

const RESO = word('reso');
const OLVE = word('olve');
const TAG_KEY = word('\xa3tag');
const MODE = word('mode');
const ODEL = word('odel');
const ORG_ = word('org_');
const G_ID = word('g_id');
const PROM = word('prom');
const OMPT = word('ompt');
const HAS_ = word('has_');
const AUDI = word('audi');
const UDIO = word('udio');
const IMAG = word('imag');
const AGES = word('ages');
const FORC = word('forc');
const E_RO = word('e_ro');
const OUTE = word('oute');
const CONT = word('cont');
const ENT_ = word('ent_');
const TYPE = word('type');
const INPU = word('inpu');
const T_TO = word('t_to');
const KENS = word('kens');
const MIN_ = word('min_');
const REVI = word('revi');
const SION = word('sion');
const DOCU = word('docu');
const MENT = word('ment');
const ENTS = word('ents');
const UPST = word('upst');
const REAM = word('ream');
const _P95 = word('_p95');
const REAS = word('reas');
const ONIN = word('onin');
const G_CL = word('g_cl');
const LASS = word('lass');
const ESTI = word('esti');
const MATE = word('mate');
const D_CO = word('d_co');
const ST_U = word('st_u');
const _USD = word('_usd');
const FIVE_MS = word('5_ms');

// Which keys have come: the second of two must be noticed.
const MODEL_SEEN = 0x1;
const ORG_ID_SEEN = 0x2;
const PROMPT_SEEN = 0x4;
const HAS_AUDIO_SEEN = 0x8;
const HAS_IMAGES_SEEN = 0x10;
const FORCE_ROUTE_SEEN = 0x20;
const CONTENT_TYPE_SEEN = 0x40;
const INPUT_TOKENS_SEEN = 0x80;
const MIN_REVISION_SEEN = 0x100;
const HAS_DOCUMENTS_SEEN = 0x200;
const UPSTREAM_P95_SEEN = 0x400;
const REASONING_CLASS_SEEN = 0x800;
const ESTIMATED_COST_SEEN = 0x1000;
const TAG_SEEN = 0x2000;

const INPUT_TOKENS = NUMBER_SIGNALS.indexOf('input_tokens');
const ESTIMATED_COST = NUMBER_SIGNALS.indexOf('estimated_cost_usd');
const UPSTREAM_P95 = NUMBER_SIGNALS.indexOf('upstream_p95_ms');
const HAS_IMAGES = FLAG_SIGNALS.indexOf('has_images');
const HAS_AUDIO = FLAG_SIGNALS.indexOf('has_audio');
const HAS_DOCUMENTS = FLAG_SIGNALS.indexOf('has_documents');
const REASONING_CLASS = FLAG_SIGNALS.indexOf('reasoning_class');

/** Which keys have come. Of the thread: a request is read at once. */
let seen = 0;

/** The read buffer of a thread is always the same, and so is its view as a rule. */
let viewed: Buffer | undefined;
let lastView: DataView = new DataView(new ArrayBuffer(0));

/** In place of an offset: it is not a usual request. */
const UNUSUAL = -1;

/** @returns false: it is not a usual request, and what `into` holds means nothing. */
export function readUsualRequest(source: Buffer, start: number, stop: number, into: RequestFrame): boolean {
  if (source !== viewed) {
    viewed = source;
    lastView = new DataView(source.buffer, source.byteOffset, source.length);
  }
  // From here on an argument of every function: what is known of a local variable is not looked up again.
  const view = lastView;
  seen = 0;
  if (
    stop - start < SMALLEST_BYTES ||
    view.getUint8(start) !== LIST_OF_FOUR ||
    view.getUint8(start + 1) !== 0
  )
    return false;
  let at = readId(view, start + 2, stop, into);
  // "resolve" with its length takes 8 bytes, and a list and a map follow.
  if (at === UNUSUAL || stop - at < 10 || view.getUint8(at) !== 0xa7) return false;
  if (
    view.getInt32(at + 1, true) !== RESO ||
    view.getInt32(at + 4, true) !== OLVE ||
    view.getUint8(at + 8) !== LIST_OF_ONE
  )
    return false;
  const map = view.getUint8(at + 9);
  if (map >> 4 !== 0x8) return false;
  at += 10;
  const { signals } = into;
  signals.reset();
  // To store what is there already would cost more than to see that it is.
  if (signals.view !== view) {
    signals.bytes = source;
    signals.view = view;
  }
  into.minRevision = 0;
  into.kind = RESOLVE;
  for (let pairs = map & 0xf; pairs > 0; pairs -= 1) {
    at = readPair(view, at, stop, into, signals);
    if (at === UNUSUAL) return false;
  }
  return at === stop && signals.starts[MODEL] !== UNKNOWN_TEXT && (seen & ORG_ID_SEEN) !== 0;
}

/** Returns where the next pair is. */
function readPair(view: DataView, at: number, end: number, into: RequestFrame, signals: Signals): number {
  // A key and a value take five bytes at least: none is shorter than "tag".
  if (end - at < 5) return UNUSUAL;
  const key = at + 1;
  const length = view.getUint8(at) ^ 0xa0;
  const value = key + length;
  if (value >= end) return UNUSUAL;
  switch (length) {
    case 3:
      if (view.getInt32(at, true) === TAG_KEY) return readText(view, value, end, signals, TAG, TAG_SEEN);
      break;
    case 5:
      if (view.getInt32(key, true) === MODE && view.getInt32(key + 1, true) === ODEL) {
        return readText(view, value, end, signals, MODEL, MODEL_SEEN);
      }
      break;
    case 6:
      if (view.getInt32(key, true) === ORG_ && view.getInt32(key + 2, true) === G_ID)
        return readOrgId(view, value, end, into.orgId);
      if (view.getInt32(key, true) === PROM && view.getInt32(key + 2, true) === OMPT) {
        return readText(view, value, end, signals, PROMPT, PROMPT_SEEN);
      }
      break;
    case 9:
      if (
        view.getInt32(key, true) === HAS_ &&
        view.getInt32(key + 4, true) === AUDI &&
        view.getInt32(key + 5, true) === UDIO
      ) {
        return readFlag(view, value, signals, HAS_AUDIO, HAS_AUDIO_SEEN);
      }
      break;
    case 10:
      if (
        view.getInt32(key, true) === HAS_ &&
        view.getInt32(key + 4, true) === IMAG &&
        view.getInt32(key + 6, true) === AGES
      ) {
        return readFlag(view, value, signals, HAS_IMAGES, HAS_IMAGES_SEEN);
      }
      break;
    case 11:
      if (
        view.getInt32(key, true) === FORC &&
        view.getInt32(key + 4, true) === E_RO &&
        view.getInt32(key + 7, true) === OUTE
      ) {
        return readText(view, value, end, signals, FORCE_ROUTE, FORCE_ROUTE_SEEN);
      }
      break;
    case 12:
      switch (view.getInt32(key, true)) {
        case INPU:
          if (view.getInt32(key + 4, true) === T_TO && view.getInt32(key + 8, true) === KENS) {
            return readNumber(view, value, end, signals, INPUT_TOKENS, INPUT_TOKENS_SEEN);
          }
          break;
        case CONT:
          if (view.getInt32(key + 4, true) === ENT_ && view.getInt32(key + 8, true) === TYPE) {
            return readText(view, value, end, signals, CONTENT_TYPE, CONTENT_TYPE_SEEN);
          }
          break;
        case MIN_:
          if (view.getInt32(key + 4, true) === REVI && view.getInt32(key + 8, true) === SION)
            return readMinRevision(view, value, end, into);
          break;
      }
      break;
    case 13:
      if (
        view.getInt32(key, true) === HAS_ &&
        view.getInt32(key + 4, true) === DOCU &&
        view.getInt32(key + 8, true) === MENT &&
        view.getInt32(key + 9, true) === ENTS
      ) {
        return readFlag(view, value, signals, HAS_DOCUMENTS, HAS_DOCUMENTS_SEEN);
      }
      break;
    case 15:
      if (
        view.getInt32(key, true) === UPST &&
        view.getInt32(key + 4, true) === REAM &&
        view.getInt32(key + 8, true) === _P95 &&
        view.getInt32(key + 11, true) === FIVE_MS
      ) {
        return readNumber(view, value, end, signals, UPSTREAM_P95, UPSTREAM_P95_SEEN);
      }
      if (
        view.getInt32(key, true) === REAS &&
        view.getInt32(key + 4, true) === ONIN &&
        view.getInt32(key + 8, true) === G_CL &&
        view.getInt32(key + 11, true) === LASS
      ) {
        return readFlag(view, value, signals, REASONING_CLASS, REASONING_CLASS_SEEN);
      }
      break;
    case 18:
      if (
        view.getInt32(key, true) === ESTI &&
        view.getInt32(key + 4, true) === MATE &&
        view.getInt32(key + 8, true) === D_CO &&
        view.getInt32(key + 12, true) === ST_U &&
        view.getInt32(key + 14, true) === _USD
      ) {
        return readCost(view, value, end, signals);
      }
      break;
  }
  return UNUSUAL;
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

function readId(view: DataView, at: number, end: number, into: RequestFrame): number {
  const size = uintBytes(view, at, end);
  if (size === 0) return UNUSUAL;
  into.id = uintAt(view, at, size);
  return at + size;
}

function readNumber(
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

function readCost(view: DataView, at: number, end: number, signals: Signals): number {
  if (view.getUint8(at) !== FLOAT_64)
    return readNumber(view, at, end, signals, ESTIMATED_COST, ESTIMATED_COST_SEEN);
  if (!isFirst(ESTIMATED_COST_SEEN) || end - at < 9) return UNUSUAL;
  const value = view.getFloat64(at + 1);
  if (!Number.isFinite(value)) return UNUSUAL;
  signals.numbers[ESTIMATED_COST] = value;
  return at + 9;
}

/** Revisions of more than 32 bits, such as milliseconds, come as 64 bits. */
function readMinRevision(view: DataView, at: number, end: number, into: RequestFrame): number {
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

function readFlag(view: DataView, at: number, { flags }: Signals, signal: number, key: number): number {
  if (!isFirst(key)) return UNUSUAL;
  const tag = view.getUint8(at);
  if (tag === TRUE) flags[signal] = TRUE_FLAG;
  else if (tag === FALSE) flags[signal] = FALSE_FLAG;
  else if (tag !== NIL) return UNUSUAL;
  return at + 1;
}

function readText(
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

function readOrgId(view: DataView, at: number, end: number, orgId: Int32Array): number {
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
