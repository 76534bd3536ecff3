// What the service manager is told, and when: that the daemon starts, is ready, reloads and ends, a line of figures
// for `systemctl status`, and a heartbeat for its watchdog, which is withheld while anything that serves hangs. A
// main loop that is blocked needs no finding: nothing beats then. Does nothing where nobody wants to be told.
import type { Log } from '../../log.js';
import type { NotifySocket } from './notify-socket.js';

/** The figures' age. */
const STATUS_INTERVAL_MS = 5000;

/** A beat may be late twice before the watchdog bites. */
const BEATS_PER_WATCHDOG = 3;

/** How much longer a start or an end may take, each time it is said. */
const EXTENSION_MS = 30_000;

const USEC_PER_MS = 1000;
const NS_PER_USEC = 1000n;

export interface ServedDaemon {
  /** One line. */
  readonly figures: () => string;
  /** Workers that don't do anything any more. */
  readonly stuckWorkers: () => number;
}

export interface ServiceManagerOptions {
  readonly socket: NotifySocket | undefined;
  readonly watchdogMs: number | undefined;
  readonly log: Log;
}

export class ServiceManager {
  readonly #socket: NotifySocket | undefined;
  readonly #intervalMs: number;
  readonly #watchdogMs: number | undefined;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #isWithheld = false;

  constructor({ socket, watchdogMs, log }: ServiceManagerOptions) {
    this.#socket = socket;
    this.#watchdogMs = watchdogMs;
    this.#log = log;
    this.#intervalMs = Math.min(STATUS_INTERVAL_MS, (watchdogMs ?? Infinity) / BEATS_PER_WATCHDOG);
  }

  /** The start takes as long as it takes, and this is what it waits for. */
  starting(what: string): void {
    this.#every(() => {
      this.#say(`STATUS=Starting: ${what}`, extension(EXTENSION_MS));
    });
  }

  /** The daemon serves from now on. */
  ready(daemon: ServedDaemon): void {
    this.#say('READY=1', `STATUS=${daemon.figures()}`);
    this.#every(() => {
      this.#beat(daemon);
    });
  }

  /** While `reload` is under way; what it resolves or rejects with, this does too. */
  async reloading<T>(reload: () => Promise<T>): Promise<T> {
    this.#say('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / NS_PER_USEC}`);
    try {
      return await reload();
    } finally {
      // Ready again, by the new settings or by the old ones.
      this.#say('READY=1');
    }
  }

  /** The end has begun, and takes no longer than this. */
  stopping(what: string, atMostMs: number): void {
    this.#stopTimer();
    this.#say('STOPPING=1', `STATUS=${what}`, extension(atMostMs));
  }

  close(): void {
    this.#stopTimer();
    this.#socket?.close();
  }

  /** At once, and then in the interval. */
  #every(action: () => void): void {
    this.#stopTimer();
    if (this.#socket === undefined) return;
    this.#timer = setInterval(action, this.#intervalMs);
    action();
  }

  #stopTimer(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #beat(daemon: ServedDaemon): void {
    const status = `STATUS=${daemon.figures()}`;
    const stuck = daemon.stuckWorkers();
    const isBeat = this.#watchdogMs !== undefined && stuck === 0;
    this.#say(...(isBeat ? ['WATCHDOG=1'] : []), status);
    this.#noteStuck(stuck);
  }

  #noteStuck(stuck: number): void {
    if (stuck > 0 && !this.#isWithheld) {
      this.#log(
        'error',
        'watchdog.withheld',
        `${stuck} workers hang; the service manager is not told that all is well`,
      );
    }
    this.#isWithheld = stuck > 0;
  }

  #say(...assignments: readonly string[]): void {
    this.#socket?.send(...assignments);
  }
}

function extension(ms: number): string {
  return `EXTEND_TIMEOUT_USEC=${Math.round(ms * USEC_PER_MS)}`;
}
