// One client's connection, from its descriptor to its end: when it is read from, and when it is closed. Runs on a worker.
// All frames of a read are answered in one write. What a connection may hold of memory and time is bounded: frames that
// never become whole, answers that nobody reads, a turn that never ends.
import { goawayFrame } from '../protocol/answers.js';
import { FrameReader } from '../protocol/frame-reader.js';
import { ClientRequests } from './client-requests.js';
import { type ClientSocket, WATERMARK_BYTES } from './client-socket.js';
import type { ConnectionHost } from './connection-host.js';
import type { OrgAccess } from './org-access.js';
import type { Recipient } from './output.js';
import type { Share } from './shared-room.js';

/** Answers that the client has not read; beyond it nothing more is read from that client. */
const UNREAD_BYTES_MAX = 64 * 1024;

/** How long a connection that was closed from this side, all of it sent, may stay open on the other before it is cut. */
const LINGER_MS = 1000;

/** A client that takes longer than this to read its last answers will not read them. */
const LAST_ANSWERS_MS = 60_000;

/** What one connection has before others have their turn, in usual requests: small ones are thousands in one read. */
const REQUESTS_PER_TURN = 64;

/** Whoever has had too much to read, and has not read all of it for this long, will not read it. */
const READ_TIMEOUT_MS = 60_000;

/** A frame that isn't whole after this long was never meant to be. */
const FRAME_TIMEOUT_MS = 10_000;

/** A draining connection is closed when nothing came for this long. */
const QUIET_MS = 100;

export class Connection implements Recipient {
  readonly closed: Promise<void>;
  readonly #host: ConnectionHost;
  readonly #socket: ClientSocket;
  readonly #frames: FrameReader;
  readonly #requests: ClientRequests;
  #reads = 0;
  readonly #kept: Share;
  readonly #unread: Share;
  /** Since when nothing is read from it because it doesn't read. */
  #unreadSinceMs: number | undefined;
  /** When the frame began that is not whole yet. */
  #frameBeganAtMs: number | undefined;
  #draining = false;
  /** Not read from until the client has read what it is owed, or others have had their turn. */
  #paused = false;
  /** Others have their turn. */
  #hasYielded = false;
  /** Nothing more is looked at: the client has shut down its writing side, or sent what can't be passed over. */
  #inputEnded = false;
  /** Closed from this side. */
  #closing = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param orgAccess undefined: the client may ask for every org. */
  constructor(fd: number, host: ConnectionHost, orgAccess?: OrgAccess) {
    this.#host = host;
    this.#kept = host.keptRoom.share();
    this.#unread = host.unreadRoom.share();
    this.#frames = new FrameReader(host.maxFrameBytes);
    this.#requests = new ClientRequests(host, this, orgAccess, () => {
      this.#endIfAnswered();
    });
    this.#socket = host.openSocket(fd, host.readBuffer, (bytes) => this.#read(bytes));
    this.#socket.on('drain', () => {
      this.#unread.set(0);
      this.#unreadSinceMs = undefined;
      // Its turn comes by itself, and no sooner for what it has read.
      if (!this.#hasYielded) this.#resume();
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
        this.#requests.leave();
        resolve();
      });
    });
  }

  /** Asks the client to go elsewhere. What it still sends is answered; once it is quiet, the connection is closed. */
  drain(): void {
    if (this.#closing || this.#draining) return;
    this.#draining = true;
    this.#host.output.flush();
    this.#socket.write(goawayFrame());
    let readsBefore = this.#reads;
    this.#timer = setInterval(() => {
      if (this.#reads === readsBefore && this.#requests.waiting === 0 && !this.#paused) this.#close();
      readsBefore = this.#reads;
    }, QUIET_MS);
  }

  #read(bytes: number): boolean {
    if (this.#inputEnded || this.#closing) return true;
    this.#reads += 1;
    // The buffer as it is, not a part of it: one object, and one view of it, serve every read of the thread.
    this.#frames.push(this.#host.readBuffer, bytes);
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
    this.#requests.refuse(null, 'bad_request', why);
    this.#inputEnded = true;
    this.#frameBeganAtMs = undefined;
    this.#requests.flush(this.#host.clock());
    this.#endIfAnswered();
  }

  #answerFrames(): void {
    const requests = this.#requests;
    // One reading for a batch: it is answered long before a table's time to live makes a difference.
    const nowMs = this.#host.clock();
    let done = 0;
    while (!this.#paused && !this.#inputEnded) {
      if (done >= REQUESTS_PER_TURN) {
        this.#yieldTurn();
        break;
      }
      const state = this.#frames.next();
      if (state === 'incomplete') break;
      if (state === 'oversize') {
        const limit = this.#host.maxFrameBytes;
        requests.refuse(null, 'bad_request', `a frame's payload must not be longer than ${limit} bytes`);
        // Those before it are still owed their answers.
        this.#inputEnded = true;
      } else {
        done += requests.take(this.#frames, nowMs);
      }
    }
    this.#frames.keep();
    this.#kept.set(this.#frames.keptBytes);
    // What is left over behind a whole frame has only begun.
    if (done > 0 || !this.#frames.isInFrame) this.#frameBeganAtMs = undefined;
    if (this.#frames.isInFrame) this.#frameBeganAtMs ??= nowMs;
    requests.endBatch(nowMs);
    this.#endIfAnswered();
    if (this.#kept.isTooLarge && this.#frames.isInFrame && !this.#inputEnded && !this.#paused) {
      this.#endInput('too many unfinished frames');
    }
  }

  /** Lets others have their turn before the frames that are left. */
  #yieldTurn(): void {
    this.#paused = true;
    this.#hasYielded = true;
    this.#socket.pause();
    setImmediate(() => {
      this.#hasYielded = false;
      // The others' answers first: they were read meanwhile.
      this.#host.output.flush();
      // A client that doesn't read has its turn when it has read.
      if (this.#unreadSinceMs === undefined) this.#resume();
    });
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
    // Nobody is there any more for what is left: it would be answered, and kept, for nothing.
    if (!this.#paused || this.#closing) return;
    this.#paused = false;
    // While it was not read from it could not send the rest of its frame.
    this.#frameBeganAtMs = undefined;
    // What was read before the pause comes first; it may fill the client's side again.
    this.#answerFrames();
    // `#answerFrames` may have paused once more.
    if (!(this.#paused as boolean)) this.#socket.resume();
  }

  #endIfAnswered(): void {
    if (this.#inputEnded && this.#requests.waiting === 0) this.#close();
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
