// A frame's payload → a message that the daemon answers. Everything that a client can get wrong ends here, as a
// `refused` with a text for that client's developer; nothing behind this file sees an unchecked value.
import type { ResolveRequest } from '../routing/request.js';
import { UINT32_MAX } from '../routing/route.js';
import { NOTIFICATION, REQUEST } from './messages.js';
import { MalformedMessage, MsgpackReader } from './msgpack-reader.js';
import { orgIdFromHex, parseOrgId } from './org-id.js';

/** What the engine is asked, and what only whoever serves it is. */
export interface IncomingRequest extends ResolveRequest {
  /** Routes of at least this revision are wanted: whoever wrote them waits for the decision to go by them. */
  readonly min_revision?: number | undefined;
}

export type IncomingMessage =
  | {
      readonly kind: 'resolve';
      readonly id: number;
      readonly orgId: string;
      readonly request: ResolveRequest;
    }
  | { readonly kind: 'hello'; readonly id: number }
  /** Valid, but nothing that the daemon knows; notifications have no answer. */
  | { readonly kind: 'notification' }
  /** The id is null where it can't be read. */
  | { readonly kind: 'refused'; readonly id: number | null; readonly message: string };

/** Signals while they are read: the keys in any order, each at most once. */
type Signals = { -readonly [K in keyof IncomingRequest]?: IncomingRequest[K] | undefined } & {
  org_id?: string | undefined;
};

type Key = keyof Signals;

const REQUEST_ELEMENTS = 4;
const NOTIFICATION_ELEMENTS = 3;

// One for the thread: messages are read whole, one after the other.
const reader = new MsgpackReader();

/** Reads the message in `bytes[start … end)`. Never throws for any bytes. */
export function readMessage(bytes: Buffer, start: number, end: number): IncomingMessage {
  let id: number | null = null;
  try {
    reader.open(bytes, start, end);
    const elements = reader.arrayLength() ?? 0;
    if (elements === 0) refuse('a message is a list: [0, id, method, [params]]');
    const type = reader.int();
    if (type === NOTIFICATION) return readNotification(elements);
    if (type !== REQUEST) refuse('the first element of a message to the daemon is 0, for a request');
    if (elements > 1) id = uint32() ?? refuse('the id of a request is an unsigned 32-bit integer');
    if (id === null || elements !== REQUEST_ELEMENTS)
      refuse('a request has four elements: [0, id, method, [params]]');
    const method = reader.text();
    switch (method) {
      case 'resolve':
        return readResolve(id);
      case 'hello':
        for (let left = paramsLength(method); left > 0; left -= 1) {
          reader.key();
          reader.skip();
        }
        assertEnd();
        return { kind: 'hello', id };
      case undefined:
        return refuse('the method of a request is text');
      default:
        reader.skip();
        assertEnd();
        return refuse(`unknown method ${JSON.stringify(method.slice(0, 40))}; there are resolve and hello`);
    }
  } catch (error) {
    if (error instanceof MalformedMessage) return { kind: 'refused', id, message: error.message };
    throw error;
  }
}

function refuse(message: string): never {
  throw new MalformedMessage(message);
}

function assertEnd(): void {
  if (!reader.atEnd) refuse('bytes are left over behind the message');
}

function readNotification(elements: number): IncomingMessage {
  if (elements !== NOTIFICATION_ELEMENTS) refuse('a notification has three elements: [2, method, [params]]');
  if (reader.text() === undefined) refuse('the method of a notification is text');
  reader.skip();
  assertEnd();
  return { kind: 'notification' };
}

/** The number of pairs in the one map that the params are. */
function paramsLength(method: string): number {
  const pairs = reader.arrayLength() === 1 ? reader.mapLength() : undefined;
  return pairs ?? refuse(`the params of ${method} are a list of one map`);
}

function readResolve(id: number): IncomingMessage {
  const pairs = paramsLength('resolve');
  const signals: Signals = {};
  for (let pair = 0; pair < pairs; pair += 1) readSignal(signals, reader.key());
  assertEnd();
  if (signals.org_id === undefined) refuse('org_id is required: a UUID, as text or as 16 bytes');
  if (!hasModel(signals)) refuse('model is required: text');
  return { kind: 'resolve', id, orgId: signals.org_id, request: signals };
}

function hasModel(signals: Signals): signals is Signals & { model: string } {
  return signals.model !== undefined;
}

/** A key that nobody knows is passed over; nil is as good as absent. */
function readSignal(signals: Signals, key: string): void {
  switch (key) {
    case 'org_id':
      return set(signals, key, readOrgId);
    case 'model':
    case 'tag':
    case 'prompt':
    case 'content_type':
    case 'force_route':
      return set(signals, key, text);
    case 'input_tokens':
    case 'upstream_p95_ms':
      return set(signals, key, uint32);
    case 'min_revision':
      return set(signals, key, uint53);
    case 'has_images':
    case 'has_audio':
    case 'has_documents':
    case 'reasoning_class':
      return set(signals, key, bool);
    case 'estimated_cost_usd':
      return set(signals, key, finite);
    default:
      reader.skip();
  }
}

const EXPECTED: Readonly<Record<Key, string>> = {
  org_id: 'a UUID, as text or as 16 bytes',
  model: 'text',
  tag: 'text',
  prompt: 'text',
  content_type: 'text',
  force_route: 'text',
  input_tokens: 'an unsigned 32-bit integer',
  upstream_p95_ms: 'an unsigned 32-bit integer',
  has_images: 'true or false',
  has_audio: 'true or false',
  has_documents: 'true or false',
  reasoning_class: 'true or false',
  estimated_cost_usd: 'a finite number',
  min_revision: 'an unsigned integer below 2^53',
};

function set<K extends Key>(signals: Signals, key: K, read: () => Signals[K]): void {
  // Which of two values is meant can't be known, and whoever checks the first must not be fooled by the second.
  if (Object.hasOwn(signals, key)) refuse(`${key} is given twice`);
  signals[key] = reader.skipNil() ? undefined : (read() ?? refuse(`${key} must be ${EXPECTED[key]}`));
}

const text = (): string | undefined => reader.text();
const bool = (): boolean | undefined => reader.bool();

function readOrgId(): string | undefined {
  if (reader.peek() === 'bytes') return orgIdFromHex(reader.bytesAsHex() ?? '');
  return parseOrgId(reader.text() ?? '');
}

function uint32(): number | undefined {
  const value = reader.int();
  return value !== undefined && value >= 0 && value <= UINT32_MAX ? value : undefined;
}

function uint53(): number | undefined {
  const value = reader.int();
  return value !== undefined && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

function finite(): number | undefined {
  const value = reader.number();
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
