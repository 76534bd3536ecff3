// Frames out of a stream that may be cut anywhere. The chunks are only borrowed, as from a connection that reads
// everything into one buffer: here they are overwritten as soon as the reader was told to keep what it needs.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FrameReader, type FrameState } from '../../src/protocol/frame-reader.js';

const MAX_FRAME_BYTES = 1024 * 1024;
const KIB = 1024;

function frameOf(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(payload.length);
  return Buffer.concat([header, payload]);
}

function headerOf(length: number): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(length);
  return header;
}

interface Read {
  /** Copies of the payloads. */
  readonly payloads: Buffer[];
  readonly last: FrameState;
}

/** All frames that are there now. */
function readAll(reader: FrameReader): Read {
  const payloads: Buffer[] = [];
  for (;;) {
    const state = reader.next();
    if (state !== 'frame') return { payloads, last: state };
    payloads.push(Buffer.from(reader.bytes.subarray(reader.start, reader.end)));
  }
}

/** Reads chunk after chunk out of one buffer, as a connection does. */
function readChunks(reader: FrameReader, chunks: readonly Uint8Array[]): Read {
  const borrowed = Buffer.alloc(Math.max(0, ...chunks.map(({ length }) => length)));
  const payloads: Buffer[] = [];
  let last: FrameState = 'incomplete';
  for (const chunk of chunks) {
    borrowed.set(chunk);
    reader.push(borrowed.subarray(0, chunk.length));
    const read = readAll(reader);
    payloads.push(...read.payloads);
    last = read.last;
    reader.keep();
    borrowed.fill(0xff);
  }
  return { payloads, last };
}

/** The bytes in pieces that end at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set([...places, bytes.length])]
    .filter((end) => end <= bytes.length)
    .sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

function assertRead(read: Read, payloads: readonly Uint8Array[]): void {
  assert.equal(read.last, 'incomplete');
  assert.deepEqual(
    read.payloads.map((payload) => payload.toString('hex')),
    payloads.map((payload) => Buffer.from(payload).toString('hex')),
  );
}

/** Bytes that tell where they are. */
function numbered(length: number, first = 1): Buffer {
  return Buffer.from(Array.from({ length }, (_, index) => (first + index) & 0xff));
}

/** From 0 up to, but not including, 1; evenly, which a random double is not. */
const fraction = fc.nat({ max: 999_999 }).map((millionths) => millionths / 1e6);

const SMALL_PAYLOADS = [
  numbered(3),
  numbered(0),
  numbered(1, 7),
  numbered(5, 20),
  numbered(0),
  numbered(2, 90),
];
const SMALL_STREAM = Buffer.concat(SMALL_PAYLOADS.map(frameOf));

describe('frames', () => {
  it('come out whole wherever a small stream is split in two', () => {
    for (let first = 0; first <= SMALL_STREAM.length; first += 1) {
      const chunks = [SMALL_STREAM.subarray(0, first), SMALL_STREAM.subarray(first)];
      assertRead(readChunks(new FrameReader(MAX_FRAME_BYTES), chunks), SMALL_PAYLOADS);
    }
  });

  it('come out whole wherever a small stream is split in three', () => {
    for (let first = 0; first <= SMALL_STREAM.length; first += 1) {
      for (let second = first; second <= SMALL_STREAM.length; second += 1) {
        const chunks = [
          SMALL_STREAM.subarray(0, first),
          SMALL_STREAM.subarray(first, second),
          SMALL_STREAM.subarray(second),
        ];
        assertRead(readChunks(new FrameReader(MAX_FRAME_BYTES), chunks), SMALL_PAYLOADS);
      }
    }
  });

  it('come out whole byte by byte, each as soon as its last byte is there', () => {
    const reader = new FrameReader(MAX_FRAME_BYTES);
    const seenAfter: number[] = [];
    for (let index = 0; index < SMALL_STREAM.length; index += 1) {
      const { payloads } = readChunks(reader, [SMALL_STREAM.subarray(index, index + 1)]);
      for (const _ of payloads) seenAfter.push(index + 1);
    }
    let end = 0;
    const ends = SMALL_PAYLOADS.map(({ length }) => (end += 4 + length));
    assert.deepEqual(seenAfter, ends);
    assertRead(
      readChunks(
        new FrameReader(MAX_FRAME_BYTES),
        cut(
          SMALL_STREAM,
          ends.map((_, i) => i),
        ),
      ),
      SMALL_PAYLOADS,
    );
  });

  it('come out whole from a stream of any sizes in any chunks', () => {
    const payload = fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }) },
      { weight: 2, arbitrary: fc.integer({ min: 1000, max: 1100 }) },
      { weight: 1, arbitrary: fc.integer({ min: 60 * KIB, max: 200 * KIB }) },
    );
    fc.assert(
      fc.property(
        fc.array(payload, { maxLength: 12 }),
        fc.array(fraction, { maxLength: 30 }),
        (lengths, places) => {
          const payloads = lengths.map((length, index) => Buffer.alloc(length, index + 1));
          const stream = Buffer.concat(payloads.map(frameOf));
          const chunks = cut(
            stream,
            places.map((place) => Math.floor(place * stream.length)),
          );
          const read = readChunks(new FrameReader(MAX_FRAME_BYTES), chunks);
          assert.equal(read.last, 'incomplete');
          assert.equal(read.payloads.length, payloads.length);
          assert.ok(read.payloads.every((bytes, index) => bytes.equals(payloads[index] ?? Buffer.alloc(0))));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('come out whole when nothing is kept between chunks that stay as they are', () => {
    for (let first = 0; first <= SMALL_STREAM.length; first += 1) {
      const reader = new FrameReader(MAX_FRAME_BYTES);
      const payloads: Buffer[] = [];
      for (const chunk of [SMALL_STREAM.subarray(0, first), SMALL_STREAM.subarray(first)]) {
        reader.push(Buffer.from(chunk));
        payloads.push(...readAll(reader).payloads);
      }
      assertRead({ payloads, last: reader.next() }, SMALL_PAYLOADS);
    }
  });

  it('come out whole when chunks are taken in without reading in between', () => {
    const reader = new FrameReader(MAX_FRAME_BYTES);
    for (const chunk of cut(SMALL_STREAM, [1, 3, 9, 10, 20])) {
      reader.push(Buffer.from(chunk));
      reader.keep();
    }
    assertRead(readAll(reader), SMALL_PAYLOADS);
  });

  it('are left for later when the reading stops between them, and outlive the chunk', () => {
    const reader = new FrameReader(MAX_FRAME_BYTES);
    const chunk = Buffer.from(SMALL_STREAM);
    reader.push(chunk);
    assert.equal(reader.next(), 'frame');
    assert.equal(reader.next(), 'frame');
    reader.keep();
    chunk.fill(0xff);
    assertRead(readAll(reader), SMALL_PAYLOADS.slice(2));
  });

  it('come by the thousand in one chunk, none of them copied', () => {
    const payloads = Array.from({ length: 5000 }, (_, index) => numbered(index % 30, index));
    const chunk = Buffer.concat(payloads.map(frameOf));
    const reader = new FrameReader(MAX_FRAME_BYTES);
    reader.push(chunk);
    for (const payload of payloads) {
      assert.equal(reader.next(), 'frame');
      assert.equal(reader.bytes, chunk);
      assert.ok(reader.bytes.subarray(reader.start, reader.end).equals(payload));
    }
    assert.equal(reader.next(), 'incomplete');
  });
});

describe('a frame', () => {
  it('of length zero is a frame', () => {
    const reader = new FrameReader(MAX_FRAME_BYTES);
    reader.push(headerOf(0));
    assert.equal(reader.next(), 'frame');
    assert.equal(reader.end - reader.start, 0);
    assert.equal(reader.next(), 'incomplete');
  });

  it('as long as the limit is a frame, and one byte longer is not', () => {
    const payload = numbered(100);
    assertRead(readChunks(new FrameReader(100), [frameOf(payload)]), [payload]);
    assert.equal(readChunks(new FrameReader(99), [frameOf(payload)]).last, 'oversize');
  });

  it('over the limit is known from its header alone, however the header comes', () => {
    for (const length of [MAX_FRAME_BYTES + 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
      for (const chunks of [[headerOf(length)], cut(headerOf(length), [1, 2, 3])]) {
        const reader = new FrameReader(MAX_FRAME_BYTES);
        const before = chunks.slice(0, -1);
        assert.deepEqual(readChunks(reader, before), { payloads: [], last: 'incomplete' });
        assert.deepEqual(readChunks(reader, chunks.slice(-1)), { payloads: [], last: 'oversize' });
      }
    }
  });

  it('over the limit leaves the frames before it whole, and is never passed over', () => {
    const reader = new FrameReader(MAX_FRAME_BYTES);
    const stream = Buffer.concat([SMALL_STREAM, headerOf(MAX_FRAME_BYTES + 1), frameOf(numbered(3))]);
    const read = readChunks(reader, [stream]);
    assertRead({ ...read, last: 'incomplete' }, SMALL_PAYLOADS);
    assert.equal(read.last, 'oversize');
    assert.equal(reader.next(), 'oversize');
    assert.deepEqual(readChunks(reader, [frameOf(numbered(3))]), { payloads: [], last: 'oversize' });
  });
});

describe('memory', () => {
  /** Reads one frame in two chunks, and gives the capacity that it was put together in. */
  function capacityFor(reader: FrameReader, length: number): number {
    const bytes = frameOf(Buffer.alloc(length, 1));
    const at = Math.max(1, bytes.length - 2);
    for (const chunk of [bytes.subarray(0, at), bytes.subarray(at)]) {
      reader.push(chunk);
      if (reader.next() === 'frame') break;
      reader.keep();
    }
    assert.equal(reader.end - reader.start, length);
    const capacity = reader.bytes.length;
    reader.keep();
    return capacity;
  }

  it('is given back after something huge, and not before', () => {
    const reader = new FrameReader(MAX_FRAME_BYTES);
    assert.ok(capacityFor(reader, 900 * KIB) >= 900 * KIB);
    assert.ok(capacityFor(reader, 100) <= 64 * KIB);
  });

  it('is used again for what is ordinary', () => {
    const reader = new FrameReader(MAX_FRAME_BYTES);
    const memory = new Set<ArrayBufferLike>();
    for (let round = 0; round < 100; round += 1) {
      reader.push(frameOf(numbered(500)).subarray(0, 100));
      assert.equal(reader.next(), 'incomplete');
      reader.keep();
      reader.push(frameOf(numbered(500)).subarray(100));
      assert.equal(reader.next(), 'frame');
      memory.add(reader.bytes.buffer);
      reader.keep();
    }
    assert.equal(memory.size, 1);
  });

  it('of a chunk is let go of by keep', () => {
    const reader = new FrameReader(MAX_FRAME_BYTES);
    const chunk = frameOf(numbered(10));
    reader.push(chunk);
    assert.equal(reader.next(), 'frame');
    reader.keep();
    assert.notEqual(reader.bytes.buffer, chunk.buffer);
  });

  it('is not reserved by what a header says that is yet to come', () => {
    const readers = Array.from({ length: 200 }, () => new FrameReader(MAX_FRAME_BYTES));
    const before = process.memoryUsage().arrayBuffers;
    for (const reader of readers) {
      assert.equal(readChunks(reader, [headerOf(MAX_FRAME_BYTES), numbered(10)]).last, 'incomplete');
    }
    const perReader = (process.memoryUsage().arrayBuffers - before) / readers.length;
    assert.ok(perReader < 64 * KIB, `${perReader} bytes are reserved for 14 that came`);
    // They are in use until here, so that none of their memory was collected.
    for (const reader of readers) assert.equal(reader.next(), 'incomplete');
  });

  it('grows to no more than twice what came, and what came is not copied again for each piece', () => {
    const payload = numbered(512 * KIB);
    const bytes = frameOf(payload);
    const reader = new FrameReader(MAX_FRAME_BYTES);
    const borrowed = Buffer.alloc(1);
    const begin = performance.now();
    let state: FrameState = 'incomplete';
    for (const byte of bytes) {
      borrowed[0] = byte;
      reader.push(borrowed);
      state = reader.next();
      if (state === 'incomplete') reader.keep();
    }
    // A tenth of a second; copying it all for each byte, 140 GB, takes far longer than the limit.
    assert.ok(performance.now() - begin < 5000);
    assert.equal(state, 'frame');
    assert.ok(reader.bytes.subarray(reader.start, reader.end).equals(payload));
    assert.ok(reader.bytes.length <= 2 * bytes.length);
  });
});
