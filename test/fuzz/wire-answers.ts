// What one client is owed for all that it sends, and what it gets: the answers to a stream of frames, as texts that can be
// counted, for answers may come in any order.
import { Unpackr } from 'msgpackr/unpack';
import type { Outcome } from '../../src/routing/table.js';
import { naiveResolve } from '../support/naive-resolve.js';
import { type Random } from '../support/random.js';
import { fuzzRoutes } from './fuzz-routes.js';
import { expect } from './target.js';
import type { WireGenerator } from './wire-generator.js';
import { ORG_COUNT, orgOf } from './wire-samples.js';
import { type Expected, expectedOf } from './wire-oracle.js';

/** Small, so that inputs come to it. */
export const MAX_FRAME_BYTES = 2048;

const HEADER_BYTES = 4;
const FRAMES_PER_INPUT = 24;

/** All but the revision, which is the store's. */
const DECISION_KEYS = [
  ...['route_id', 'route', 'target_model', 'fallbacks', 'disable_cache', 'max_cost_usd', 'effects'],
  ...['paused', 'reason', 'stale'],
] as const;

const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });

type Message = readonly [
  type: number,
  id: number | null,
  error: { readonly code: string } | null,
  result: Readonly<Record<string, unknown>>,
];

const routesByOrg = new Map(Array.from({ length: ORG_COUNT }, (_, org) => [orgOf(org), fuzzRoutes(org)]));

export function withoutHeader(input: Buffer): Buffer {
  return input.subarray(HEADER_BYTES);
}

/** Frames one behind the other; now and then a length that lies. */
export function streamOf(random: Random, generator: WireGenerator): Buffer {
  const parts: Buffer[] = [];
  for (let count = 1 + random.below(2 * FRAMES_PER_INPUT); count > 0; count -= 1) {
    const payload = generator.payload();
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32BE(payload.length);
    if (random.chance(0.002))
      header.writeUInt32BE(random.pick([0, payload.length + 1, MAX_FRAME_BYTES + 1, 2 ** 32 - 1]));
    parts.push(header, payload);
  }
  return Buffer.concat(parts);
}

/**
 * How often each answer is owed for all that comes in these bytes.
 *
 * @param onPayload told of each payload what it is.
 */
export function answersOwed(
  input: Buffer,
  onPayload: (payload: Buffer, expected: Expected) => void = () => undefined,
): { readonly owed: Map<string, number>; readonly frameCount: number } {
  const owed = new Map<string, number>();
  const owe = (answer: string | undefined): void => {
    if (answer !== undefined) owed.set(answer, (owed.get(answer) ?? 0) + 1);
  };
  let frameCount = 0;
  for (let at = 0; at + HEADER_BYTES <= input.length; frameCount += 1) {
    const length = input.readUInt32BE(at);
    const start = at + HEADER_BYTES;
    if (length > MAX_FRAME_BYTES) {
      owe('null bad_request');
      break;
    }
    if (start + length > input.length) break;
    const payload = input.subarray(start, start + length);
    const expected = expectedOf(payload);
    onPayload(payload, expected);
    owe(answerOf(expected));
    at = start + length;
  }
  return { owed, frameCount };
}

function* answersIn(written: Buffer): Iterable<string> {
  for (let at = 0; at < written.length;) {
    const length = written.readUInt32BE(at);
    const start = at + HEADER_BYTES;
    expect(start + length <= written.length, () => 'the last answer is cut off');
    const [type, id, error, result] = unpackr.unpack(written.subarray(start, start + length)) as Message;
    expect(type === 1, () => `not an answer: ${written.toString('hex', at, start + length)}`);
    if (error !== null) yield `${id} ${error.code}`;
    else yield 'protocol' in result ? `${id} hello` : answerText(id, result);
    at = start + length;
  }
}

function answerText(id: number | null, decision: Readonly<Record<string, unknown>>): string {
  return `${id} ${JSON.stringify(DECISION_KEYS.map((key) => decision[key]))}`;
}

function answerOf(expected: Expected): string | undefined {
  switch (expected.kind) {
    case 'notification':
      return undefined;
    case 'refused':
      return `${expected.id} bad_request`;
    case 'hello':
      return `${expected.id} hello`;
    case 'resolve': {
      const request = { model: '', ...Object.fromEntries(expected.signals) };
      const outcome: Omit<Outcome, 'revision'> = naiveResolve(routesByOrg.get(expected.orgId) ?? [], request);
      return answerText(expected.id, { ...outcome, stale: false });
    }
  }
}

/** Each answer that came must have been owed, and no more must be. */
export function assertAnswered(owed: Map<string, number>, written: Buffer): void {
  for (const answer of answersIn(written)) {
    const left = owed.get(answer) ?? 0;
    expect(left > 0, () => `an answer that nobody is owed: ${answer}\nowed: ${[...owed.keys()].join('\n')}`);
    if (left === 1) owed.delete(answer);
    else owed.set(answer, left - 1);
  }
  expect(owed.size === 0, () => `answers did not come: ${[...owed.keys()].join('\n')}`);
}
