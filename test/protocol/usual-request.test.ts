// The reader of usual requests against the general one: whatever the bytes, it must take nothing that the other
// refuses, and read the same values where it takes something. Payloads are valid requests of all encodings, requests
// with one value of the wrong kind, and both with bytes changed, cut off or added.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Packr } from 'msgpackr/pack';
import { orgIdFromWords } from '../../src/protocol/org-id.js';
import { RequestFrame } from '../../src/protocol/request-frame.js';
import { type IncomingRequest, readMessage } from '../../src/protocol/request-reader.js';
import { readUsualRequest } from '../../src/protocol/usual-request.js';
import {
  FLAG_SIGNALS,
  NUMBER_SIGNALS,
  type Signals,
  TEXT_SIGNALS,
  TRUE_FLAG,
  UNKNOWN_FLAG,
  UNKNOWN_TEXT,
} from '../../src/routing/signals.js';
import { seededRandom } from '../support/random.js';

const CASES = 60_000;
const ORG_ID = '0190a000-0000-7000-8000-00000000ABCD';

const packr = new Packr({ useRecords: false, variableMapSize: true });
const random = seededRandom();

const TEXTS = [
  '',
  'a',
  'gpt-4o',
  'ß',
  '日本語',
  'x'.repeat(31),
  'y'.repeat(32),
  'z'.repeat(64),
  'é'.repeat(40),
];
const LONG_TEXTS = ['w'.repeat(65), 'v'.repeat(255), 'u'.repeat(256), 'ω'.repeat(40_000)];
const UINTS = [0, 1, 127, 128, 255, 256, 65_535, 65_536, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const ODD_VALUES = [-1, 1.5, 2 ** 40, '12', [1], { a: 1 }, true, NaN, Infinity, Buffer.from('b')];

const text = (): unknown => random.pick(random.chance(0.03) ? LONG_TEXTS : TEXTS);
const uint = (): unknown => random.pick(UINTS);
const flag = (): unknown => random.chance(0.5);

/** Each key that is known, with values that are right for it. */
const KEYS: readonly (readonly [key: string, value: () => unknown])[] = [
  ['tag', text],
  ['prompt', text],
  ['content_type', text],
  ['force_route', text],
  ['input_tokens', uint],
  ['upstream_p95_ms', uint],
  ['min_revision', (): unknown => random.pick([...UINTS, 2 ** 41, Number.MAX_SAFE_INTEGER, 2 ** 53])],
  ['estimated_cost_usd', (): unknown => random.pick([0, 1, 0.05, -2.5, 1e308, 5e-324, 70_000])],
  ['has_images', flag],
  ['has_audio', flag],
  ['has_documents', flag],
  ['reasoning_class', flag],
];

/** Mostly requests that a client would send; some with a value, a key or a byte that none would. */
function payload(): Buffer {
  const pairs: [string, unknown][] = [
    ['org_id', random.chance(0.8) ? ORG_ID : Buffer.from(ORG_ID.replaceAll('-', ''), 'hex')],
    ['model', text()],
  ];
  for (const [key, value] of KEYS) {
    if (random.chance(0.4)) pairs.push([key, random.chance(0.1) ? null : value()]);
  }
  if (random.chance(0.1)) pairs.push([random.pick(pairs)[0], random.pick(ODD_VALUES)]);
  if (random.chance(0.05))
    pairs.push([random.pick(['taG', 'model_', 'has_imagez', 'x', 'reasoning-class']), 1]);
  if (random.chance(0.05)) pairs.splice(random.below(pairs.length), 1);
  for (let at = pairs.length - 1; at > 0; at -= 1) {
    const other = random.below(at + 1);
    [pairs[at], pairs[other]] = [pairs[other] ?? ['', 0], pairs[at] ?? ['', 0]];
  }
  // A key may come twice, which no Map can say.
  const map = Buffer.concat([
    Uint8Array.of(0x80 | Math.min(15, pairs.length)),
    ...pairs
      .slice(0, 15)
      .flatMap(([key, value]) => [Buffer.from(packr.pack(key)), Buffer.from(packr.pack(value))]),
  ]);
  const id = Buffer.from(packr.pack(random.pick(UINTS)));
  const bytes = Buffer.concat([Uint8Array.of(0x94, 0), id, packr.pack('resolve'), Uint8Array.of(0x91), map]);
  if (random.chance(0.7)) return bytes;
  switch (random.below(3)) {
    case 0:
      bytes[random.below(bytes.length)] = random.below(256);
      return bytes;
    case 1:
      return bytes.subarray(0, random.below(bytes.length + 1));
    default:
      return Buffer.concat([bytes, random.bytes(1)]);
  }
}

/** A frame's values as the general reader gives them. */
function valuesOf({ id, orgId, minRevision, signals }: RequestFrame): unknown {
  return { id, orgId: orgIdFromWords(orgId), minRevision, ...knownOf(signals) };
}

function knownOf({ bytes, starts, ends, numbers, flags }: Signals): Record<string, unknown> {
  const known: Record<string, unknown> = {};
  for (const [at, name] of TEXT_SIGNALS.entries()) {
    const start = starts[at] ?? UNKNOWN_TEXT;
    if (start !== UNKNOWN_TEXT) known[name] = Buffer.from(bytes.subarray(start, ends[at])).toString();
  }
  for (const [at, name] of NUMBER_SIGNALS.entries()) {
    if (!Number.isNaN(numbers[at])) known[name] = numbers[at];
  }
  for (const [at, name] of FLAG_SIGNALS.entries()) {
    if (flags[at] !== UNKNOWN_FLAG) known[name] = flags[at] === TRUE_FLAG;
  }
  return known;
}

function valuesOfMessage(id: number, orgId: string, request: IncomingRequest): unknown {
  const known: Record<string, unknown> = {};
  for (const name of [...TEXT_SIGNALS, ...NUMBER_SIGNALS, ...FLAG_SIGNALS]) {
    if (request[name] !== undefined) known[name] = request[name];
  }
  return { id, orgId, minRevision: request.min_revision ?? 0, ...known };
}

describe('the reader of usual requests', () => {
  it('reads what the general reader reads, and nothing that it refuses', (test) => {
    test.diagnostic(`SIGNALBOX_TEST_SEED=${random.seed}`);
    const frame = new RequestFrame();
    let usual = 0;
    for (let at = 0; at < CASES; at += 1) {
      // In the middle of other bytes, as in a batch: what stands around must make no difference.
      const before = random.below(8);
      const body = payload();
      const around = Buffer.concat([random.bytes(before), body, random.bytes(random.below(8))]);
      const message = readMessage(around, before, before + body.length);
      if (!readUsualRequest(around, before, before + body.length, frame)) continue;
      usual += 1;
      assert.ok(message.kind === 'resolve', body.toString('hex'));
      const expected = valuesOfMessage(message.id, message.orgId, message.request);
      assert.deepEqual(valuesOf(frame), expected, body.toString('hex'));
    }
    assert.ok(usual > CASES / 4, `only ${usual} of ${CASES} were taken`);
  });

  it('takes each known key alone, of every encoding that encoders choose', () => {
    const frame = new RequestFrame();
    for (const [key, value] of [...KEYS, ['model', text] as const]) {
      for (let at = 0; at < 50; at += 1) {
        const request = { org_id: ORG_ID, model: 'm', [key]: value() };
        // A revision may be beyond what a double holds, and then it is left to the general reader.
        if (key === 'min_revision' && request[key] === 2 ** 53) continue;
        const bytes = Buffer.from(packr.pack([0, 7, 'resolve', [request]]));
        const isTaken = readUsualRequest(bytes, 0, bytes.length, frame);
        // msgpackr writes large integers as doubles, which are no unsigned integers to anybody.
        const isDouble = typeof request[key] === 'number' && request[key] > 0xffff_ffff;
        assert.equal(isTaken, !(key === 'min_revision' && isDouble), `${key}: ${String(request[key])}`);
      }
    }
  });
});
