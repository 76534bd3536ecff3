// A request as the engine reads it: its texts stay bytes in whatever buffer they came in, and are found and compared
// there; numbers and flags are in arrays of one type each. One object is used for request after request, so that
// reading a request allocates nothing.
import type { PromptSearch } from './keywords/prompt-search.js';
import type { ResolveRequest } from './request.js';

/** Places in `starts` and `ends`. */
export const TEXT_SIGNALS = ['model', 'tag', 'content_type', 'prompt', 'force_route'] as const;
/** Places in `numbers`. */
export const NUMBER_SIGNALS = ['input_tokens', 'estimated_cost_usd', 'upstream_p95_ms'] as const;
/** Places in `flags`. */
export const FLAG_SIGNALS = ['has_images', 'has_audio', 'has_documents', 'reasoning_class'] as const;

export type TextSignal = (typeof TEXT_SIGNALS)[number];
export type NumberSignal = (typeof NUMBER_SIGNALS)[number];
export type FlagSignal = (typeof FLAG_SIGNALS)[number];

export const MODEL = TEXT_SIGNALS.indexOf('model');
export const TAG = TEXT_SIGNALS.indexOf('tag');
export const CONTENT_TYPE = TEXT_SIGNALS.indexOf('content_type');
export const PROMPT = TEXT_SIGNALS.indexOf('prompt');
export const FORCE_ROUTE = TEXT_SIGNALS.indexOf('force_route');

/** In `starts`: the request doesn't carry that text. */
export const UNKNOWN_TEXT = -1;

/** In `flags`. */
export const UNKNOWN_FLAG = 0;
export const FALSE_FLAG = 1;
export const TRUE_FLAG = 2;

const EMPTY = new Uint8Array(0);

export class Signals {
  /** Where the texts are: that of signal `s` is `bytes[starts[s] … ends[s])`, valid UTF-8. */
  bytes: Uint8Array = EMPTY;
  /** The same bytes. */
  view: DataView = new DataView(EMPTY.buffer);
  readonly starts = new Int32Array(TEXT_SIGNALS.length);
  readonly ends = new Int32Array(TEXT_SIGNALS.length);
  /** NaN: unknown. No comparison with NaN holds, just as unknown satisfies no condition. */
  readonly numbers = new Float64Array(NUMBER_SIGNALS.length);
  readonly flags = new Uint8Array(FLAG_SIGNALS.length);
  /** Of a prompt that is searched bit by bit; undefined: at once. */
  search: PromptSearch | undefined;

  constructor() {
    this.reset();
  }

  /** Everything is unknown. Written out: it is done for every request, and a loop or `fill` takes longer. */
  reset(): void {
    const { starts, numbers, flags } = this;
    starts[0] = starts[1] = starts[2] = starts[3] = starts[4] = UNKNOWN_TEXT;
    numbers[0] = numbers[1] = numbers[2] = NaN;
    flags[0] = flags[1] = flags[2] = flags[3] = UNKNOWN_FLAG;
  }

  /** In bytes; 0 where there is none. */
  get promptLength(): number {
    const start = this.starts[PROMPT] ?? UNKNOWN_TEXT;
    return start === UNKNOWN_TEXT ? 0 : (this.ends[PROMPT] ?? 0) - start;
  }

  /** Of all texts together. */
  get textBytes(): number {
    return this.starts.reduce(
      (sum, start, place) => (start === UNKNOWN_TEXT ? sum : sum + (this.ends[place] ?? 0) - start),
      0,
    );
  }

  /** The same in memory of its own, for when that which the bytes are in is used again. */
  copy(): Signals {
    const copy = new Signals();
    const bytes = new Uint8Array(this.textBytes);
    let at = 0;
    for (const [place, start] of this.starts.entries()) {
      if (start === UNKNOWN_TEXT) continue;
      const text = this.bytes.subarray(start, this.ends[place]);
      bytes.set(text, at);
      copy.starts[place] = at;
      copy.ends[place] = at += text.length;
    }
    copy.bytes = bytes;
    copy.view = new DataView(bytes.buffer);
    copy.numbers.set(this.numbers);
    copy.flags.set(this.flags);
    return copy;
  }
}

const encoder = new TextEncoder();

/** The same for a request that is an object already. Off the hot path: it encodes every text. */
export function signalsOf(request: ResolveRequest): Signals {
  const signals = new Signals();
  fillSignals(signals, request);
  return signals;
}

/** Puts a request that is an object in the place of whatever `signals` held. */
export function fillSignals(signals: Signals, request: ResolveRequest): void {
  signals.reset();
  const texts = TEXT_SIGNALS.map((name) => encoder.encode(request[name] ?? ''));
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + text.length, 0));
  let at = 0;
  for (const [place, name] of TEXT_SIGNALS.entries()) {
    const text = texts[place];
    if (text === undefined || !isKnown(request[name])) continue;
    bytes.set(text, at);
    signals.starts[place] = at;
    signals.ends[place] = at += text.length;
  }
  signals.bytes = bytes;
  signals.view = new DataView(bytes.buffer);
  for (const [place, name] of NUMBER_SIGNALS.entries()) signals.numbers[place] = request[name] ?? NaN;
  for (const [place, name] of FLAG_SIGNALS.entries()) {
    const flag = request[name];
    if (isKnown(flag)) signals.flags[place] = flag ? TRUE_FLAG : FALSE_FLAG;
  }
}

function isKnown<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}
