// A frame's payload → a message that the daemon answers. Everything that a client can get wrong ends here, as a
// `refused` with a text for that client's developer; nothing behind this file sees an unchecked value.
import type { ResolveRequest } from '../routing/request.js';
import { UINT32_MAX } from '../routing/route.js';
import { NOTIFICATION, REQUEST } from './messages.js';
import { MalformedMessage } from './malformed-message.js';
import { MsgpackReader } from './msgpack-reader.js';
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
      readonly request: IncomingRequest;
    }
  | { readonly kind: 'hello'; readonly id: number }
  /** Valid, but nothing that the daemon knows; notifications have no answer. */
  | { readonly kind: 'notification' }
  /** The id is null where it can't be read. */
  | { readonly kind: 'refused'; readonly id: number | null; readonly message: string };

/** Signals while they are read: always of one shape, which makes them cheap to write and to look at. */
class Signals {
  org_id: string | undefined = undefined;
  model: string | undefined = undefined;
  input_tokens: number | undefined = undefined;
  tag: string | undefined = undefined;
  prompt: string | undefined = undefined;
  has_images: boolean | undefined = undefined;
  has_audio: boolean | undefined = undefined;
  has_documents: boolean | undefined = undefined;
  estimated_cost_usd: number | undefined = undefined;
  content_type: string | undefined = undefined;
  upstream_p95_ms: number | undefined = undefined;
  reasoning_class: boolean | undefined = undefined;
  force_route: string | undefined = undefined;
  min_revision: number | undefined = undefined;
  /** One bit for each key that has come: which of two values is meant can't be known. */
  seen = 0;
}

type Key = Exclude<keyof Signals, 'seen'>;

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
  const signals = new Signals();
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
      if (isGiven(signals, 0x1, key)) signals.org_id = readOrgId() ?? wrong(key);
      return;
    case 'model':
      if (isGiven(signals, 0x2, key)) signals.model = readText() ?? wrong(key);
      return;
    case 'tag':
      if (isGiven(signals, 0x4, key)) signals.tag = readText() ?? wrong(key);
      return;
    case 'prompt':
      if (isGiven(signals, 0x8, key)) signals.prompt = readText() ?? wrong(key);
      return;
    case 'content_type':
      if (isGiven(signals, 0x10, key)) signals.content_type = readText() ?? wrong(key);
      return;
    case 'force_route':
      if (isGiven(signals, 0x20, key)) signals.force_route = readText() ?? wrong(key);
      return;
    case 'input_tokens':
      if (isGiven(signals, 0x40, key)) signals.input_tokens = uint32() ?? wrong(key);
      return;
    case 'upstream_p95_ms':
      if (isGiven(signals, 0x80, key)) signals.upstream_p95_ms = uint32() ?? wrong(key);
      return;
    case 'min_revision':
      if (isGiven(signals, 0x100, key)) signals.min_revision = uint53() ?? wrong(key);
      return;
    case 'has_images':
      if (isGiven(signals, 0x200, key)) signals.has_images = readBool() ?? wrong(key);
      return;
    case 'has_audio':
      if (isGiven(signals, 0x400, key)) signals.has_audio = readBool() ?? wrong(key);
      return;
    case 'has_documents':
      if (isGiven(signals, 0x800, key)) signals.has_documents = readBool() ?? wrong(key);
      return;
    case 'reasoning_class':
      if (isGiven(signals, 0x1000, key)) signals.reasoning_class = readBool() ?? wrong(key);
      return;
    case 'estimated_cost_usd':
      if (isGiven(signals, 0x2000, key)) signals.estimated_cost_usd = finite() ?? wrong(key);
      return;
    default:
      reader.skip();
  }
}

/** Whether a value follows that is no nil. Whoever checks the first of two must not be fooled by the second. */
function isGiven(signals: Signals, bit: number, key: Key): boolean {
  if ((signals.seen & bit) !== 0) refuse(`${key} is given twice`);
  signals.seen |= bit;
  return !reader.skipNil();
}

function wrong(key: Key): never {
  return refuse(`${key} must be ${EXPECTED[key]}`);
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

function readText(): string | undefined {
  return reader.text();
}

function readBool(): boolean | undefined {
  return reader.bool();
}

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
