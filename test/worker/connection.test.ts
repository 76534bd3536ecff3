// When a client is read from, when it is not, and when it is cut: one that doesn't read, one that sends without end, one
// that never ends a frame, one that is gone. The clock and the socket are the test's.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SharedRoom } from '../../src/worker/shared-room.js';
import { ConnectionStage, ORG, type UnreadSocket } from '../support/connection-stage.js';
import { requestFrame } from '../support/wire-client.js';

const MINUTE_MS = 60_000;
const KIB = 1024;

const frame = requestFrame(1, 'resolve', { org_id: ORG, model: 'm' });

let stage: ConnectionStage;

beforeEach(() => {
  stage = new ConnectionStage();
});

function requests(count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => frame));
}

/** Sends requests one by one until no more are taken, or answers of so many bytes are unread. */
function ask(socket: UnreadSocket, untilBytes = Infinity): void {
  while (!socket.isPaused && socket.writableLength < untilBytes) {
    socket.send(frame);
    stage.host.output.flush();
  }
}

describe('a client that does not read its answers', () => {
  it('is not read from any more when it has 64 KiB to read, and is again when it has read them', () => {
    const { socket } = stage.connect();
    ask(socket);
    assert.ok(socket.writableLength > 64 * KIB && socket.writableLength < 65 * KIB);
    socket.read();
    assert.equal(socket.isPaused, false);
  });

  it('is cut when it has read nothing for a minute', () => {
    const { connection, socket } = stage.connect();
    stage.nowMs = 5;
    ask(socket);
    stage.nowMs += MINUTE_MS - 1;
    connection.checkAge();
    assert.equal(socket.destroyed, false);
    stage.nowMs += 1;
    connection.checkAge();
    assert.equal(socket.destroyed, true);
  });

  it('has another minute whenever it has read', () => {
    const { connection, socket } = stage.connect();
    for (let minute = 0; minute < 5; minute += 1) {
      ask(socket);
      stage.nowMs += MINUTE_MS - 1;
      connection.checkAge();
      assert.equal(socket.destroyed, false);
      socket.read();
    }
    stage.nowMs += 10 * MINUTE_MS;
    connection.checkAge();
    assert.equal(socket.destroyed, false, 'nothing is unread');
  });

  it('may hold half of the room for all at most, and leaves others what it does not', () => {
    stage = new ConnectionStage({ unreadRoom: new SharedRoom(96 * KIB) });
    const greedy = stage.connect().socket;
    ask(greedy);
    assert.ok(greedy.writableLength > 48 * KIB && greedy.writableLength < 49 * KIB);
    const second = stage.connect().socket;
    ask(second);
    assert.ok(second.writableLength > 23 * KIB && second.writableLength < 25 * KIB);
    greedy.read();
    const third = stage.connect().socket;
    ask(third);
    assert.ok(third.writableLength > 35 * KIB, 'what was read is free again');
  });
});

describe('a client that sends much at once', () => {
  it('is answered in turns, and has no more of them for what it reads meanwhile', async () => {
    const { socket } = stage.connect();
    socket.send(requests(200));
    stage.host.output.flush();
    const turnBytes = socket.writableLength;
    socket.read();
    socket.read();
    stage.host.output.flush();
    assert.equal(socket.writableLength, 0, 'its turn has not come');
    await nextTurn();
    stage.host.output.flush();
    assert.equal(socket.writableLength, turnBytes);
  });

  it('gives back what it had of the room for frames when it is gone, though it was not all answered', async () => {
    const { keptRoom } = stage.host;
    const { socket } = stage.connect();
    socket.send(requests(1000));
    assert.ok(keptRoom.free < keptRoom.max);
    socket.close();
    assert.equal(keptRoom.free, keptRoom.max);
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    assert.equal(keptRoom.free, keptRoom.max);
  });

  it('holds little of that room once it is answered', async () => {
    const { keptRoom } = stage.host;
    const { socket } = stage.connect();
    socket.send(Buffer.concat([requests(1000), frame.subarray(0, 10)]));
    while (socket.isPaused) {
      socket.read();
      await nextTurn();
    }
    assert.ok(keptRoom.max - keptRoom.free <= 8 * KIB);
  });
});

describe('a frame that is not whole', () => {
  const SECONDS_10_MS = 10_000;
  const [head, rest] = [frame.subarray(0, 20), frame.subarray(20)];

  it('ends what is read of its client after ten seconds', () => {
    const { connection, socket } = stage.connect();
    socket.send(head);
    stage.nowMs += SECONDS_10_MS - 1;
    connection.checkAge();
    assert.equal(socket.writable, true);
    stage.nowMs += 1;
    connection.checkAge();
    assert.equal(socket.writable, false);
  });

  it('is not taken for one that never ends where another ends and the next begins in every read', () => {
    const { connection, socket } = stage.connect();
    socket.send(head);
    for (let second = 0; second < 60; second += 1) {
      stage.nowMs += 1000;
      socket.send(Buffer.concat([rest, head]));
      connection.checkAge();
      assert.equal(socket.writable, true, `after ${second} s`);
    }
  });

  it('has its time again where its client was not read from', () => {
    const { connection, socket } = stage.connect();
    ask(socket, 60 * KIB);
    socket.send(Buffer.concat([requests(60), head]));
    stage.host.output.flush();
    assert.equal(socket.isPaused, true);
    stage.nowMs += SECONDS_10_MS;
    connection.checkAge();
    socket.read();
    connection.checkAge();
    assert.equal(socket.writable, true);
    stage.nowMs += SECONDS_10_MS;
    connection.checkAge();
    assert.equal(socket.writable, false);
  });
});
