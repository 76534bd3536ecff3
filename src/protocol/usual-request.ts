// Reads a `resolve` request as nearly every client sends it, straight out of the frame: no object, no text is made, and
// each byte is looked at once. Whatever is in any way unusual, valid or not, is left to the general reader
// (request-reader.ts), so that there is one place that says what is refused, and why. What is taken here, that reader
// would take too, and with the same values: tests hold the two against each other.
// On the hot path; run `npm run bench -- codec` before changing it.
import {
  CONTENT_TYPE,
  FLAG_SIGNALS,
  FORCE_ROUTE,
  MODEL,
  NUMBER_SIGNALS,
  PROMPT,
  type Signals,
  TAG,
  UNKNOWN_TEXT,
} from '../routing/signals.js';
import { RESOLVE, type RequestFrame } from './request-frame.js';
import {
  CONTENT_TYPE_SEEN,
  FORCE_ROUTE_SEEN,
  HAS_AUDIO_SEEN,
  HAS_DOCUMENTS_SEEN,
  HAS_IMAGES_SEEN,
  INPUT_TOKENS_SEEN,
  MODEL_SEEN,
  ORG_ID_SEEN,
  PROMPT_SEEN,
  REASONING_CLASS_SEEN,
  TAG_SEEN,
  UNUSUAL,
  UPSTREAM_P95_SEEN,
  beginRequest,
  isSeen,
  readCost,
  readFlag,
  readId,
  readMinRevision,
  readNumber,
  readOrgId,
  readText,
} from './usual-values.js';

const LIST_OF_FOUR = 0x94;
const LIST_OF_ONE = 0x91;
/** Of a request without any params but the two that are required, at their shortest. */
const SMALLEST_BYTES = 16;

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

const INPUT_TOKENS = NUMBER_SIGNALS.indexOf('input_tokens');
const UPSTREAM_P95 = NUMBER_SIGNALS.indexOf('upstream_p95_ms');
const HAS_IMAGES = FLAG_SIGNALS.indexOf('has_images');
const HAS_AUDIO = FLAG_SIGNALS.indexOf('has_audio');
const HAS_DOCUMENTS = FLAG_SIGNALS.indexOf('has_documents');
const REASONING_CLASS = FLAG_SIGNALS.indexOf('reasoning_class');

/** The read buffer of a thread is always the same, and so is its view as a rule. */
let viewed: Buffer | undefined;
let lastView: DataView = new DataView(new ArrayBuffer(0));

/** @returns false: it is not a usual request, and what `into` holds means nothing. */
export function readUsualRequest(source: Buffer, start: number, stop: number, into: RequestFrame): boolean {
  if (source !== viewed) {
    viewed = source;
    lastView = new DataView(source.buffer, source.byteOffset, source.length);
  }
  // From here on an argument of every function: what is known of a local variable is not looked up again.
  const view = lastView;
  beginRequest();
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
  return at === stop && signals.starts[MODEL] !== UNKNOWN_TEXT && isSeen(ORG_ID_SEEN);
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
