// Says that somebody was turned away, but not as often as somebody tries: at most one line a second, with how many it
// stands for.
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { Refusal } from './refusal.js';

const INTERVAL_MS = 1000;

export class DeniedLog {
  readonly #clock: Clock;
  readonly #log: Log;
  #quietUntilMs = -Infinity;
  #unsaid = 0;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  note({ code, message }: Refusal): void {
    this.#unsaid += 1;
    if (this.#clock() < this.#quietUntilMs) return;
    this.#log('warn', 'admin.denied', message, { code, times: this.#unsaid });
    this.#quietUntilMs = this.#clock() + INTERVAL_MS;
    this.#unsaid = 0;
  }
}
