// A client that doesn't read: when it is no longer read from, what all such clients may hold of a worker's memory
// together, and when one that never reads is cut. The clock and the socket are the test's.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { newFigures } from '../../src/figures.js';
import { resultFrame } from '../../src/protocol/answers.js';
import { RequestFrame } from '../../src/protocol/request-frame.js';
import { shareTable } from '../../src/protocol/shared-table.js';
import { compileTable } from '../../src/routing/compile.js';
import type { ClientSocket } from '../../src/worker/client-socket.js';
import { Connection } from '../../src/worker/connection.js';
import type { ConnectionHost, WaitingClient } from '../../src/worker/connection-host.js';
import { DecidingMark } from '../../src/worker/deciding-mark.js';
import { DecisionTap } from '../../src/worker/decision-tap.js';
import { Output } from '../../src/worker/output.js';
import { ParkingLot } from '../../src/worker/parking-lot.js';
import { SharedRoom } from '../../src/worker/shared-room.js';
import { TableSlots } from '../../src/worker/table-slots.js';
import { newVitalSigns } from '../../src/worker/thread-messages.js';
import { WorkerFigures } from '../../src/worker/worker-figures.js';
import { org, route } from '../support/routes.js';
import { requestFrame } from '../support/wire-client.js';

const ORG = org(1);
const MINUTE_MS = 60_000;
const KIB = 1024;

/** A client whose end of the connection takes nothing until it is told to read. */
class UnreadSocket implements ClientSocket {
  writableLength = 0;
  destroyed = false;
  writable = true;
  isPaused = false;
  onDrain: () => void = () => undefined;
  onRead: (bytes: number) => boolean = () => true;

  on(event: 'drain' | 'end' | 'error' | 'close', listener: () => void): void {
    if (event === 'drain') this.onDrain = listener;
  }

  write(bytes: Buffer): void {
    this.writableLength += bytes.length;
  }

  end(onFinished: () => void): void {
    onFinished();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  destroy(): void {
    this.destroyed = true;
  }

  /** The client reads all that there is. */
  read(): void {
    this.writableLength = 0;
    this.onDrain();
  }
}

describe('a client that does not read its answers', () => {
  const frame = requestFrame(1, 'resolve', { org_id: ORG, model: 'm' });
  let nowMs = 0;
  let unreadRoom: SharedRoom;
  let host: ConnectionHost;
  let sockets: UnreadSocket[];

  beforeEach(() => {
    nowMs = 0;
    sockets = [];
    unreadRoom = new SharedRoom(1024 * KIB);
    const clock = (): number => nowMs;
    const slots = new TableSlots(() => undefined);
    const times = { refreshAtMs: Infinity, untilMs: Infinity, lastGoodUntilMs: Infinity };
    const block = shareTable(compileTable([route('r')], 1));
    slots.take({
      ...{ type: 'table', orgId: ORG, block, revision: 1, stale: false, ...times },
      ...{ table: 1, readBeganAtMs: 0, settledMs: 0 },
    });
    const tap = new DecisionTap(() => undefined, Math.random);
    const figures = new WorkerFigures(newFigures(), clock, tap);
    host = {
      clock,
      slots,
      parkingLot: new ParkingLot<WaitingClient>({
        clock,
        timeoutMs: 50,
        requestTable: () => assert.fail('the table is there'),
        onTimeout: () => undefined,
      }),
      output: new Output(() => undefined, figures.batchWritten),
      figures,
      deciding: new DecidingMark(newVitalSigns()),
      request: new RequestFrame(),
      readBuffer: Buffer.alloc(64 * KIB),
      maxFrameBytes: 1024 * KIB,
      hello: resultFrame(Buffer.of(0xc0)),
      reportDefect: (error) => {
        throw error;
      },
      openSocket: (_fd, _buffer, onRead) => {
        const socket = new UnreadSocket();
        socket.onRead = onRead;
        sockets.push(socket);
        return socket;
      },
      keptRoom: new SharedRoom(1024 * KIB),
      unreadRoom,
    };
  });

  function connect(): { connection: Connection; socket: UnreadSocket } {
    const connection = new Connection(0, host);
    const socket = sockets.at(-1);
    assert.ok(socket !== undefined);
    return { connection, socket };
  }

  /** Sends requests one by one until no more are taken, or answers of so many bytes are unread. */
  function ask(socket: UnreadSocket, untilBytes = Infinity): void {
    while (!socket.isPaused && socket.writableLength < untilBytes) {
      frame.copy(host.readBuffer);
      socket.onRead(frame.length);
      host.output.flush();
    }
  }

  it('is not read from any more when it has 64 KiB to read, and is again when it has read them', () => {
    const { socket } = connect();
    ask(socket);
    assert.ok(socket.writableLength > 64 * KIB && socket.writableLength < 65 * KIB);
    socket.read();
    assert.equal(socket.isPaused, false);
  });

  it('is cut when it has read nothing for a minute', () => {
    const { connection, socket } = connect();
    nowMs = 5;
    ask(socket);
    nowMs += MINUTE_MS - 1;
    connection.checkAge();
    assert.equal(socket.destroyed, false);
    nowMs += 1;
    connection.checkAge();
    assert.equal(socket.destroyed, true);
  });

  it('has another minute whenever it has read', () => {
    const { connection, socket } = connect();
    for (let minute = 0; minute < 5; minute += 1) {
      ask(socket);
      nowMs += MINUTE_MS - 1;
      connection.checkAge();
      assert.equal(socket.destroyed, false);
      socket.read();
    }
    nowMs += 10 * MINUTE_MS;
    connection.checkAge();
    assert.equal(socket.destroyed, false, 'nothing is unread');
  });

  it('may hold half of the room for all at most, and leaves others what it does not', () => {
    host = { ...host, unreadRoom: (unreadRoom = new SharedRoom(96 * KIB)) };
    const greedy = connect().socket;
    ask(greedy);
    assert.ok(greedy.writableLength > 48 * KIB && greedy.writableLength < 49 * KIB);
    const second = connect().socket;
    ask(second);
    assert.ok(second.writableLength > 23 * KIB && second.writableLength < 25 * KIB);
    greedy.read();
    const third = connect().socket;
    ask(third);
    assert.ok(third.writableLength > 35 * KIB, 'what was read is free again');
  });
});
