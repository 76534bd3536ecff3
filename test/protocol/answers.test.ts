// The bytes of answers, as a general MessagePack decoder reads them: what a client in any language is told is what
// was meant, and numbers keep their kind.
import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Packr } from 'msgpackr/pack';
import { Unpackr } from 'msgpackr/unpack';
import {
  ANSWER_ID_OFFSET,
  encodeDecision,
  encodeHello,
  errorFrame,
  refusalFrame,
  frame,
  goawayFrame,
  resultFrame,
} from '../../src/protocol/answers.js';
import { encode } from '../../src/protocol/encode.js';
import { FRAME_HEADER_BYTES, type WireErrorCode } from '../../src/protocol/messages.js';
import type { Decision, Reason } from '../../src/routing/decision.js';

const packr = new Packr({ useRecords: false, variableMapSize: true });
/** Maps as Map objects, in which `__proto__` is a key like any other; integers of 64 bits as bigints. */
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: false, int64AsType: 'bigint' });

const MATCHED: Decision = {
  ...{ route_id: '0190a000-0000-7000-8000-000000000001', route: 'cheap-short', target_model: 'gpt-4o-mini' },
  ...{ fallbacks: ['claude-haiku-4-5', 'x'], disable_cache: true, max_cost_usd: 0.05 },
  effects: { redact: true, compress: { level: 3 } },
  ...{ paused: false, reason: 'matched', revision: 7, stale: false },
};
const UNMATCHED: Decision = {
  ...{ route_id: null, route: null, target_model: null, fallbacks: [], disable_cache: false },
  ...{ max_cost_usd: null, effects: {}, paused: false, reason: 'no_match', revision: 0, stale: true },
};

const KEYS = [
  ...['route_id', 'route', 'target_model', 'fallbacks', 'disable_cache', 'max_cost_usd', 'effects'],
  ...['paused', 'reason', 'revision', 'stale'],
];

/** What is read of a JSON value's bytes: its maps as Map objects. */
function asRead(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asRead);
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([key, member]) => [key, asRead(member)]));
  }
  // An encoder takes a negative zero for the integer.
  return value === 0 ? 0 : value;
}

/** Integers of 64 bits as numbers again, where they are expected. */
function readDecision(bytes: Buffer): unknown {
  const map = unpackr.unpack(bytes) as Map<string, unknown>;
  const revision = map.get('revision');
  if (typeof revision === 'bigint') map.set('revision', Number(revision));
  return map;
}

/** The bytes of the value behind a key, and all bytes after them. */
function bytesBehind(bytes: Buffer, key: string): Buffer {
  const packedKey = packr.pack(key);
  const at = bytes.indexOf(packedKey);
  assert.notEqual(at, -1);
  return bytes.subarray(at + packedKey.length);
}

/** The payload of a buffer that is one frame and nothing else. */
function payloadOf(bytes: Buffer): Buffer {
  assert.equal(bytes.readUInt32BE(), bytes.length - FRAME_HEADER_BYTES);
  return bytes.subarray(FRAME_HEADER_BYTES);
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', '__proto__', '\0', '\ufeff', 'ß'.repeat(20), 'x'.repeat(300), '\u{1f600}'.repeat(50)),
);
const key = fc.oneof(text, fc.constantFrom('__proto__', 'toJSON', 'length', 'redact', 'then'));
/** Any JSON value, with the keys that JavaScript knows something about. */
const jsonValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, -1, 4294967296, 2 ** 53, -(2 ** 31) - 1, 0.1, 1e300),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map(mapOfEntries),
  ),
})).value;
const effects = fc.array(fc.tuple(key, jsonValue), { maxLength: 20 }).map(mapOfEntries);

/** As JSON.parse and structuredClone make it: a plain object that may have `__proto__` for a key of its own. */
function mapOfEntries(entries: readonly (readonly [string, unknown])[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(entries);
}

const decision: fc.Arbitrary<Decision> = fc.record({
  route_id: fc.option(fc.uuid()),
  route: fc.option(text),
  target_model: fc.option(text),
  fallbacks: fc.array(text, { maxLength: 20 }),
  disable_cache: fc.boolean(),
  max_cost_usd: fc.option(
    fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, 1, 2)),
  ),
  effects,
  paused: fc.boolean(),
  reason: fc.constantFrom<Reason>('matched', 'no_match', 'no_such_route'),
  revision: fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(0, 0xffff_ffff, 0x1_0000_0000)),
  stale: fc.boolean(),
});

describe('a decision', () => {
  it('is a map of the eleven documented keys, whatever was decided', () => {
    for (const one of [MATCHED, UNMATCHED]) {
      const map = unpackr.unpack(encodeDecision(one)) as Map<string, unknown>;
      assert.deepEqual([...map.keys()].sort(), [...KEYS].sort());
    }
  });

  it('is read as it was meant, nil where there is nothing', () => {
    for (const one of [MATCHED, UNMATCHED]) assert.deepEqual(readDecision(encodeDecision(one)), asRead(one));
  });

  it('is read as it was meant, whatever it says', () => {
    fc.assert(
      fc.property(decision, (one) => {
        const bytes = encodeDecision(one);
        const expected = asRead(one) as Map<string, unknown>;
        expected.set('max_cost_usd', one.max_cost_usd);
        assert.deepEqual(readDecision(bytes), expected);
      }),
      { numRuns: 3000 },
    );
  });

  it('is read as it was meant when it is long: thousands of fallbacks, of effects, of letters', () => {
    const long: Decision = {
      ...MATCHED,
      route: 'ß'.repeat(40_000),
      fallbacks: Array.from({ length: 70_000 }, (_, index) => `model-${index}`),
      effects: Object.fromEntries(Array.from({ length: 70_000 }, (_, index) => [`effect-${index}`, index])),
    };
    assert.deepEqual(readDecision(encodeDecision(long)), asRead(long));
  });

  it('is read as it was meant at every length at which MessagePack writes texts and lists in another way', () => {
    for (const length of [0, 1, 15, 16, 31, 32, 255, 256, 257, 65_535, 65_536]) {
      for (const letter of ['a', 'ß', 'aß']) {
        const text = letter.repeat(length);
        const decision = { ...MATCHED, route: text, target_model: text, fallbacks: [text, text] };
        assert.deepEqual(readDecision(encodeDecision(decision)), asRead(decision), `${length} × ${letter}`);
      }
      const fallbacks = new Array<string>(length).fill('m');
      const decision = { ...MATCHED, fallbacks };
      assert.deepEqual(readDecision(encodeDecision(decision)), asRead(decision), `${length} fallbacks`);
    }
  });

  it('hands effects over whose keys are names of JavaScript', () => {
    const effects = { toJSON: true, constructor: 'x' };
    assert.deepEqual(readDecision(encodeDecision({ ...MATCHED, effects })), asRead({ ...MATCHED, effects }));
  });

  it('has a revision that is an unsigned integer, of 64 bits from 2^32 on, however large', () => {
    for (const revision of [0, 1, 127, 65_536, 0xffff_ffff]) {
      const value = bytesBehind(encodeDecision({ ...MATCHED, revision }), 'revision');
      assert.equal(value[0], 0xce, String(revision));
      assert.equal(value.readUInt32BE(1), revision);
    }
    for (const revision of [0x1_0000_0000, 0x1_0000_0001, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER]) {
      const value = bytesBehind(encodeDecision({ ...MATCHED, revision }), 'revision');
      assert.equal(value[0], 0xcf, String(revision));
      assert.equal(value.readBigUInt64BE(1), BigInt(revision));
    }
  });

  it('has a limit of the cost that is a double, though it be whole', () => {
    for (const limit of [1, 2, 0.05, 5e-324, 1e308, 4294967296, 127]) {
      const value = bytesBehind(encodeDecision({ ...MATCHED, max_cost_usd: limit }), 'max_cost_usd');
      assert.equal(value[0], 0xcb, String(limit));
      assert.equal(value.readDoubleBE(1), limit);
    }
    assert.equal(bytesBehind(encodeDecision(UNMATCHED), 'max_cost_usd')[0], 0xc0);
  });

  it('is memory of its own, which later encoding leaves alone', () => {
    const first = encodeDecision(MATCHED);
    const before = Buffer.from(first);
    for (let round = 0; round < 2000; round += 1) encodeDecision({ ...UNMATCHED, route: 'x'.repeat(round) });
    assert.ok(first.equals(before));
  });

  it('is valid UTF-8 though a route file says half of a surrogate pair', () => {
    const value = bytesBehind(encodeDecision({ ...MATCHED, route: 'a\ud800b' }), 'route');
    assert.ok(isUtf8(value.subarray(1, 1 + ((value[0] ?? 0) & 0x1f))));
  });

  it('has texts that are valid UTF-8, and so for every client', () => {
    const bytes = encodeDecision({ ...MATCHED, route: 'ß\u{1f600}\0\ufffd', target_model: '\u{10ffff}' });
    for (const [at, expected] of [
      ['route', 'ß\u{1f600}\0\ufffd'],
      ['target_model', '\u{10ffff}'],
    ] as const) {
      const value = bytesBehind(bytes, at);
      const length = (value[0] ?? 0) & 0x1f;
      assert.ok(isUtf8(value.subarray(1, 1 + length)));
      assert.equal(value.toString('utf8', 1, 1 + length), expected);
    }
  });
});

describe('an answer', () => {
  it('is one frame: a response with the id, no error, and the decision', () => {
    for (const id of [0, 1, 127, 2147483648, 4294967295]) {
      const result = encodeDecision(MATCHED);
      const bytes = resultFrame(result);
      bytes.writeUInt32BE(id, ANSWER_ID_OFFSET);
      const [type, answered, error, decided] = unpackr.unpack(payloadOf(bytes)) as unknown[];
      assert.deepEqual([type, answered, error], [1, id, null]);
      assert.deepEqual(decided, asRead(MATCHED));
    }
  });

  it('declares the length of a result that is longer than a megabyte', () => {
    const bytes = resultFrame(Buffer.alloc(3_000_000, 0xc0));
    assert.equal(bytes.readUInt32BE(), bytes.length - FRAME_HEADER_BYTES);
  });

  it('to hello says who answers, and what it takes', () => {
    const hello = { server: 'signalbox', version: '1.2.3', protocol: 1, max_frame_bytes: 1048576 } as const;
    assert.deepEqual(unpackr.unpack(encodeHello(hello)), asRead(hello));
  });
});

describe('an error', () => {
  const codes: readonly WireErrorCode[] = [
    'bad_request',
    'unavailable',
    'overloaded',
    'draining',
    'internal',
  ];

  it('is one frame: a response with the id, the code and the text, and no result', () => {
    for (const code of codes) {
      for (const id of [0, 1, 128, 2147483648, 4294967295]) {
        const error = { code, message: 'expected ß, got \u{1f600}' };
        assert.deepEqual(unpackr.unpack(payloadOf(errorFrame(id, error))), [1, id, asRead(error), null]);
      }
    }
  });

  it('has a nil for an id that could not be read', () => {
    const error = { code: 'bad_request', message: 'x' } as const;
    assert.deepEqual(unpackr.unpack(payloadOf(errorFrame(null, error))), [1, null, asRead(error), null]);
  });

  it('has an id that is an unsigned integer on the wire, the largest too', () => {
    const payload = payloadOf(errorFrame(4294967295, { code: 'internal', message: '' }));
    assert.equal(payload.subarray(0, 7).toString('hex'), '9401ceffffffff');
  });

  it('can be made once, for any id to be put in', () => {
    const error = { code: 'overloaded', message: 'm' } as const;
    const bytes = refusalFrame(error);
    bytes.writeUInt32BE(4294967295, ANSWER_ID_OFFSET);
    assert.deepEqual(unpackr.unpack(payloadOf(bytes)), [1, 4294967295, asRead(error), null]);
  });

  it('says nothing but its code and its text', () => {
    const error = { code: 'internal', message: 'm', stack: 'secret' } as const;
    assert.deepEqual(unpackr.unpack(payloadOf(errorFrame(1, error))), [
      ...[1, 1, asRead({ code: 'internal', message: 'm' }), null],
    ]);
  });
});

describe('goaway', () => {
  it('is one frame: a notification', () => {
    assert.deepEqual(unpackr.unpack(payloadOf(goawayFrame())), [2, 'goaway', [new Map()]]);
  });
});

describe('a frame', () => {
  it('is its payload with the length in front, of 32 bits, big-endian', () => {
    assert.equal(frame(Buffer.alloc(0)).toString('hex'), '00000000');
    assert.equal(frame(Buffer.of(0xc0)).toString('hex'), '00000001c0');
    const long = frame(Buffer.alloc(70_000, 1));
    assert.equal(long.subarray(0, 4).toString('hex'), '00011170');
    assert.equal(long.length, 70_004);
  });

  it('is memory of its own', () => {
    const payload = Buffer.of(1, 2, 3);
    const framed = frame(payload);
    payload.fill(0);
    assert.equal(framed.toString('hex'), '00000003010203');
  });
});

describe('encoding', () => {
  it('is of any JSON value, and gives memory of its own', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        const bytes = encode(value);
        const before = Buffer.from(bytes);
        encode('x'.repeat(10_000));
        assert.ok(bytes.equals(before));
        assert.deepEqual(unpackr.unpack(bytes), asRead(value));
      }),
      { numRuns: 2000 },
    );
  });
});
