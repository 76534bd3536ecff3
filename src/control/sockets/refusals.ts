// Connections that are turned away. Each is told why, in a frame that any client reads as an answer, but costs no more
// than that: the number that linger to be read is bounded, and so is what the log says of them. No socket object is made
// of one that is turned away: many are when somebody runs wild, and it would take longer than all the rest.
import { writeSync } from 'node:fs';
import type { Clock } from '../../clock.js';
import type { Log } from '../../log.js';
import { errorFrame } from '../../protocol/answers.js';
import type { WireErrorCode } from '../../protocol/messages.js';
import { closeDescriptor, endWriting } from './file-descriptors.js';

/** How long a refused client may take to say what it came for; who does when all is closed can't read why. */
const LINGER_MS = 500;
/** Of these, who came first has had the longest to read, and goes when another comes. */
const LINGERING_MAX = 64;
const LOG_INTERVAL_MS = 10_000;

/** Why a connection is turned away; the code is what the client is told. */
const REFUSAL_CODES = {
  /** As many are served as may be. */
  connections: 'overloaded',
  /** The process may open no more files. */
  descriptors: 'overloaded',
  /** No worker could be started. */
  no_worker: 'unavailable',
  /** The same user has connected too often just now. */
  rate: 'overloaded',
  /** Whoever connects is not among those who may; to try again is no use. */
  credentials: 'bad_request',
} as const satisfies Record<string, WireErrorCode>;

export type RefusalReason = keyof typeof REFUSAL_CODES;

export class Refusals {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #counts: Record<RefusalReason, number> = {
    connections: 0,
    descriptors: 0,
    no_worker: 0,
    rate: 0,
    credentials: 0,
  };
  readonly #loggedAtMs = new Map<RefusalReason, number>();
  /** Descriptors that are to be closed, in their order. */
  readonly #lingering = new Map<number, NodeJS.Timeout>();

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** How many connections were turned away for each reason. */
  get counts(): Readonly<Record<RefusalReason, number>> {
    return this.#counts;
  }

  /** Says why and closes the connection, which is ours from now on; the client goes on without us. */
  refuse(fd: number, reason: RefusalReason, why: string): void {
    this.answer(fd, reason, why);
    endWriting(fd);
    const timer = setTimeout(() => {
      this.#close(fd, timer);
    }, LINGER_MS).unref();
    this.#lingering.set(fd, timer);
    if (this.#lingering.size <= LINGERING_MAX) return;
    const [first] = this.#lingering;
    if (first !== undefined) this.#close(...first);
  }

  #close(fd: number, timer: NodeJS.Timeout): void {
    clearTimeout(timer);
    this.#lingering.delete(fd);
    closeDescriptor(fd);
  }

  /** Says why; the connection is the caller's to close. */
  answer(fd: number, reason: RefusalReason, why: string): void {
    this.#counts[reason] += 1;
    this.#report(reason, why);
    try {
      // A few bytes, and the kernel has room for them: nothing was sent before.
      writeSync(fd, errorFrame(null, { code: REFUSAL_CODES[reason], message: why }));
    } catch {
      // It has left.
    }
  }

  #report(reason: RefusalReason, why: string): void {
    const now = this.#clock();
    if (now - (this.#loggedAtMs.get(reason) ?? -Infinity) < LOG_INTERVAL_MS) return;
    this.#loggedAtMs.set(reason, now);
    const refused = this.#counts[reason];
    this.#log('warn', 'connection.refused', `connections are refused: ${why}`, { reason, refused });
  }
}
