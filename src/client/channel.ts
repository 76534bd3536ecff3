// One lasting connection to the daemon: calls go out pipelined and come back by id; when the connection ends, calls
// that have no answer yet go out again on the next one (to resolve is to read, so twice is as good as once); and a
// daemon that says goaway keeps the old connection until what is in flight there is answered.
import { type Socket, connect } from 'node:net';
import { SignalboxError } from '../errors.js';
import { FrameReader } from '../protocol/frame-reader.js';
import { type Call, decodeMessage } from './call.js';
import { Reconnect } from './reconnect.js';
import { Restart } from './restart.js';
import { WaitingCalls } from './waiting-calls.js';

/** Requests that the daemon hasn't read yet; beyond it a call is refused rather than queued. */
const UNSENT_BYTES_MAX = 8 * 1024 * 1024;

/** The same while a restart is waited for: prompts of a second. */
const UNSENT_BYTES_MAX_IN_RESTART = 64 * 1024 * 1024;

/** Requests that wait for a connection: no more than can be sent when it is there. */
const WAITING_BYTES_MAX = UNSENT_BYTES_MAX_IN_RESTART;

/** An answer is a route's action; nobody's is this long. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/** How often a call goes out. Its connection may have ended because of the call itself. */
const SENDS_MAX = 3;

interface Link {
  readonly socket: Socket;
  readonly inFlight: Map<number, Call>;
  isOpen: boolean;
  /** Something came from the daemon: until then, it may be one that refuses connections. */
  hasSpoken: boolean;
  isLeaving: boolean;
}

export interface ChannelOptions {
  readonly path: string;
  /** From 0 up to 1, for jitter. */
  readonly random: () => number;
  /** How long a call takes at most when all is well. */
  readonly deadlineMs: number;
  /** How long a daemon that has said goaway may take until it answers in time again. */
  readonly restartMs: number;
  /** Called for each new connection; what it asks for is the first to be sent. */
  readonly onConnect: () => void;
}

export class Channel {
  readonly #path: string;
  readonly #restart: Restart;
  readonly #reconnect: Reconnect;
  readonly #onConnect: () => void;
  readonly #waiting = new WaitingCalls();
  readonly #links = new Set<Link>();
  #current: Link | undefined;
  #retry: NodeJS.Timeout | undefined;
  #lastError = 'not connected yet';
  #nextId = 0;
  #closed = false;

  constructor({ path, random, deadlineMs, restartMs, onConnect }: ChannelOptions) {
    this.#path = path;
    this.#onConnect = onConnect;
    this.#reconnect = new Reconnect(random);
    this.#restart = new Restart(restartMs, deadlineMs, () => performance.now());
  }

  /** For how much longer calls may wait for a restart that was announced; 0: there is none, or it took too long. */
  get restartLeftMs(): number {
    return this.#restart.leftMs;
  }

  submit(call: Call): void {
    if (this.#current?.isOpen === true) {
      this.#send(this.#current, call);
      return;
    }
    if (this.#reconnect.isDown && this.restartLeftMs === 0) {
      call.fail(new SignalboxError('unreachable', this.#lastError));
      return;
    }
    if (this.#waiting.bytes + call.payloadBytes > WAITING_BYTES_MAX) {
      call.fail(new SignalboxError('overloaded', 'too much waits for a connection to the daemon'));
      return;
    }
    this.#waiting.add(call);
    this.connect();
  }

  /** The call has ended otherwise, by its deadline for one: an answer that still comes is nobody's. */
  forget(call: Call): void {
    this.#waiting.delete(call);
    for (const link of this.#links) {
      if (call.id !== undefined && link.inFlight.get(call.id) === call) {
        link.inFlight.delete(call.id);
        this.#endIfLeft(link);
      }
    }
  }

  /** Connects, if it isn't connected or about to be. */
  connect(): void {
    if (this.#current !== undefined || this.#retry !== undefined || this.#closed) return;
    const link: Link = {
      socket: connect(this.#path),
      inFlight: new Map(),
      isOpen: false,
      hasSpoken: false,
      isLeaving: false,
    };
    this.#current = link;
    this.#links.add(link);
    const frames = new FrameReader(ANSWER_BYTES_MAX);
    link.socket.on('connect', () => {
      link.isOpen = true;
      this.#onConnect();
      for (const call of this.#waiting.takeAll()) this.#send(link, call);
    });
    link.socket.on('data', (chunk) => {
      try {
        this.#receive(link, frames, chunk);
      } catch (error) {
        // Whatever this is, it isn't the protocol.
        link.socket.destroy(error instanceof Error ? error : undefined);
      }
    });
    link.socket.on('error', (error) => {
      this.#lastError = `no daemon answers at ${this.#path}: ${error.message}`;
    });
    link.socket.on('close', () => {
      this.#lose(link);
    });
  }

  /** Ends the connections; calls without an answer fail. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    const calls = this.#waiting.takeAll();
    for (const link of this.#links) {
      calls.push(...link.inFlight.values());
      link.inFlight.clear();
      link.socket.destroy();
    }
    for (const call of calls) call.fail(new SignalboxError('closed', 'the client was closed'));
  }

  #send(link: Link, call: Call): void {
    const unsentMax = this.restartLeftMs > 0 ? UNSENT_BYTES_MAX_IN_RESTART : UNSENT_BYTES_MAX;
    if (link.socket.writableLength > unsentMax) {
      call.fail(new SignalboxError('overloaded', 'the daemon does not read its socket'));
      return;
    }
    do this.#nextId = (this.#nextId + 1) >>> 0;
    while (link.inFlight.has(this.#nextId));
    call.id = this.#nextId;
    call.sends += 1;
    link.inFlight.set(call.id, call);
    // What is sent in one turn of the loop leaves in one write.
    if (link.socket.writableCorked === 0) {
      link.socket.cork();
      process.nextTick(() => {
        link.socket.uncork();
      });
    }
    link.socket.write(call.frame());
  }

  #receive(link: Link, frames: FrameReader, chunk: Buffer): void {
    frames.push(chunk);
    for (;;) {
      const state = frames.next();
      if (state === 'oversize') throw new SignalboxError('internal', 'an answer is too long');
      if (state === 'incomplete') break;
      const message = decodeMessage(frames.bytes.subarray(frames.start, frames.end));
      if (message.kind === 'answer' && message.id === null) {
        // It is the connection that is refused, or what came over it.
        if (message.error !== null) this.#lastError = message.error.message;
        continue;
      }
      link.hasSpoken = true;
      this.#reconnect.noteServed();
      if (message.kind === 'goaway') this.#leave(link);
      else if (message.kind === 'answer' && message.id !== null)
        this.#settle(link, message.id, message.error, message.result);
    }
    frames.keep();
  }

  #settle(link: Link, id: number, error: SignalboxError | null, result: unknown): void {
    const call = link.inFlight.get(id);
    if (call === undefined) return;
    link.inFlight.delete(id);
    if (link === this.#current) this.#restart.noteAnswer(call.madeAtMs);
    if (error?.code === 'draining') {
      this.#leave(link);
      this.#again(call, error);
    } else if (error !== null) {
      call.fail(error);
    } else {
      call.succeed(result);
    }
    this.#endIfLeft(link);
  }

  /** No new call goes to this connection; it ends when those in flight are answered. */
  #leave(link: Link): void {
    link.isLeaving = true;
    if (this.#current === link) {
      this.#current = undefined;
      this.#restart.begin();
      this.connect();
    }
    this.#endIfLeft(link);
  }

  #endIfLeft(link: Link): void {
    if (link.isLeaving && link.inFlight.size === 0) link.socket.end();
  }

  #lose(link: Link): void {
    this.#links.delete(link);
    if (this.#current === link) {
      this.#current = undefined;
      if (!link.hasSpoken) this.#reconnect.noteFailed();
      this.#scheduleRetry();
    }
    const reason = new SignalboxError('unreachable', this.#lastError);
    for (const call of link.inFlight.values()) this.#again(call, reason);
  }

  #again(call: Call, reason: SignalboxError): void {
    if (call.sends >= SENDS_MAX) call.fail(reason);
    else this.submit(call);
  }

  #scheduleRetry(): void {
    if (this.#closed) return;
    this.#retry = setTimeout(
      () => {
        this.#retry = undefined;
        this.connect();
      },
      this.#reconnect.delayMs(this.restartLeftMs > 0),
    );
  }
}
