// The reader of untrusted MessagePack: what an encoder writes is read, or passed over, exactly; what no encoder
// writes is refused at once, whatever lengths it declares.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Packr } from 'msgpackr/pack';
import { MalformedMessage } from '../../src/protocol/malformed-message.js';
import { MsgpackReader, NESTING_MAX } from '../../src/protocol/msgpack-reader.js';
import type { MsgpackType } from '../../src/protocol/msgpack-type.js';
import { arrayOf, hex, mapOf, nestedArrays, nestedMaps } from '../support/wire-bytes.js';

const packr = new Packr({ useRecords: false, variableMapSize: true });

type Value =
  null | boolean | number | bigint | string | Buffer | readonly Value[] | ReadonlyMap<string, Value>;

/** Both ends of every width of an integer, and their neighbours. */
const INTEGERS = [
  ...[0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff],
  ...[-1, -0x20, -0x21, -0x80, -0x81, -0x8000, -0x8001, -0x8000_0000],
];
/** An encoder writes these in 64 bits, however small they are. */
const WIDE_INTEGERS = [
  ...[0n, 1n, 0xffff_ffffn, 0x1_0000_0000n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 64n - 1n],
  ...[-1n, -(2n ** 31n) - 1n, -(2n ** 53n), -(2n ** 63n)],
];
/** Both ends of every length of a text, and what decoders get wrong. */
const TEXTS = [
  ...[
    '',
    'a',
    '\ufffd',
    '\ufeffa',
    '\0',
    '\u{1f600}',
    '__proto__',
    'ä'.repeat(15),
    'x'.repeat(31),
    'x'.repeat(32),
  ],
  ...[
    'x'.repeat(64),
    'x'.repeat(65),
    'x'.repeat(255),
    'x'.repeat(256),
    '\ufffdé'.repeat(400),
    'x'.repeat(65_536),
  ],
];

const text = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom(...TEXTS) },
);

const { value: anyValue } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(null, true, false, ...INTEGERS, ...WIDE_INTEGERS),
    fc.oneof(fc.integer({ min: -0x8000_0000 }), fc.integer({ min: 0, max: 0xffff_ffff }), fc.double()),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    text,
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.array(fc.tuple(text, tie('value')), { maxLength: 20 }).map((entries) => new Map(entries)),
  ),
}));

/** From 0 up to, but not including, 1; evenly, which a random double is not. */
const fraction = fc.nat({ max: 999_999 }).map((millionths) => millionths / 1e6);

function readerOf(bytes: Uint8Array): MsgpackReader {
  const reader = new MsgpackReader();
  reader.open(Buffer.from(bytes), 0, bytes.length);
  return reader;
}

/** Reads whatever comes, every kind by its own method. Binary values come as their hexadecimal text. */
function readValue(reader: MsgpackReader): unknown {
  switch (reader.peek()) {
    case 'nil':
      assert.equal(reader.skipNil(), true);
      return null;
    case 'bool':
      return reader.bool();
    case 'int':
      return reader.int();
    case 'float':
      return reader.number();
    case 'text':
      return reader.text();
    case 'bytes':
      return { hex: reader.bytesAsHex() };
    case 'array':
      return Array.from({ length: reader.arrayLength() ?? NaN }, () => readValue(reader));
    case 'map':
      return {
        entries: Array.from({ length: reader.mapLength() ?? NaN }, () => [reader.key(), readValue(reader)]),
      };
  }
}

/** The value as `readValue` gives it. */
function asRead(value: Value): unknown {
  if (typeof value === 'bigint') return Number(value);
  // An encoder takes a negative zero for the integer.
  if (value === 0) return 0;
  if (Buffer.isBuffer(value)) return { hex: value.toString('hex') };
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, Value>)];
    // A key that is too long to be known is nobody's.
    return {
      entries: entries.map(([key, member]) => [Buffer.byteLength(key) > 64 ? '' : key, asRead(member)]),
    };
  }
  return Array.isArray(value) ? (value as readonly Value[]).map(asRead) : value;
}

/** Methods that read one kind of value, and give undefined for every other. */
const READS: readonly (readonly [read: (reader: MsgpackReader) => unknown, takes: readonly MsgpackType[]])[] =
  [
    [(reader) => reader.int(), ['int']],
    [(reader) => reader.number(), ['int', 'float']],
    [(reader) => reader.bool(), ['bool']],
    [(reader) => reader.text(), ['text']],
    [(reader) => reader.bytesAsHex(), ['bytes']],
    [(reader) => reader.arrayLength(), ['array']],
    [(reader) => reader.mapLength(), ['map']],
  ];

describe('a value that an encoder wrote', () => {
  it('is read exactly, up to its last byte and no further', () => {
    fc.assert(
      fc.property(anyValue, fc.nat({ max: 3 }), (value, before) => {
        const bytes = packr.pack(value);
        const around = Buffer.concat([Buffer.alloc(before, 0x2a), bytes, Buffer.alloc(9, 0x2a)]);
        const reader = new MsgpackReader();
        reader.open(around, before, before + bytes.length);
        assert.deepEqual(readValue(reader), asRead(value));
        assert.equal(reader.atEnd, true);
      }),
      {
        numRuns: 3000,
        examples: [...INTEGERS, ...WIDE_INTEGERS, ...TEXTS].map((value): [Value, number] => [value, 1]),
      },
    );
  });

  it('is passed over exactly, so that the value behind it is next', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const reader = readerOf(Buffer.concat([packr.pack(value), hex('a3 656e64')]));
        reader.skip();
        assert.equal(reader.atEnd, false);
        assert.equal(reader.text(), 'end');
        assert.equal(reader.atEnd, true);
      }),
      { numRuns: 3000, examples: [...INTEGERS, ...WIDE_INTEGERS, ...TEXTS].map((value): [Value] => [value]) },
    );
  });

  it('is refused when it is cut off anywhere, whether read or passed over', () => {
    fc.assert(
      fc.property(anyValue, fraction, (value, place) => {
        const bytes = Buffer.from(packr.pack(value));
        const length = Math.floor(place * bytes.length);
        for (const read of [readValue, (reader: MsgpackReader): void => reader.skip()]) {
          // The rest of the bytes is there, but behind the end of the message.
          const reader = new MsgpackReader();
          reader.open(bytes, 0, length);
          assert.throws(() => read(reader), MalformedMessage);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('is not taken by the methods for other kinds, and can still be read', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const bytes = packr.pack(value);
        for (const [read, takes] of READS) {
          const reader = readerOf(bytes);
          const kind = reader.peek();
          const taken = read(reader);
          if (takes.includes(kind)) {
            assert.notEqual(taken, undefined);
          } else {
            assert.equal(taken, undefined);
            assert.deepEqual(readValue(reader), asRead(value));
          }
        }
        assert.equal(readerOf(bytes).skipNil(), value === null);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a number', () => {
  const encodings: readonly (readonly [bytes: string, value: number])[] = [
    ['00', 0],
    ['7f', 127],
    ['e0', -32],
    ['ff', -1],
    ['cc00', 0],
    ['ccff', 255],
    ['cd0001', 1],
    ['cdffff', 65535],
    ['ce00000000', 0],
    ['ce80000000', 2147483648],
    ['ceffffffff', 4294967295],
    ['cf0000000000000001', 1],
    ['cf0000000100000000', 4294967296],
    ['cf001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['cf8000000000000000', 2 ** 63],
    ['cfffffffffffffffff', 2 ** 64],
    ['d000', 0],
    ['d07f', 127],
    ['d080', -128],
    ['d0ff', -1],
    ['d17fff', 32767],
    ['d18000', -32768],
    ['d27fffffff', 2147483647],
    ['d280000000', -2147483648],
    ['d300000000ffffffff', 4294967295],
    ['d3ffffffffffffffff', -1],
    ['d3ffe0000000000001', Number.MIN_SAFE_INTEGER],
    ['d38000000000000000', -(2 ** 63)],
  ];

  it('is read from every encoding of an integer, shortest or not', () => {
    for (const [bytes, value] of encodings) {
      const reader = readerOf(hex(bytes));
      assert.equal(reader.peek(), 'int', bytes);
      assert.equal(reader.int(), value, bytes);
      assert.equal(reader.atEnd, true, bytes);
      assert.equal(readerOf(hex(bytes)).number(), value, bytes);
    }
  });

  it('is read from both encodings of a float, which are no integers even if they are whole', () => {
    const floats: readonly (readonly [bytes: string, value: number])[] = [
      ['ca3f800000', 1],
      ['ca3dcccccd', Math.fround(0.1)],
      ['ca80000000', -0],
      ['caff800000', -Infinity],
      ['ca7fc00000', NaN],
      ['ca00000001', 2 ** -149],
      ['cb3ff0000000000000', 1],
      ['cb3fb999999999999a', 0.1],
      ['cb8000000000000000', -0],
      ['cb7ff0000000000000', Infinity],
      ['cb0000000000000001', 5e-324],
      ['cb7fefffffffffffff', Number.MAX_VALUE],
    ];
    for (const [bytes, value] of floats) {
      const reader = readerOf(hex(bytes));
      assert.equal(reader.peek(), 'float', bytes);
      assert.equal(reader.int(), undefined, bytes);
      assert.equal(reader.number(), value, bytes);
      assert.equal(reader.atEnd, true, bytes);
    }
  });
});

describe('a text', () => {
  const encodings = ['a2', 'd902', 'da0002', 'db00000002'];

  it('is read from every encoding of its length, shortest or not', () => {
    for (const head of encodings) {
      assert.equal(readerOf(hex(`${head} c3a9`)).text(), 'é');
      assert.equal(readerOf(hex(`${head} c3a9`)).key(), 'é');
    }
  });

  it('keeps a byte-order mark, a NUL and a replacement character', () => {
    assert.equal(readerOf(hex('a4 efbbbf 61')).text(), '\ufeffa');
    assert.equal(readerOf(hex('a3 61 00 62')).text(), 'a\0b');
    assert.equal(readerOf(hex('a3 efbfbd')).text(), '\ufffd');
  });

  it('is refused when it is not valid UTF-8', () => {
    const invalid = [
      ...['a1 80', 'a1 c3', 'a2 c0af', 'a3 eda080', 'a4 f4908080', 'a1 ff', 'a3 61 e4 62', 'a2 c3 28'],
      ...['a6 efbfbd c3 28 61', 'd901 fe', 'a3 f09f98'],
    ];
    for (const bytes of invalid) assert.throws(() => readerOf(hex(bytes)).text(), MalformedMessage, bytes);
  });

  it('is no binary value, nor the other way round', () => {
    assert.equal(readerOf(hex('c4 02 c3a9')).text(), undefined);
    assert.equal(readerOf(hex('a2 c3a9')).bytesAsHex(), undefined);
    for (const bytes of ['c4 02 c3a9', 'c5 0002 c3a9', 'c6 00000002 c3a9']) {
      assert.equal(readerOf(hex(bytes)).bytesAsHex(), 'c3a9');
    }
  });
});

describe('a key', () => {
  it('is given up to 64 bytes, and a longer one is passed over', () => {
    for (const [length, expected] of [
      [64, 'k'.repeat(64)],
      [65, ''],
      [100_000, ''],
    ] as const) {
      const reader = readerOf(Buffer.concat([packr.pack('k'.repeat(length)), hex('07')]));
      assert.equal(reader.key(), expected);
      assert.equal(reader.int(), 7);
    }
  });

  it('must be a text', () => {
    for (const bytes of ['c0', 'c2', '01', 'cb3ff0000000000000', 'c4 01 61', '90', '80']) {
      assert.throws(() => readerOf(hex(bytes)).key(), MalformedMessage, bytes);
    }
  });
});

describe('a byte that begins no value', () => {
  const reads = [
    (reader: MsgpackReader): unknown => reader.peek(),
    (reader: MsgpackReader): unknown => reader.skip(),
    (reader: MsgpackReader): unknown => reader.skipNil(),
    (reader: MsgpackReader): unknown => reader.key(),
    ...READS.map(([read]) => read),
  ];

  it('is refused: 0xc1, and every extension type', () => {
    const begins = ['c1', 'c7', 'c8', 'c9', 'd4', 'd5', 'd6', 'd7', 'd8'];
    for (const begin of begins) {
      for (const read of reads) {
        assert.throws(() => read(readerOf(hex(`${begin} ${'00'.repeat(32)}`))), MalformedMessage, begin);
      }
      assert.throws(
        () => readerOf(arrayOf(hex('01'), hex(`${begin} ${'00'.repeat(32)}`))).skip(),
        MalformedMessage,
      );
    }
  });

  it('is missing at the end of a message, which is refused', () => {
    for (const read of reads) assert.throws(() => read(readerOf(Buffer.alloc(0))), MalformedMessage);
  });

  it('is every other byte not', () => {
    for (let byte = 0; byte <= 0xff; byte += 1) {
      const begins = !(byte === 0xc1 || (byte >= 0xc7 && byte <= 0xc9) || (byte >= 0xd4 && byte <= 0xd8));
      const reader = readerOf(Buffer.concat([Buffer.of(byte), Buffer.alloc(300)]));
      if (begins) assert.doesNotThrow(() => reader.peek(), `0x${byte.toString(16)}`);
      else assert.throws(() => reader.peek(), MalformedMessage);
    }
  });
});

describe('nesting', () => {
  const nestings: readonly (readonly [kind: string, nest: (depth: number) => Buffer])[] = [
    ['arrays', nestedArrays],
    ['maps', nestedMaps],
    [
      'arrays of two',
      (depth) => Buffer.concat([Buffer.alloc(depth, 0x92), hex('c0'), Buffer.alloc(depth, 0x01)]),
    ],
  ];
  for (const [kind, nest] of nestings) {
    it(`of ${kind} is passed over up to ${NESTING_MAX} levels, and refused beyond`, () => {
      const reader = readerOf(Buffer.concat([nest(NESTING_MAX), hex('07')]));
      reader.skip();
      assert.equal(reader.int(), 7);
      for (const depth of [NESTING_MAX + 1, 100, 100_000]) {
        assert.throws(() => readerOf(nest(depth)).skip(), MalformedMessage);
      }
    });
  }

  it('starts afresh with each value, after one that was refused too', () => {
    assert.throws(() => readerOf(nestedArrays(NESTING_MAX + 1)).skip(), MalformedMessage);
    const reader = readerOf(
      arrayOf(nestedArrays(NESTING_MAX - 1), nestedMaps(NESTING_MAX - 1), hex('90 80')),
    );
    reader.arrayLength();
    reader.skip();
    reader.skip();
    reader.skip();
    assert.equal(reader.peek(), 'map');
  });
});

describe('a declared length', () => {
  it('beyond the end of the message is refused at once', () => {
    const lengths = [
      ...['91', '9f c0', 'dc0001', 'dcffff 00', 'dd00000001', 'ddffffffff 0000', 'dd80000000'],
      ...[
        '81',
        '81 a161',
        '8f',
        'de0001 a0',
        'deffff a0c0',
        'df00000001',
        'dfffffffff a0c0',
        'df80000000 a0c0',
      ],
      ...['a1', 'bf 61', 'd901', 'd9ff 6161', 'da0001', 'db00000001', 'dbffffffff 61', 'db80000000'],
      ...['c401', 'c50001', 'c600000001', 'c6ffffffff 61', 'c680000000'],
      ...[
        'cc',
        'cd00',
        'ce000000',
        'cf00000000000000',
        'ca000000',
        'cb00000000000000',
        'd9',
        'da00',
        'db000000',
      ],
    ];
    for (const bytes of lengths) {
      const begin = performance.now();
      assert.throws(() => readerOf(hex(bytes)).skip(), MalformedMessage, bytes);
      assert.throws(() => readValue(readerOf(hex(bytes))), MalformedMessage, bytes);
      assert.ok(performance.now() - begin < 1000, bytes);
    }
  });

  it('is checked before it is told: an element takes a byte at least, and a pair two', () => {
    for (const bytes of ['92 c0', 'dc0003 c0c0', 'dd00000002 c0', 'ddffffffff c0c0']) {
      assert.throws(() => readerOf(hex(bytes)).arrayLength(), MalformedMessage, bytes);
    }
    for (const bytes of [
      '81 a0',
      '82 a0c0a0',
      'de0002 a0c0a0',
      'df00000001 a0',
      'dfffffffff a0c0',
      'df80000000',
    ]) {
      assert.throws(() => readerOf(hex(bytes)).mapLength(), MalformedMessage, bytes);
    }
    assert.equal(readerOf(hex('92 c0c0')).arrayLength(), 2);
    assert.equal(readerOf(hex('82 a0c0a0c0')).mapLength(), 2);
  });

  it('of nothing is fine: an empty list, map, text or binary value in every encoding', () => {
    for (const bytes of ['90', 'dc0000', 'dd00000000', '80', 'de0000', 'df00000000']) {
      const reader = readerOf(hex(bytes));
      assert.equal(reader.peek() === 'array' ? reader.arrayLength() : reader.mapLength(), 0);
      assert.equal(reader.atEnd, true);
    }
    for (const bytes of ['a0', 'd900', 'da0000', 'db00000000']) assert.equal(readerOf(hex(bytes)).text(), '');
    for (const bytes of ['c400', 'c50000', 'c600000000']) assert.equal(readerOf(hex(bytes)).bytesAsHex(), '');
  });

  it('that is true is passed over in time linear in the bytes, however it is put', () => {
    const million = 1_000_000;
    const lengthOf = (count: number): Buffer => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(count);
      return bytes;
    };
    const pair = mapOf([hex('a161'), hex('c0')]);
    const payloads = [
      Buffer.concat([hex('dd'), lengthOf(million), Buffer.alloc(million, 0x90)]),
      Buffer.concat([hex('df'), lengthOf(million / 2), Buffer.alloc(million, 0xa0)]),
      Buffer.concat([hex('dd'), lengthOf(million / 4), Buffer.alloc(million, pair)]),
      Buffer.concat([hex('db'), lengthOf(million), Buffer.alloc(million, 'x')]),
    ];
    for (const payload of payloads) {
      const reader = readerOf(payload);
      const begin = performance.now();
      reader.skip();
      assert.ok(performance.now() - begin < 2000);
      assert.equal(reader.atEnd, true);
    }
  });
});

describe('random bytes', () => {
  it('are passed over or refused, and nothing else happens', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        for (const read of [readValue, (reader: MsgpackReader): void => reader.skip()]) {
          const reader = readerOf(bytes);
          try {
            read(reader);
          } catch (error) {
            assert.ok(error instanceof MalformedMessage, String(error));
            assert.notEqual(error.message, '');
          }
        }
      }),
      { numRuns: 20_000 },
    );
  });
});
