// What a request is like, in one word: a bit for each class of values of a signal, a few bits for each signal. A row
// forbids the classes that it doesn't allow, so that a look at one word tells most of the rows that a request doesn't
// fulfil; of the others it tells nothing. `traitsOf` is on the hot path: run the bench cases `resolve …` before changing
// it.
import { ALL_DIMENSIONS } from '../dimensions/all-dimensions.js';
import { signalPlace } from '../dimensions/dimension.js';
import type { Conditions } from '../route.js';
import { FALSE_FLAG, type Signals, TRUE_FLAG, UNKNOWN_FLAG, UNKNOWN_TEXT } from '../signals.js';
import type { BlockWriter } from './block-writer.js';
import type { TextPool } from './text-pool.js';

const WORD_BITS = 32;

/** Of each kind, at most, so that there are bits for all; what is behind them has no traits. */
const SIGNALS_MAX = 8;

const FLAGS = ALL_DIMENSIONS.filter((dimension) => dimension.kind === 'flag').slice(0, SIGNALS_MAX);
const TEXTS = ALL_DIMENSIONS.filter((dimension) => dimension.kind === 'text').slice(0, SIGNALS_MAX);

/** A flag has a bit for false, and one for true; one that is unknown has both. */
const FLAG_BITS = 2;
const BITS_OF_STATE = new Uint8Array(3);
BITS_OF_STATE[UNKNOWN_FLAG] = 0b11;
BITS_OF_STATE[FALSE_FLAG] = 0b01;
BITS_OF_STATE[TRUE_FLAG] = 0b10;

/** Texts share the other bits: each has a power of two of classes. One that is unknown is in all. */
const CLASS_BITS = Math.floor(Math.log2((WORD_BITS - FLAGS.length * FLAG_BITS) / TEXTS.length));
export const TEXT_CLASSES = 2 ** CLASS_BITS;
const ALL_CLASSES = 2 ** TEXT_CLASSES - 1;
const FLAGS_AT = TEXTS.length * TEXT_CLASSES;

const TEXT_PLACES = Uint8Array.from(TEXTS, signalPlace);
const FLAG_PLACES = Uint8Array.from(FLAGS, signalPlace);

/** The traits of which a request that fulfils these conditions has none. */
export function forbiddenTraits(block: BlockWriter, pool: TextPool, when: Conditions): number {
  let forbidden = 0;
  for (const [place, dimension] of TEXTS.entries()) {
    const texts = dimension.textsOf(when);
    if (texts === undefined) continue;
    let allowed = 0;
    for (const text of texts) {
      const at = pool.placeOf(text);
      if (at === undefined) continue;
      const start = (at + 1) * 4;
      allowed |= 1 << classOf(block.view, start, start + block.get(at));
    }
    forbidden |= (ALL_CLASSES & ~allowed) << (place * TEXT_CLASSES);
  }
  for (const [place, dimension] of FLAGS.entries()) {
    const bound = dimension.boundOf(when);
    if (bound === undefined) continue;
    forbidden |= (BITS_OF_STATE[bound ? FALSE_FLAG : TRUE_FLAG] ?? 0) << (FLAGS_AT + place * FLAG_BITS);
  }
  return forbidden;
}

/** Of the request that is being decided, once they were asked for: a thread decides at once. */
let known = 0;
let areKnown = false;

/** Before each decision. */
export function forgetTraits(): void {
  areKnown = false;
}

/** The traits of the request, found once for a decision. */
export function traitsOfDecision(signals: Signals): number {
  if (!areKnown) {
    known = traitsOf(signals);
    areKnown = true;
  }
  return known;
}

function traitsOf({ starts, ends, view, flags }: Signals): number {
  let traits = 0;
  for (let place = 0; place < TEXT_PLACES.length; place += 1) {
    const signal = TEXT_PLACES[place] ?? 0;
    const start = starts[signal] ?? UNKNOWN_TEXT;
    const classes = start === UNKNOWN_TEXT ? ALL_CLASSES : 1 << classOf(view, start, ends[signal] ?? 0);
    traits |= classes << (place * TEXT_CLASSES);
  }
  for (let place = 0; place < FLAG_PLACES.length; place += 1) {
    const bits = BITS_OF_STATE[flags[FLAG_PLACES[place] ?? 0] ?? UNKNOWN_FLAG] ?? 0;
    traits |= bits << (FLAGS_AT + place * FLAG_BITS);
  }
  return traits;
}

/** By a hash of all bytes, four at a time; where they don't come in fours, the last four overlap those before. */
function classOf(view: DataView, start: number, end: number): number {
  const last = end - 4;
  let hash = end - start;
  if (last < start) {
    for (let at = start; at < end; at += 1) hash = (hash << 8) ^ view.getUint8(at);
  } else {
    for (let at = start; at < last; at += 4) hash = Math.imul(hash ^ view.getInt32(at, true), 0x01000193);
    hash ^= view.getInt32(last, true);
  }
  // Fibonacci hashing: the highest bits of the product depend on all of the factor's.
  return Math.imul(hash, 0x9e3779b1) >>> (WORD_BITS - CLASS_BITS);
}
