// One client's connection, from its descriptor to its end. The only hot path of the daemon is here: bytes → frame →
// request → slot → answer's bytes, all frames of a read answered in one write. A request whose org has no usable
// table is parked; since answers carry their request's id, it holds up nothing behind it.
import type { Clock } from '../clock.js';
import { errorFrame, goawayFrame } from '../protocol/answers.js';
import { FrameReader } from '../protocol/frame-reader.js';
import type { WireErrorCode } from '../protocol/messages.js';
import { orgIdFromWords } from '../protocol/org-id.js';
import { readRequest } from '../protocol/read-request.js';
import { HELLO, IGNORED, REFUSED, RESOLVE, type RequestFrame } from '../protocol/request-frame.js';
import { type ClientSocket, type OpenSocket, WATERMARK_BYTES } from './client-socket.js';
import type { OrgAccess } from './org-access.js';
import { BATCH_BYTES, type Output, type Recipient } from './output.js';
import type { Parked, ParkingLot } from './parking-lot.js';
import type { Share, SharedRoom } from './shared-room.js';
import type { Slot, TableSlots } from './table-slots.js';
import type { WorkerFigures } from './worker-figures.js';

/** Answers that the client has not read; beyond it nothing more is read from that client. */
const UNREAD_BYTES_MAX = 64 * 1024;

/** How long a connection that was closed from this side, all of it sent, may stay open on the other before it is cut. */
const LINGER_MS = 1000;

/** A client that takes longer than this to read its last answers will not read them. */
const LAST_ANSWERS_MS = 60_000;

/** Frames of one connection that are answered before others have their turn: small ones are thousands in one read. */
const FRAMES_PER_TURN = 512;

/** Of all connections of a worker together, for frames that are not whole yet. */
export const KEPT_BYTES_MAX = 64 * 1024 * 1024;

/** Of all connections of a worker together, answers that nobody has read. */
export const ALL_UNREAD_BYTES_MAX = 64 * 1024 * 1024;

/** Whoever has read nothing for this long, though there is something to be read, will not read it. */
const READ_TIMEOUT_MS = 60_000;

/** A frame that isn't whole after this long was never meant to be. */
const FRAME_TIMEOUT_MS = 10_000;

/** A draining connection is closed when nothing came for this long. */
const QUIET_MS = 100;

/** What a worker's connections share. */
export interface ConnectionHost {
  readonly clock: Clock;
  readonly slots: TableSlots;
  readonly parkingLot: ParkingLot<Connection>;
  readonly output: Output;
  readonly figures: WorkerFigures;
  /** What every request is read into. */
  readonly request: RequestFrame;
  /** What every connection reads into: each read is used up, or its rest copied, before the next. */
  readonly readBuffer: Buffer;
  readonly maxFrameBytes: number;
  /** The frame of the answer to `hello`, for any id to be put in. */
  readonly hello: Buffer;
  readonly reportDefect: (error: unknown) => void;
  readonly openSocket: OpenSocket;
  /** Memory that connections hold for frames that are not whole yet. */
  readonly keptRoom: SharedRoom;
  /** Memory that connections hold for answers that were not read. */
  readonly unreadRoom: SharedRoom;
}

export class Connection implements Recipient {
  readonly closed: Promise<void>;
  readonly #host: ConnectionHost;
  readonly #socket: ClientSocket;
  readonly #frames: FrameReader;
  readonly #orgAccess: OrgAccess | undefined;
  #parked = 0;
  #reads = 0;
  readonly #kept: Share;
  readonly #unread: Share;
  /** Since when nothing is read from it because it doesn't read. */
  #unreadSinceMs: number | undefined;
  /** When the frame began that is not whole yet. */
  #frameBeganAtMs: number | undefined;
  #draining = false;
  /** Not read from until the client has read what it is owed. */
  #paused = false;
  /** Nothing more is looked at: the client has shut down its writing side, or sent what can't be passed over. */
  #inputEnded = false;
  /** Closed from this side. */
  #closing = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param orgAccess undefined: the client may ask for every org. */
  constructor(fd: number, host: ConnectionHost, orgAccess?: OrgAccess) {
    this.#host = host;
    this.#orgAccess = orgAccess;
    this.#kept = host.keptRoom.share();
    this.#unread = host.unreadRoom.share();
    this.#frames = new FrameReader(host.maxFrameBytes);
    this.#socket = host.openSocket(fd, host.readBuffer, (bytes) => this.#read(bytes));
    this.#socket.on('drain', () => {
      this.#unread.set(0);
      this.#unreadSinceMs = undefined;
      this.#resume();
    });
    this.#socket.on('end', () => {
      this.#inputEnded = true;
      this.#endIfAnswered();
    });
    // A client that is gone is no event; the close that follows is what matters.
    this.#socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.#socket.on('close', () => {
        clearTimeout(this.#timer);
        this.#closing = true;
        this.#kept.set(0);
        this.#unread.set(0);
        resolve();
      });
    });
  }

  /** Answers requests that were parked, from the slot that they waited for. */
  answerParked(requests: readonly Parked<Connection>[], slot: Slot): void {
    const { request, clock } = this.#host;
    const nowMs = clock();
    for (const { payload } of requests) {
      this.#parked -= 1;
      readRequest(payload, 0, payload.length, request);
      this.#answerFrom(slot, request, nowMs);
      if (this.#host.output.length >= BATCH_BYTES) this.#flush(nowMs);
    }
    this.#flushParked(requests);
    this.#endIfAnswered();
  }

  /** The time of these parked requests is over. */
  refuseParked(requests: readonly Parked<Connection>[], code: WireErrorCode, message: string): void {
    for (const { id } of requests) {
      this.#parked -= 1;
      this.#refuse(id, code, message);
    }
    this.#flushParked(requests);
    this.#endIfAnswered();
  }

  #flushParked(requests: readonly Parked<Connection>[]): void {
    const { figures, output } = this.#host;
    // Each has waited for a time of its own.
    figures.takeUnmeasured();
    output.end(this, 0, 0);
    output.flush();
    figures.parkedWritten(requests);
  }

  /** Asks the client to go elsewhere. What it still sends is answered; once it is quiet, the connection is closed. */
  drain(): void {
    if (this.#closing || this.#draining) return;
    this.#draining = true;
    this.#host.output.flush();
    this.#socket.write(goawayFrame());
    let readsBefore = this.#reads;
    this.#timer = setInterval(() => {
      if (this.#reads === readsBefore && this.#parked === 0 && !this.#paused) this.#close();
      readsBefore = this.#reads;
    }, QUIET_MS);
  }

  #read(bytes: number): boolean {
    if (this.#inputEnded || this.#closing) return true;
    this.#reads += 1;
    this.#frames.push(this.#host.readBuffer.subarray(0, bytes));
    this.#answerFrames();
    if (bytes < this.#host.readBuffer.length) return true;
    // There is more where that came from, and the loop would read on and on: now it is others' turn.
    setImmediate(() => {
      if (!this.#paused && !this.#socket.destroyed) this.#socket.resume();
    });
    return false;
  }

  /** Ends a connection that takes too long to send a frame, or to read: it holds memory, and may be one of thousands. */
  checkAge(): void {
    const nowMs = this.#host.clock();
    if (this.#unreadSinceMs !== undefined && nowMs - this.#unreadSinceMs >= READ_TIMEOUT_MS) {
      this.#socket.destroy();
      return;
    }
    if (this.#frameBeganAtMs === undefined || this.#paused) return;
    if (nowMs - this.#frameBeganAtMs < FRAME_TIMEOUT_MS) return;
    this.#endInput(`a frame took longer than ${FRAME_TIMEOUT_MS / 1000} s`);
  }

  #endInput(why: string): void {
    this.#refuse(null, 'bad_request', why);
    this.#inputEnded = true;
    this.#frameBeganAtMs = undefined;
    this.#flush(this.#host.clock());
    this.#endIfAnswered();
  }

  #answerFrames(): void {
    const { output, clock } = this.#host;
    // One reading for a batch: it is answered long before a table's time to live makes a difference.
    const nowMs = clock();
    for (let frames = 0; !this.#paused && !this.#inputEnded; frames += 1) {
      if (frames === FRAMES_PER_TURN) {
        this.#yieldTurn();
        break;
      }
      const state = this.#frames.next();
      if (state === 'incomplete') break;
      if (state === 'oversize') {
        this.#refuse(
          null,
          'bad_request',
          `a frame's payload must not be longer than ${this.#host.maxFrameBytes} bytes`,
        );
        // Those before it are still owed their answers.
        this.#inputEnded = true;
      } else {
        this.#answerFrame(nowMs);
        if (output.length >= BATCH_BYTES) this.#flush(nowMs);
      }
    }
    this.#frames.keep();
    this.#kept.set(this.#frames.keptBytes);
    if (!this.#frames.isInFrame) this.#frameBeganAtMs = undefined;
    else this.#frameBeganAtMs ??= nowMs;
    output.end(this, this.#host.figures.takeUnmeasured(), nowMs);
    this.#endIfAnswered();
    if (this.#kept.isTooLarge && this.#frames.isInFrame && !this.#inputEnded && !this.#paused) {
      this.#endInput('too many unfinished frames');
    }
  }

  /** Lets others have their turn before the frames that are left. */
  #yieldTurn(): void {
    this.#paused = true;
    this.#socket.pause();
    setImmediate(() => {
      // A client that doesn't read has its turn when it has read.
      if (this.#unreadSinceMs === undefined) this.#resume();
    });
  }

  #answerFrame(nowMs: number): void {
    const { request } = this.#host;
    const { bytes, start, end } = this.#frames;
    readRequest(bytes, start, end, request);
    switch (request.kind) {
      case RESOLVE:
        this.#resolve(request, nowMs);
        break;
      case HELLO:
        this.#host.output.addResult(request.id ?? 0, this.#host.hello);
        break;
      case REFUSED:
        this.#refuse(request.id, 'bad_request', request.refusal);
        break;
      case IGNORED:
        break;
    }
  }

  #resolve(request: RequestFrame, nowMs: number): void {
    if (this.#orgAccess !== undefined && !this.#orgAccess.includes(orgIdFromWords(request.orgId))) {
      this.#refuse(request.id, 'bad_request', 'this client may not ask for that org');
      return;
    }
    const slot = this.#host.slots.get(request.orgId, nowMs);
    // Who wants a revision that isn't here yet waits for one read of the store, whatever it then has.
    if (slot === undefined || isOlder(slot, request.minRevision)) this.#park(request);
    else this.#answerFrom(slot, request, nowMs);
  }

  #park({ id, orgId: words, minRevision }: RequestFrame): void {
    const { bytes, start, end } = this.#frames;
    const orgId = orgIdFromWords(words);
    const payload = Buffer.from(bytes.subarray(start, end));
    const waiting = { owner: this, id: id ?? 0, orgId, minRevision, payload };
    if (this.#host.parkingLot.park(waiting)) {
      this.#parked += 1;
    } else {
      this.#refuse(
        id,
        'overloaded',
        'too many requests wait for the store; try again, or go on without a decision',
      );
    }
  }

  #answerFrom(slot: Slot, { id, signals }: RequestFrame, nowMs: number): void {
    if (slot.kind === 'unavailable') {
      this.#refuse(id, 'unavailable', slot.message);
      return;
    }
    try {
      const outcome = slot.select(signals);
      this.#host.output.addResult(id ?? 0, slot.answer(outcome));
      this.#host.figures.decided(slot, outcome, nowMs);
    } catch (error) {
      // A defect of ours must not take the worker's other connections with it.
      this.#host.reportDefect(error);
      this.#refuse(id, 'internal', 'a defect of signalbox; it has been logged');
    }
  }

  #refuse(id: number | null, code: WireErrorCode, message: string): void {
    this.#host.output.addFrame(errorFrame(id, { code, message }));
    this.#host.figures.refused(code);
  }

  /** Sends what was gathered now, and not at the end of the turn. */
  #flush(readAtMs: number): void {
    const { figures, output } = this.#host;
    output.end(this, figures.takeUnmeasured(), readAtMs);
    output.flush();
  }

  /** Sends answers, and stops reading from a client that doesn't read them. */
  send(bytes: Buffer): void {
    if (!this.#socket.writable) return;
    this.#socket.write(bytes);
    if (this.#socket.writableLength >= WATERMARK_BYTES) this.#noteUnread();
  }

  /** Stops reading from a client that has more to read than its share. */
  #noteUnread(): void {
    const { writableLength } = this.#socket;
    this.#unread.set(writableLength);
    if (writableLength <= UNREAD_BYTES_MAX && !this.#unread.isTooLarge) return;
    this.#unreadSinceMs ??= this.#host.clock();
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    // What was read before the pause comes first; it may fill the client's side again.
    this.#answerFrames();
    // `#answerFrames` may have paused once more.
    if (!(this.#paused as boolean)) this.#socket.resume();
  }

  #endIfAnswered(): void {
    if (this.#inputEnded && this.#parked === 0) this.#close();
  }

  /** Closes once everything is sent; whoever doesn't read it, or doesn't follow, is cut after a while. */
  #close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#host.output.flush();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#socket.destroy(), LAST_ANSWERS_MS);
    this.#socket.end(() => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    });
    this.#socket.resume();
  }
}

function isOlder(slot: Slot, minRevision: number): boolean {
  return slot.kind === 'table' && slot.revision < minRevision;
}
