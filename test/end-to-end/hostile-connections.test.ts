// Connections that come and go by the thousand, break off in the middle of a frame, or send without ever reading:
// they cost the daemon nothing that it doesn't get back, and nobody else notices.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { describe, test } from 'node:test';
import { assertGoodAnswer, goodParams, goodPayload, useHostileFixture } from '../support/hostile-fixture.js';
import { frame, requestFrame } from '../support/wire-client.js';
import { exchangePayloads } from '../support/wire-exchange.js';

const mebibyte = 1_048_576;

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kibibytes = /^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1];
  assert.ok(kibibytes !== undefined, 'the kernel tells the resident size of every process');
  return Number(kibibytes) * 1024;
}

async function openDescriptors(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

/** Counts the answers on a socket by their id without keeping them; `[1, id, nil, result]` begins 94 01 <id> c0. */
class AnswerCounter {
  readonly countById: Uint32Array;
  total = 0;
  #rest: Buffer = Buffer.alloc(0);

  constructor(ids: number) {
    this.countById = new Uint32Array(ids);
  }

  receive(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let offset = 0;
    while (bytes.length - offset >= 4) {
      const end = offset + 4 + bytes.readUInt32BE(offset);
      if (end > bytes.length) break;
      this.#count(bytes.subarray(offset + 4, end));
      offset = end;
    }
    this.#rest = bytes.subarray(offset);
  }

  #count(payload: Buffer): void {
    assert.equal(payload.readUInt16BE(0), 0x9401, 'an answer is an array of four that begins with 1');
    const marker = payload.readUInt8(2);
    const [id, idBytes] =
      marker < 0x80
        ? [marker, 1]
        : marker === 0xcc
          ? [payload.readUInt8(3), 2]
          : marker === 0xcd
            ? [payload.readUInt16BE(3), 3]
            : [payload.readUInt32BE(3), 5];
    if (idBytes === 5) assert.equal(marker, 0xce, 'an id is an unsigned integer');
    assert.equal(payload.readUInt8(2 + idBytes), 0xc0, 'no request was refused');
    assert.ok(id < this.countById.length, `nobody asked for id ${id}`);
    this.countById[id] = (this.countById[id] ?? 0) + 1;
    this.total += 1;
  }
}

/** Writes the same requests a number of times, as fast as they are taken, and doesn't read until told to. */
class Flood {
  /** Bytes that have left this process. */
  acceptedBytes = 0;
  sentAll = false;

  private constructor(
    readonly socket: Socket,
    readonly copies: number,
  ) {}

  static async connect(socketPath: string, requests: Buffer, copies: number): Promise<Flood> {
    const socket = connect({ path: socketPath, allowHalfOpen: true });
    await once(socket, 'connect');
    const flood = new Flood(socket, copies);
    void flood.#pump(requests);
    return flood;
  }

  /** Reads until the daemon closes its side: each of the ids must have been answered once for every copy. */
  async readToEnd(ids: number): Promise<void> {
    const counter = new AnswerCounter(ids);
    this.socket.on('data', (data: Buffer) => {
      counter.receive(data);
    });
    await once(this.socket, 'end');
    assert.equal(counter.total, ids * this.copies);
    assert.ok(counter.countById.every((count) => count === this.copies));
  }

  async #pump(requests: Buffer): Promise<void> {
    const pieceBytes = 65_536;
    for (let copy = 0; copy < this.copies; copy++) {
      for (let from = 0; from < requests.length; from += pieceBytes) {
        const piece = requests.subarray(from, from + pieceBytes);
        // One piece at a time, so that what has been accepted is known to the piece.
        const error = await new Promise((resolve) => this.socket.write(piece, resolve));
        if (error instanceof Error) return;
        this.acceptedBytes += piece.length;
      }
    }
    this.sentAll = true;
    this.socket.end();
  }
}

describe('hostile connections', { timeout: 300_000 }, () => {
  const fixture = useHostileFixture();

  /** Resolves when the daemon has no more descriptors open than that; what it waits for is shown by its answers. */
  async function descriptorsBackTo(limit: number): Promise<void> {
    while ((await openDescriptors(fixture.daemon.pid)) > limit) await fixture.control.roundTrips();
  }

  /** A connection that is broken off in one of several ways, most of them rude. */
  async function comeAndGo(n: number): Promise<void> {
    const socket = connect(fixture.daemon.socketPath);
    // The daemon may close or reset first; that is as good an end.
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const good = frame(goodPayload);
    const manners: readonly (() => void)[] = [
      () => socket.destroy(),
      () => socket.write(good.subarray(0, 2), () => socket.destroy()),
      () => socket.write(good.subarray(0, 40), () => socket.destroy()),
      () => socket.write(Buffer.concat([good, good.subarray(0, 40)]), () => socket.destroy()),
      () => socket.write(Buffer.concat(Array.from({ length: 50 }, () => good)), () => socket.destroy()),
      () => socket.write(Buffer.from('ffffffff', 'hex'), () => socket.destroy()),
      () => socket.end(good),
      () => socket.end(good.subarray(0, 40)),
    ];
    socket.resume();
    // Not events.once, which would take a reset for a failure.
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    manners[n % manners.length]?.();
    await closed;
  }

  async function waves(connections: number): Promise<void> {
    for (let done = 0; done < connections; done += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, n) => comeAndGo(done + n)));
    }
  }

  test('two thousand connections that come and go leave neither descriptors nor memory behind', async () => {
    const { pid, socketPath } = fixture.daemon;
    const descriptorsAtRest = await openDescriptors(pid);
    // The first few hundred pay for what is made once: compiled code, the heaps' first growth.
    await waves(400);
    await descriptorsBackTo(descriptorsAtRest + 5);
    const residentBefore = await residentBytes(pid);
    await waves(2000);
    await descriptorsBackTo(descriptorsAtRest + 5);
    const grown = (await residentBytes(pid)) - residentBefore;
    assert.ok(grown < 64 * mebibyte, `the daemon grew by ${Math.round(grown / mebibyte)} MiB`);
    const [answer] = await exchangePayloads(socketPath, goodPayload);
    assertGoodAnswer(answer);
  });

  test('two hundred connections at once are all served', async () => {
    const clients = Array.from({ length: 200 }, () =>
      exchangePayloads(fixture.daemon.socketPath, goodPayload),
    );
    for (const answers of await Promise.all(clients)) {
      assert.equal(answers.length, 1);
      assertGoodAnswer(answers[0]);
    }
  });

  test('a client that does not read is not read from, and gets every answer once it reads', async () => {
    const { pid, socketPath } = fixture.daemon;
    const ids = 10_000;
    const requests = Buffer.concat(
      Array.from({ length: ids }, (_, id) => requestFrame(id, 'resolve', goodParams)),
    );
    const copies = Math.ceil((64 * mebibyte) / requests.length);

    // A client that does read, first, so that growing heaps aren't taken for buffered requests.
    const reader = await Flood.connect(socketPath, requests, 10);
    await reader.readToEnd(ids);
    const residentBefore = await residentBytes(pid);

    const flood = await Flood.connect(socketPath, requests, copies);
    // Over when nothing more was taken while the workers answered other connections a good many times, and so had
    // every chance to read from this one.
    for (let before = -1; before !== flood.acceptedBytes && !flood.sentAll;) {
      before = flood.acceptedBytes;
      await fixture.control.roundTrips(500);
    }
    assert.ok(!flood.sentAll, 'the daemon took 64 MiB of requests from a client that reads no answers');
    const grown = (await residentBytes(pid)) - residentBefore;
    assert.ok(grown < 64 * mebibyte, `the daemon grew by ${Math.round(grown / mebibyte)} MiB`);

    await flood.readToEnd(ids);
    assert.ok(flood.sentAll);
  });

  test('a client that stops sending and is slow to read still gets every answer', async () => {
    // From answers that fit into what the kernel holds for a connection to those that don't by far.
    const counts = Array.from({ length: 100 }, (_, n) => 40 * (n + 1));
    const requests = (count: number): Buffer =>
      Buffer.concat(Array.from({ length: count }, (_, id) => requestFrame(id, 'resolve', goodParams)));
    const floods = await Promise.all(
      counts.map((count) => Flood.connect(fixture.daemon.socketPath, requests(count), 1)),
    );
    // The slowness is the case itself: a client that was stopped for a few seconds.
    const awakeAtMs = performance.now() + 4000;
    while (performance.now() < awakeAtMs) await fixture.control.roundTrips();
    for (const [n, flood] of floods.entries()) await flood.readToEnd(counts[n] ?? 0);
  });
});
