// Connections that are turned away. Each is told why, in a frame that any client reads as an answer, but costs no more
// than that: the number that linger to be read is bounded, and so is what the log says of them.
import type { Socket } from 'node:net';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import { errorFrame } from '../protocol/answers.js';
import type { WireErrorCode } from '../protocol/messages.js';

/** How long a refused client has to read why. Its descriptor is held for as long. */
const LINGER_MS = 100;
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
  #lingering = 0;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** How many connections were turned away for each reason. */
  get counts(): Readonly<Record<RefusalReason, number>> {
    return this.#counts;
  }

  /** Says why and closes; the client goes on without us. */
  refuse(socket: Socket, reason: RefusalReason, why: string): void {
    this.#counts[reason] += 1;
    this.#report(reason, why);
    socket.on('error', () => undefined);
    if (this.#lingering >= LINGERING_MAX) {
      socket.destroy();
      return;
    }
    this.#lingering += 1;
    socket.on('close', () => (this.#lingering -= 1));
    socket.end(errorFrame(null, { code: REFUSAL_CODES[reason], message: why }));
    setTimeout(() => socket.destroy(), LINGER_MS);
  }

  #report(reason: RefusalReason, why: string): void {
    const now = this.#clock();
    if (now - (this.#loggedAtMs.get(reason) ?? -Infinity) < LOG_INTERVAL_MS) return;
    this.#loggedAtMs.set(reason, now);
    const refused = this.#counts[reason];
    this.#log('warn', 'connection.refused', `connections are refused: ${why}`, { reason, refused });
  }
}
