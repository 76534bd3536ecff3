// Payloads → messages. Valid requests are compared with what a general MessagePack decoder makes of them; everything
// else must be refused with a text, whatever the bytes, and never throw.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Packr } from 'msgpackr/pack';
import { Unpackr } from 'msgpackr/unpack';
import { NESTING_MAX } from '../../src/protocol/msgpack-reader.js';
import { type IncomingMessage, readMessage } from '../../src/protocol/request-reader.js';
import type { ResolveRequest } from '../../src/routing/request.js';
import { arrayOf, hex, mapOf, nestedArrays, nestedMaps } from '../support/wire-bytes.js';

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: false, int64AsType: 'number' });

const ORG_ID = '0190a000-0000-7000-8000-00000000abcd';
const ORG_BYTES = Buffer.from(ORG_ID.replaceAll('-', ''), 'hex');
const GOOD = { org_id: ORG_ID, model: 'gpt-4o' };

const pack = (value: unknown): Buffer => Buffer.from(packr.pack(value));
const read = (payload: Buffer): IncomingMessage => readMessage(payload, 0, payload.length);
const readResolve = (params: unknown): IncomingMessage => read(pack([0, 1, 'resolve', [params]]));

const SIGNALS = [
  ...['model', 'input_tokens', 'tag', 'prompt', 'has_images', 'has_audio', 'has_documents'],
  ...['estimated_cost_usd', 'content_type', 'upstream_p95_ms', 'reasoning_class', 'force_route'],
] as const satisfies readonly (keyof ResolveRequest)[];

/** The signals that are known, and nothing else. */
function knownSignals(request: ResolveRequest): Map<string, unknown> {
  return new Map(
    SIGNALS.map((signal) => [signal, request[signal]] as const).filter(([, value]) => value !== undefined),
  );
}

interface Read {
  readonly id: number;
  readonly orgId: string;
  readonly signals: ReadonlyMap<string, unknown>;
}

function assertResolve(message: IncomingMessage): Read {
  assert.equal(message.kind, 'resolve', JSON.stringify(message));
  const { id, orgId, request } = message;
  return { id, orgId, signals: knownSignals(request) };
}

function assertRefused(payload: Buffer, id: number | null, about?: RegExp): void {
  const message = read(payload);
  assert.equal(message.kind, 'refused', `${payload.toString('hex')}: ${JSON.stringify(message)}`);
  assert.equal(message.id, id, payload.toString('hex'));
  assert.match(message.message, about ?? /./);
}

/** A request with the id 7, whose params are bytes already. */
function requestOf(map: Buffer): Buffer {
  return arrayOf(hex('00'), hex('07'), pack('resolve'), arrayOf(map));
}

/** What a general decoder makes of a valid `resolve`. */
function referenceRead(payload: Buffer): Read {
  type Params = ReadonlyMap<string, unknown>;
  const [, id, , [params]] = unpackr.unpack(payload) as [0, number, 'resolve', [Params]];
  const org = params.get('org_id');
  const digits = typeof org === 'string' ? org.replaceAll('-', '').toLowerCase() : toHex(org);
  const signals = SIGNALS.map((signal) => [signal, params.get(signal)] as const);
  return {
    id,
    orgId: digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    signals: new Map(signals.filter(([, value]) => value !== undefined && value !== null)),
  };
}

function toHex(bytes: unknown): string {
  assert.ok(bytes instanceof Uint8Array);
  return Buffer.from(bytes).toString('hex');
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', 'gpt-4o', '__proto__', '\ufeff', '\ufffd', '\0', 'İ', 'x'.repeat(40), 'é'.repeat(200)),
);
const uint32 = fc.oneof(
  fc.integer({ min: 0, max: 0xffff_ffff }),
  fc.constantFrom(0, 127, 128, 255, 256, 65535, 65536, 2147483647, 2147483648, 4294967295),
  // As 64 bits, which is how some encoders write every integer.
  fc.constantFrom(0n, 1n, 4294967295n),
);
const cost = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, 1, -1, 4294967296, 0.05, 5e-324, 2n ** 53n),
);
const orgBytes = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes));
const orgText = fc.uuid().chain((uuid) => fc.constantFrom(uuid, uuid.toUpperCase()));

const nullable = (arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 5, arbitrary }, { weight: 1, arbitrary: fc.constant(null) });

/** What nobody knows: later versions' keys, keys of objects, keys that are too long. */
const unknownEntries = fc.dictionary(
  fc.oneof(
    fc.constantFrom(
      '',
      'later',
      'Model',
      'model ',
      'toString',
      'constructor',
      'k'.repeat(65),
      'é'.repeat(33),
    ),
    fc.string({ maxLength: 8 }).map((key) => `x-${key}`),
  ),
  fc.jsonValue({ maxDepth: 4 }),
  { maxKeys: 4 },
);

/** A valid map of params: every key in any order, each absent, nil or there. */
const params = fc
  .tuple(
    fc.record({ org_id: fc.oneof(orgBytes, orgText), model: text }),
    fc.record(
      {
        input_tokens: nullable(uint32),
        tag: nullable(text),
        prompt: nullable(text),
        has_images: nullable(fc.boolean()),
        has_audio: nullable(fc.boolean()),
        has_documents: nullable(fc.boolean()),
        estimated_cost_usd: nullable(cost),
        content_type: nullable(text),
        upstream_p95_ms: nullable(uint32),
        reasoning_class: nullable(fc.boolean()),
        force_route: nullable(text),
      },
      { requiredKeys: [] },
    ),
    unknownEntries,
  )
  .chain(([required, signals, unknown]) => {
    const entries = Object.entries<unknown>({ ...unknown, ...required, ...signals });
    return fc.shuffledSubarray(entries, { minLength: entries.length });
  })
  .map((entries) => new Map(entries));

const requestId = fc.oneof(
  fc.integer({ min: 0, max: 0xffff_ffff }),
  fc.constantFrom(0, 4294967295, 2147483648),
  fc.constantFrom(7n, 4294967295n),
);

const validPayload = fc.tuple(requestId, params).map(([id, map]) => pack([0, id, 'resolve', [map]]));

/** From 0 up to, but not including, 1; evenly, which a random double is not. */
const fraction = fc.nat({ max: 999_999 }).map((millionths) => millionths / 1e6);

/** A message that may be handed on: of a kind that there is, and everything in it of its type and in its range. */
function assertSound(message: IncomingMessage): void {
  const isUint32 = (value: unknown): boolean =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff_ffff;
  switch (message.kind) {
    case 'notification':
      return;
    case 'hello':
      assert.ok(isUint32(message.id));
      return;
    case 'refused':
      assert.ok(message.id === null || isUint32(message.id));
      assert.ok(message.message !== '');
      return;
    case 'resolve': {
      assert.ok(isUint32(message.id));
      assert.match(message.orgId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      const { signals } = assertResolve(message);
      assert.equal(typeof signals.get('model'), 'string');
      for (const [signal, value] of signals) {
        if (signal === 'input_tokens' || signal === 'upstream_p95_ms') assert.ok(isUint32(value));
        else if (signal === 'estimated_cost_usd') assert.ok(Number.isFinite(value));
        else if (signal === 'reasoning_class' || signal.startsWith('has_'))
          assert.equal(typeof value, 'boolean');
        else assert.equal(typeof value, 'string');
      }
    }
  }
}

describe('a valid request', () => {
  it('is read as a general decoder reads it, wherever in the buffer it stands', () => {
    fc.assert(
      fc.property(validPayload, fc.nat({ max: 5 }), (payload, before) => {
        const around = Buffer.concat([Buffer.alloc(before, 0x91), payload, Buffer.alloc(9, 0xc0)]);
        const message = readMessage(around, before, before + payload.length);
        assert.deepEqual(assertResolve(message), referenceRead(payload));
      }),
      { numRuns: 5000 },
    );
  });

  it('is read from the longest encodings as from the shortest', () => {
    const payload = Buffer.concat([
      hex('dd00000004 d30000000000000000 cf00000000ffffffff db00000007'),
      Buffer.from('resolve'),
      hex('dd00000001 df00000003'),
      ...[hex('db00000006'), Buffer.from('org_id'), hex('c600000010'), ORG_BYTES],
      ...[hex('db00000005'), Buffer.from('model'), hex('db00000001 6d')],
      ...[hex('db0000000c'), Buffer.from('input_tokens'), hex('d30000000000000001')],
    ]);
    assert.deepEqual(assertResolve(read(payload)), {
      id: 4294967295,
      orgId: ORG_ID,
      signals: new Map<string, unknown>(Object.entries({ model: 'm', input_tokens: 1 })),
    });
  });

  it('does not outlive its bytes: what was read stays when they are overwritten', () => {
    const payload = pack([0, 1, 'resolve', [{ ...GOOD, prompt: 'x'.repeat(1000), tag: 'é' }]]);
    const message = read(payload);
    payload.fill(0xff);
    const { signals } = assertResolve(message);
    assert.deepEqual([...signals.values()], ['gpt-4o', 'é', 'x'.repeat(1000)]);
  });

  it('has nothing of the one before it', () => {
    readResolve({ ...GOOD, tag: 't', has_images: true, force_route: 'r' });
    const { signals } = assertResolve(readResolve(GOOD));
    assert.deepEqual([...signals.keys()], ['model']);
  });

  it('may carry a negative or enormous cost, which is known all the same', () => {
    for (const estimated_cost_usd of [-1, 0, 1e308, 2 ** 40]) {
      const { signals } = assertResolve(readResolve({ ...GOOD, estimated_cost_usd }));
      assert.equal(signals.get('estimated_cost_usd'), estimated_cost_usd);
    }
  });
});

describe('hello', () => {
  it('is read with its id, whatever its params say', () => {
    for (const hello of [{}, { client: 'c', version: '1' }, { client: 1, later: [{}] }]) {
      assert.deepEqual(read(pack([0, 4294967295, 'hello', [hello]])), { kind: 'hello', id: 4294967295 });
    }
  });

  it('is refused with bytes left over, or cut off', () => {
    const payload = pack([0, 9, 'hello', [{ client: 'c' }]]);
    assertRefused(Buffer.concat([payload, hex('c0')]), 9, /left over/);
    assertRefused(payload.subarray(0, -1), 9);
  });
});

describe('a notification', () => {
  it('is read, whatever it says, so that nothing is answered', () => {
    for (const message of [
      [2, 'goaway', [{}]],
      [2, 'later', []],
      [2, '', [1, [2]]],
    ]) {
      assert.deepEqual(read(pack(message)), { kind: 'notification' });
    }
  });

  it('is refused without an id when it is none', () => {
    for (const message of [
      [2, 'x'],
      [2, 'x', [], []],
      [2, 1, []],
      [2, null, []],
    ]) {
      assertRefused(pack(message), null);
    }
    assertRefused(pack([2, 'x', [], []]), null, /three elements/);
    assertRefused(Buffer.concat([pack([2, 'x', []]), hex('00')]), null, /left over/);
    assertRefused(hex('93 02 a178 91'), null);
  });
});

describe('a payload is refused without an id', () => {
  it('when it is no message', () => {
    const payloads = [Buffer.alloc(0), hex('c1'), hex('d4 00 00'), nestedArrays(1000), nestedMaps(1000)];
    for (const payload of payloads) assertRefused(payload, null);
    for (const value of [null, true, 0, -1, 1.5, 'resolve', {}, [], [0], Buffer.from('x')]) {
      assertRefused(pack(value), null);
    }
  });

  it('when it is neither a request nor a notification', () => {
    for (const type of [1, 3, -1, 4294967296, 0.5, '0', null, false, [0], {}]) {
      assertRefused(pack([type, 1, 'resolve', [GOOD]]), null);
    }
    assertRefused(pack([1, 1, null, {}]), null);
  });

  it('when its id is no unsigned 32-bit integer', () => {
    for (const id of [-1, 4294967296n, 2n ** 64n - 1n, -(2n ** 31n), 1.5, 2 ** 40, '1', null, true, [], {}]) {
      assertRefused(pack([0, id, 'resolve', [GOOD]]), null, /id/);
    }
    const floatOne = hex('cb3ff0000000000000');
    assertRefused(arrayOf(hex('00'), floatOne, pack('resolve'), pack([GOOD])), null, /id/);
  });
});

describe('a request is refused with its own id', () => {
  it('at either end of the range of ids', () => {
    for (const id of [0, 1, 2147483648, 4294967295, 5n]) {
      assertRefused(pack([0, id, 'resolve', [{}]]), Number(id));
    }
  });

  it('when it has not four elements', () => {
    assertRefused(pack([0, 7, 'resolve']), 7, /four elements/);
    assertRefused(pack([0, 7, 'resolve', [GOOD], null]), 7, /four elements/);
  });

  it('when its method is none, and says which there are', () => {
    for (const method of ['', 'Resolve', 'resolve ', 'goaway', '__proto__', 'x'.repeat(10_000)]) {
      assertRefused(pack([0, 7, method, [GOOD]]), 7, /resolve/);
      const message = read(pack([0, 7, method, [GOOD]]));
      assert.ok(message.kind === 'refused' && message.message.length < 200);
    }
    for (const method of [null, 1, ['resolve'], Buffer.from('resolve')]) {
      assertRefused(pack([0, 7, method, [GOOD]]), 7, /method/);
    }
  });

  it('when its params are not a list of one map', () => {
    for (const wrong of [null, GOOD, [], [GOOD, GOOD], [null], [[GOOD]], ['x'], 1, 'x']) {
      assertRefused(pack([0, 7, 'resolve', wrong]), 7, /one map/);
    }
  });

  it('when a key is no text', () => {
    for (const key of [hex('c0'), hex('01'), hex('c3'), hex('c40161'), hex('90')]) {
      const map = mapOf([pack('org_id'), pack(ORG_ID)], [pack('model'), pack('m')], [key, hex('c0')]);
      assertRefused(requestOf(map), 7, /keys/);
    }
  });

  it('when there is no org_id, or none that is a UUID', () => {
    assertRefused(pack([0, 7, 'resolve', [{ model: 'm' }]]), 7, /org_id/);
    assertRefused(pack([0, 7, 'resolve', [{ model: 'm', org_id: null }]]), 7, /org_id/);
    const wrong = [
      ...[
        '',
        'x',
        ORG_ID.replaceAll('-', ''),
        `${ORG_ID} `,
        ` ${ORG_ID}`,
        `{${ORG_ID}}`,
        `urn:uuid:${ORG_ID}`,
      ],
      ...[ORG_ID.replace('a', 'g'), ORG_ID.slice(1), `${ORG_ID}0`, ORG_ID.replace('0', '０'), `${ORG_ID}\n`],
      ...[Buffer.alloc(15), Buffer.alloc(17), Buffer.alloc(0), Buffer.from(ORG_ID), 1, true, [ORG_ID], {}],
    ];
    for (const org_id of wrong) assertRefused(pack([0, 7, 'resolve', [{ model: 'm', org_id }]]), 7, /org_id/);
  });

  it('when there is no model', () => {
    assertRefused(pack([0, 7, 'resolve', [{ org_id: ORG_ID }]]), 7, /model/);
    assertRefused(pack([0, 7, 'resolve', [{ org_id: ORG_ID, model: null }]]), 7, /model/);
    assert.equal(assertResolve(readResolve({ ...GOOD, model: '' })).signals.get('model'), '');
  });

  /** Each signal, and values that are not of its type. */
  const wrongTypes: Readonly<Record<(typeof SIGNALS)[number], readonly unknown[]>> = {
    model: [1, true, 1.5, [], ['m'], {}, Buffer.from('m')],
    tag: [0, false, [], {}, Buffer.from('t')],
    prompt: [0, false, ['p'], {}, Buffer.from('p')],
    content_type: [1, true, ['json'], {}],
    force_route: [1, true, ['r'], {}, Buffer.from('r')],
    input_tokens: [-1, 4294967296n, -1n, 2n ** 63n, 0.5, 2 ** 40, NaN, '1', true, [], {}, Buffer.of(1)],
    upstream_p95_ms: [-1, 4294967296n, 0.5, 2 ** 40, Infinity, '1', false, [], {}],
    has_images: [0, 1, 'true', [], {}, 1.5],
    has_audio: [0, 1, 'false', [true], {}],
    has_documents: [0, 1, '', [], {}],
    reasoning_class: [0, 1, 'true', 'o1', [], {}],
    estimated_cost_usd: [NaN, Infinity, -Infinity, '0.1', true, [0.1], {}, Buffer.alloc(8)],
  };
  for (const [signal, values] of Object.entries(wrongTypes)) {
    it(`when ${signal} is of a wrong type, and says so`, () => {
      for (const value of values) {
        assertRefused(
          pack([0, 7, 'resolve', [{ ...GOOD, [signal]: value }]]),
          7,
          new RegExp(`^${signal} must be`),
        );
      }
    });
  }

  it('when a whole number of tokens comes as a float', () => {
    for (const float of [hex('ca3f800000'), hex('cb3ff0000000000000')]) {
      const map = mapOf(
        [pack('org_id'), pack(ORG_ID)],
        [pack('model'), pack('m')],
        [pack('input_tokens'), float],
      );
      assertRefused(requestOf(map), 7, /input_tokens/);
    }
  });

  it('when a key that is known is given twice, nil or not, first or last', () => {
    const values: Readonly<Record<string, unknown>> = {
      ...{ org_id: ORG_ID, model: 'm', input_tokens: 1, tag: 't', prompt: 'p', has_images: true },
      ...{ has_audio: true, has_documents: true, estimated_cost_usd: 1, content_type: 'json' },
      ...{ upstream_p95_ms: 1, reasoning_class: true, force_route: 'r' },
    };
    assert.equal(Object.keys(values).length, SIGNALS.length + 1);
    for (const [key, value] of Object.entries(values)) {
      for (const [first, second] of [
        [value, value],
        [null, value],
        [value, null],
        [null, null],
      ]) {
        const others = Object.entries(GOOD).filter(([other]) => other !== key);
        const map = mapOf(
          [pack(key), pack(first)],
          ...others.map(([other, good]) => [pack(other), pack(good)] as const),
          [pack(key), pack(second)],
        );
        const payload = requestOf(map);
        assertRefused(payload, 7, new RegExp(`^${key} is given twice`));
      }
    }
  });

  it('when bytes are left over behind it', () => {
    assertRefused(Buffer.concat([pack([0, 7, 'resolve', [GOOD]]), hex('c0')]), 7, /left over/);
  });

  it('when a text is not valid UTF-8', () => {
    for (const bytes of ['a1 80', 'a3 eda080', 'a2 c0af', 'a1 ff']) {
      for (const key of ['model', 'tag', 'prompt', 'content_type', 'force_route']) {
        const entries = Object.entries({ ...GOOD, [key]: null }).map(
          ([name, value]) => [pack(name), name === key ? hex(bytes) : pack(value)] as const,
        );
        const payload = requestOf(mapOf(...entries));
        assertRefused(payload, 7, /UTF-8/);
      }
    }
  });

  it('when it is cut off anywhere, with its id as soon as that is whole', () => {
    const payload = pack([
      0,
      70_000,
      'resolve',
      [{ ...GOOD, tag: 't', estimated_cost_usd: 0.5, later: [1, {}] }],
    ]);
    // A list of four, the type, and an id of five bytes.
    for (let length = 0; length < payload.length; length += 1) {
      assertRefused(payload.subarray(0, length), length < 7 ? null : 70_000);
    }
    assert.equal(read(payload).kind, 'resolve');
  });
});

describe('a key that nobody knows', () => {
  it('is passed over with its value, twice too, and however often', () => {
    const entries = Array.from({ length: 5000 }, (_, index) => [`key-${index % 100}`, index] as const);
    const map = Buffer.concat([
      hex('de 138a'),
      ...entries.flatMap(([key, value]) => [pack(key), pack(value)]),
      ...Object.entries(GOOD).flatMap(([key, value]) => [pack(key), pack(value)]),
    ]);
    const payload = requestOf(map);
    assert.deepEqual([...assertResolve(read(payload)).signals], [['model', 'gpt-4o']]);
  });

  it('may hold what is nested, up to a limit', () => {
    const withNested = (nested: Buffer): Buffer => {
      const map = mapOf([pack('later'), nested], [pack('org_id'), pack(ORG_ID)], [pack('model'), pack('m')]);
      return requestOf(map);
    };
    for (const nest of [nestedArrays, nestedMaps]) {
      assertResolve(read(withNested(nest(NESTING_MAX))));
      for (const depth of [NESTING_MAX + 1, 10_000]) assertRefused(withNested(nest(depth)), 7, /nested/);
    }
  });

  it('may not hold what is no MessagePack, or an extension', () => {
    for (const value of ['c1', 'd4 00 00', 'c7 00 00', 'dd ffffffff', '81 a161']) {
      const map = Buffer.concat([hex('81'), pack('later'), hex(value)]);
      assertRefused(requestOf(map), 7);
    }
  });
});

describe('whatever the bytes', () => {
  it('random ones are never an error of the reader', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => assertSound(read(Buffer.from(bytes)))),
      { numRuns: 20_000 },
    );
  });

  it('random ones behind the beginning of a request are none either, and its id comes back', () => {
    const head = hex('94 00 07 a7 7265736f6c7665 91');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const message = read(Buffer.concat([head, bytes]));
        assertSound(message);
        assert.ok(message.kind !== 'notification' && message.id === 7);
      }),
      { numRuns: 10_000 },
    );
  });

  it('those of a valid request with some changed, dropped, doubled or put in are none either', () => {
    const mutation = fc.record({
      kind: fc.constantFrom('change', 'change', 'change', 'change', 'drop', 'double', 'insert', 'cut'),
      place: fraction,
      length: fc.integer({ min: 1, max: 8 }),
      byte: fc.oneof(fc.nat({ max: 0xff }), fc.constantFrom(0xc0, 0xc1, 0xdb, 0xdd, 0xdf, 0x80, 0x91, 0xff)),
    });
    const kinds = new Map<string, number>();
    fc.assert(
      fc.property(validPayload, fc.array(mutation, { minLength: 1, maxLength: 3 }), (payload, mutations) => {
        let bytes = payload;
        for (const { kind, place, length, byte } of mutations) {
          const at = Math.floor(place * bytes.length);
          const end = Math.min(bytes.length, at + length);
          const before = bytes.subarray(0, at);
          if (kind === 'change') bytes = Buffer.concat([before, Buffer.of(byte), bytes.subarray(at + 1)]);
          else if (kind === 'drop') bytes = Buffer.concat([before, bytes.subarray(end)]);
          else if (kind === 'double') bytes = Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
          else if (kind === 'insert') bytes = Buffer.concat([before, Buffer.of(byte), bytes.subarray(at)]);
          else bytes = before;
        }
        const message = read(bytes);
        assertSound(message);
        kinds.set(message.kind, (kinds.get(message.kind) ?? 0) + 1);
      }),
      { numRuns: 10_000 },
    );
    // Otherwise the changes are too rough or too gentle to show anything.
    assert.ok(
      (kinds.get('resolve') ?? 0) > 100 && (kinds.get('refused') ?? 0) > 100,
      JSON.stringify([...kinds]),
    );
  });

  it('a megabyte of them is answered for at once', () => {
    const million = 1_000_000;
    const head = hex('94 00 07 a7 7265736f6c7665 91');
    const payloads = {
      'nested arrays': Buffer.alloc(million, 0x91),
      'nested maps': Buffer.alloc(million, hex('81 a161')),
      'params of nested arrays': Buffer.concat([head, Buffer.alloc(million, 0x91)]),
      'params of a map that claims billions': Buffer.concat([head, hex('dfffffffff'), Buffer.alloc(million)]),
      'a map of empty keys': Buffer.concat([head, hex('df0007a120'), Buffer.alloc(million, 0xa0)]),
      'a map of keys with lists of lists': Buffer.concat([
        head,
        hex('df0003d090'),
        Buffer.alloc(million, hex('a1 61 91 90')),
      ]),
      'a prompt of bytes that are no UTF-8': Buffer.concat([
        head,
        hex('81 a6 70726f6d7074 db000f4240'),
        Buffer.alloc(million, 0xff),
      ]),
      'a prompt of replacement characters': Buffer.concat([
        head,
        hex('81 a6 70726f6d7074 db000f423f'),
        Buffer.alloc(999_999, '\ufffd'),
      ]),
      'a method': Buffer.concat([hex('94 00 07 db000f4240'), Buffer.alloc(million, 'x'), hex('c0')]),
    };
    for (const [about, payload] of Object.entries(payloads)) {
      const begin = performance.now();
      const message = read(payload);
      assert.ok(performance.now() - begin < 2000, about);
      assert.equal(message.kind, 'refused', about);
      assert.ok(message.message.length < 200, about);
    }
  });
});
