// A connection's surroundings without a thread and a kernel: what it shares with the others of its worker, and a clock
// and sockets that are the test's. There is one org, ORG, whose one route matches everything.
import assert from 'node:assert/strict';
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
import { LongPrompts } from '../../src/worker/long-prompts.js';
import { Output } from '../../src/worker/output.js';
import { ParkingLot } from '../../src/worker/parking-lot.js';
import { SharedRoom } from '../../src/worker/shared-room.js';
import { TableSlots } from '../../src/worker/table-slots.js';
import { newVitalSigns } from '../../src/worker/thread-messages.js';
import { WorkerFigures } from '../../src/worker/worker-figures.js';
import { org, route } from './routes.js';

export const ORG = org(1);

const KIB = 1024;

type SocketEvent = 'drain' | 'end' | 'error' | 'close';

/** A client whose end of the connection takes nothing until it is told to read. */
export class UnreadSocket implements ClientSocket {
  writableLength = 0;
  destroyed = false;
  writable = true;
  isPaused = false;
  readonly #listeners = new Map<SocketEvent, () => void>();
  readonly #readBuffer: Buffer;
  readonly #onRead: (bytes: number) => boolean;

  constructor(readBuffer: Buffer, onRead: (bytes: number) => boolean) {
    this.#readBuffer = readBuffer;
    this.#onRead = onRead;
  }

  on(event: SocketEvent, listener: () => void): void {
    this.#listeners.set(event, listener);
  }

  write(bytes: Buffer): void {
    this.writableLength += bytes.length;
  }

  end(onFinished: () => void): void {
    this.writable = false;
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
    this.writable = false;
  }

  /** The client sends bytes, which are read at once. */
  send(bytes: Buffer): void {
    assert.ok(!this.isPaused, 'nothing is read from it');
    bytes.copy(this.#readBuffer);
    this.#onRead(bytes.length);
  }

  /** The client reads all that there is. */
  read(): void {
    this.writableLength = 0;
    this.#listeners.get('drain')?.();
  }

  /** The client is gone. */
  close(): void {
    this.destroy();
    this.#listeners.get('close')?.();
  }
}

export class ConnectionStage {
  nowMs = 0;
  readonly host: ConnectionHost;
  readonly figures = newFigures();
  #opened: UnreadSocket | undefined;

  /** @param given in place of what would be made. */
  constructor(given: Partial<Pick<ConnectionHost, 'keptRoom' | 'unreadRoom' | 'parkingLot'>> = {}) {
    const clock = (): number => this.nowMs;
    const slots = new TableSlots(() => undefined);
    const times = { refreshAtMs: Infinity, untilMs: Infinity, lastGoodUntilMs: Infinity };
    const block = shareTable(compileTable([route('r')], 1));
    slots.take({
      ...{ type: 'table', orgId: ORG, block, revision: 1, stale: false, ...times },
      ...{ table: 1, readBeganAtMs: 0, settledMs: 0 },
    });
    const tap = new DecisionTap(() => undefined, Math.random);
    const figures = new WorkerFigures(this.figures, clock, tap);
    const deciding = new DecidingMark(newVitalSigns());
    this.host = {
      clock,
      slots,
      parkingLot: new ParkingLot<WaitingClient>({
        clock,
        timeoutMs: 50,
        requestTable: () => assert.fail('the table is there'),
        onTimeout: () => undefined,
      }),
      longPrompts: new LongPrompts(deciding, () => undefined),
      output: new Output(() => undefined, figures.batchWritten),
      figures,
      deciding,
      request: new RequestFrame(),
      readBuffer: Buffer.alloc(64 * KIB),
      maxFrameBytes: 1024 * KIB,
      hello: resultFrame(Buffer.of(0xc0)),
      reportDefect: (error) => {
        throw error;
      },
      openSocket: (_fd, readBuffer, onRead) => (this.#opened = new UnreadSocket(readBuffer, onRead)),
      keptRoom: new SharedRoom(1024 * KIB),
      unreadRoom: new SharedRoom(1024 * KIB),
      ...given,
    };
  }

  connect(): { connection: Connection; socket: UnreadSocket } {
    const connection = new Connection(0, this.host);
    const socket = this.#opened;
    assert.ok(socket !== undefined);
    return { connection, socket };
  }
}
