// Reads a request's body: of a type that is taken, up to a limit, as JSON. What is refused is still read and thrown
// away, until the request's timeout, for a client that is cut while it writes never reads why.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../errors.js';
import type { Body } from './endpoint.js';
import { isNestedDeeperThan } from './json-depth.js';
import { Refusal, overloaded } from './refusal.js';

export interface BodyLimits {
  /** Of one body. */
  readonly bodyBytesMax: number;
  /** Of all the bodies that are being read or worked on. */
  readonly bodyBytesHeldMax: number;
}

/** Counts what is held for all requests at once, so that many writers can't fill the memory of the daemon. */
export class BodyReader {
  readonly #limits: BodyLimits;
  #heldBytes = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /**
   * Reads the body, hands it to `work`, and counts it as held until that is done.
   *
   * @param response tells a client that waits for it to go on, unless the headers say enough.
   * @throws Refusal
   */
  async withBody<T>(
    request: IncomingMessage,
    response: Pick<ServerResponse, 'writeContinue'>,
    expected: Body | undefined,
    work: (body: unknown) => Promise<T>,
  ): Promise<T> {
    const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
    const isEmpty = coding === undefined && (length === undefined || Number(length) === 0);
    if (expected === undefined) {
      if (!isEmpty) throw new Refusal('bad_request', 'expected no body');
      return work(undefined);
    }
    if (isEmpty) {
      if (expected.isOptional !== true) throw new Refusal('bad_request', 'expected a JSON body, got none');
      return work(undefined);
    }
    checkType(request, expected.types);
    if (Number(length ?? 0) > this.#limits.bodyBytesMax) throw this.#tooLarge();
    let held = 0;
    const hold = (bytes: number): Refusal | undefined => {
      held += bytes;
      this.#heldBytes += bytes;
      if (held > this.#limits.bodyBytesMax) return this.#tooLarge();
      return this.#heldBytes > this.#limits.bodyBytesHeldMax
        ? overloaded('too many bodies at once')
        : undefined;
    };
    try {
      if (request.headers.expect !== undefined) response.writeContinue();
      const bytes = await read(request, hold);
      if (bytes.length === 0 && expected.isOptional === true) return await work(undefined);
      return await work(parseJson(bytes));
    } finally {
      this.#heldBytes -= held;
    }
  }

  #tooLarge(): Refusal {
    return new Refusal('payload_too_large', `expected at most ${this.#limits.bodyBytesMax} bytes`);
  }
}

function checkType({ headers }: IncomingMessage, types: readonly string[]): void {
  const refuse = (detail: string): never => {
    throw new Refusal('unsupported_media_type', detail, { headers: { accept: types.join(', ') } });
  };
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';');
  if (!types.includes(type.trim())) {
    refuse(`expected a Content-Type of ${types.join(' or ')}, got ${type.trim() || 'none'}`);
  }
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=');
    // JSON is UTF-8 (RFC 8259 §8.1) and has no parameters; clients say this one all the same.
    if (name.trim() === 'charset' && !/^\s*"?utf-?8"?\s*$/.test(value)) {
      refuse(`JSON is UTF-8, got ${parameter.trim()}`);
    }
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') refuse(`expected no Content-Encoding, got ${encoding}`);
}

async function read(request: IncomingMessage, hold: (bytes: number) => Refusal | undefined): Promise<Buffer> {
  const chunks: Buffer[] = [];
  // Not `for await`, which destroys the connection on its way out of a refusal.
  await new Promise<void>((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      const refusal = hold(chunk.length);
      if (refusal === undefined) return;
      request.off('data', onData);
      request.resume();
      reject(refusal);
    };
    request.on('data', onData);
    request.once('end', resolve);
    request.once('error', reject);
    request.once('close', () => {
      reject(new Refusal('bad_request', 'the connection ended before the body did'));
    });
  }).catch((error: unknown) => {
    throw error instanceof Refusal ? error : new Refusal('bad_request', messageOf(error));
  });
  return Buffer.concat(chunks);
}

/** Deeper than any route can be. */
const JSON_DEPTH_MAX = 64;

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function parseJson(bytes: Buffer): unknown {
  if (isNestedDeeperThan(JSON_DEPTH_MAX, bytes)) {
    throw new Refusal('bad_request', `the body is nested more than ${JSON_DEPTH_MAX} deep`);
  }
  try {
    return JSON.parse(UTF8.decode(bytes)) as unknown;
  } catch (error) {
    throw new Refusal('bad_request', `the body is no JSON: ${messageOf(error)}`);
  }
}
