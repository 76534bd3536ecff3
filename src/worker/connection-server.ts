// A worker's side of the daemon: its connections, its table slots, and what it says to the main thread.
import { threadId } from 'node:worker_threads';
import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import { newFigures } from '../figures.js';
import { encodeHello, resultFrame } from '../protocol/answers.js';
import { PROTOCOL_VERSION } from '../protocol/messages.js';
import { orgIdFromWords } from '../protocol/org-id.js';
import { RequestFrame } from '../protocol/request-frame.js';
import { type OpenSocket, openSocket as openKernelSocket } from './client-socket.js';
import { Connection } from './connection.js';
import {
  ALL_UNREAD_BYTES_MAX,
  type ConnectionHost,
  KEPT_BYTES_MAX,
  type WaitingClient,
} from './connection-host.js';
import { OrgAccess } from './org-access.js';
import { DecidingMark } from './deciding-mark.js';
import { DecisionTap } from './decision-tap.js';
import { LongPrompts } from './long-prompts.js';
import { Output } from './output.js';
import { type Parked, ParkingLot } from './parking-lot.js';
import { SharedRoom } from './shared-room.js';
import { type TableSlot, TableSlots } from './table-slots.js';
import {
  type ConnectionTask,
  type FromWorker,
  type GrantedOrgs,
  type ToWorkers,
  type WorkerSettings,
  claimConnection,
  newVitalSigns,
} from './thread-messages.js';
import { WorkerFigures } from './worker-figures.js';

/** Large enough that a pipelining client's batch comes in one read. */
const READ_BUFFER_BYTES = 64 * 1024;

/** How often unfinished frames and unread answers are looked at. */
const AGE_CHECK_MS = 1000;

/** A defect may strike with every request; the log hears of it this often. */
const DEFECT_REPORT_INTERVAL_MS = 1000;

export class ConnectionServer {
  /** What this worker counts, in shared memory. */
  readonly figures = newFigures();
  /** What the main thread sees of this worker however stuck it is. */
  readonly vitalSigns = newVitalSigns();
  readonly #connections = new Set<Connection>();
  readonly #slots: TableSlots;
  readonly #parkingLot: ParkingLot<WaitingClient>;
  readonly #host: ConnectionHost;
  readonly #tap: DecisionTap;
  readonly #post: (message: FromWorker) => void;
  readonly #clock: Clock;
  #grantedOrgs: GrantedOrgs;
  readonly #lateMessage: string;
  #draining = false;
  #defectReportedAtMs = -Infinity;

  constructor(
    settings: WorkerSettings,
    clock: Clock,
    post: (message: FromWorker) => void,
    openSocket: OpenSocket = openKernelSocket,
  ) {
    this.#post = post;
    this.#clock = clock;
    this.#grantedOrgs = settings.grantedOrgs;
    this.#lateMessage = `the org's routes could not be read within ${settings.resolveTimeoutMs} ms`;
    this.#slots = new TableSlots((orgId) => {
      post({ type: 'refresh', orgId: orgIdFromWords(orgId) });
    });
    this.#parkingLot = new ParkingLot<WaitingClient>({
      clock,
      timeoutMs: settings.resolveTimeoutMs,
      requestTable: (orgId, minRevision) => {
        post({ type: 'need', orgId, ...(minRevision === undefined ? {} : { minRevision }) });
      },
      onTimeout: (expired) => {
        for (const [client, requests] of byOwner(expired)) this.#answerLate(client, requests);
      },
    });
    this.#tap = new DecisionTap((tapped, dropped) => {
      post({ type: 'tapped', tapped, dropped });
    }, Math.random);
    const figures = new WorkerFigures(this.figures, clock, this.#tap);
    const deciding = new DecidingMark(this.vitalSigns);
    this.#host = {
      clock,
      slots: this.#slots,
      parkingLot: this.#parkingLot,
      longPrompts: new LongPrompts(deciding, (task) => setImmediate(task)),
      output: new Output((task) => setImmediate(task), figures.batchWritten),
      figures,
      deciding,
      request: new RequestFrame(),
      readBuffer: Buffer.allocUnsafeSlow(READ_BUFFER_BYTES),
      maxFrameBytes: settings.maxFrameBytes,
      hello: resultFrame(
        encodeHello({
          server: 'signalbox',
          version: settings.version,
          protocol: PROTOCOL_VERSION,
          max_frame_bytes: settings.maxFrameBytes,
        }),
      ),
      reportDefect: (error) => {
        this.#reportDefect(error);
      },
      openSocket,
      keptRoom: new SharedRoom(KEPT_BYTES_MAX),
      unreadRoom: new SharedRoom(ALL_UNREAD_BYTES_MAX),
    };
    setInterval(() => {
      for (const connection of this.#connections) connection.checkAge();
    }, AGE_CHECK_MS).unref();
  }

  /** Owns the connection until it ends. */
  async serve({ fd, claim, grants }: ConnectionTask): Promise<void> {
    if (!claimConnection(claim, threadId)) return;
    const orgAccess = grants === undefined ? undefined : new OrgAccess(() => this.#grantedOrgs, grants);
    const connection = new Connection(fd, this.#host, orgAccess);
    this.#connections.add(connection);
    if (this.#draining) connection.drain();
    await connection.closed;
    this.#connections.delete(connection);
  }

  /** Sends what was decided by now: it leaves before anything else is heard of its org. */
  flush(): void {
    this.#host.output.flush();
  }

  /** Takes a message of the main thread. */
  receive(message: ToWorkers): void {
    this.flush();
    if (message.type === 'sync') {
      this.#post({ type: 'synced', threadId, token: message.token });
      return;
    }
    if (message.type === 'count') {
      const { token, orgId } = message;
      this.#post({ type: 'counted', threadId, token, hits: this.#slots.hitsOf(orgId) });
      return;
    }
    if (message.type === 'tap') {
      this.#tap.set(message.tappings);
      return;
    }
    if (message.type === 'grant') {
      this.#grantedOrgs = message.grantedOrgs;
      return;
    }
    if (message.type === 'drain') {
      this.#draining = true;
      for (const connection of this.#connections) connection.drain();
      return;
    }
    const slot = this.#slots.take(message);
    if (slot === undefined) return;
    // Where there is no table, that is the answer for everybody.
    const answer =
      message.type === 'table' ? { revision: message.revision, settledMs: message.settledMs } : undefined;
    for (const [client, requests] of byOwner(this.#parkingLot.leave(message.orgId, answer))) {
      client.answerParked(requests, slot);
    }
  }

  /** The main thread is busy, or the store slow: the last good routes are better than none. */
  #answerLate(client: WaitingClient, requests: readonly Parked<WaitingClient>[]): void {
    const now = this.#clock();
    // Together, so that they are answered in one write.
    const bySlot = new Map<TableSlot | undefined, Parked<WaitingClient>[]>();
    for (const request of requests) {
      const slot = this.#slots.lastGood(request.orgId, now);
      const others = bySlot.get(slot);
      if (others === undefined) bySlot.set(slot, [request]);
      else others.push(request);
    }
    for (const [slot, together] of bySlot) {
      if (slot === undefined) client.refuseParked(together, 'unavailable', this.#lateMessage);
      else client.answerParked(together, slot);
    }
  }

  #reportDefect(error: unknown): void {
    const now = this.#clock();
    if (now - this.#defectReportedAtMs < DEFECT_REPORT_INTERVAL_MS) return;
    this.#defectReportedAtMs = now;
    this.#post({
      type: 'defect',
      message: messageOf(error),
      stack: error instanceof Error ? (error.stack ?? '') : '',
    });
  }
}

/** Each client's requests together, so that they are answered in one write, and in their order. */
function byOwner<Owner extends object>(requests: readonly Parked<Owner>[]): Map<Owner, Parked<Owner>[]> {
  const groups = new Map<Owner, Parked<Owner>[]>();
  for (const request of requests) {
    const group = groups.get(request.owner);
    if (group === undefined) groups.set(request.owner, [request]);
    else group.push(request);
  }
  return groups;
}
