// What one run lives in, all of it decided by its seed: time, chance, the settings, the weather, and what has gone wrong.
import { Random } from '../support/random.js';
import { type Settings, drawSettings } from './settings.js';
import { type Thread, VirtualTime } from './virtual-time.js';
import { fairWeather } from './weather.js';

/** Whatever isn't the daemon: it never waits for anybody. */
export const outside: Thread = { name: 'outside', isAlive: true, busyUntilMs: 0 };

export class World {
  readonly random: Random;
  readonly time: VirtualTime;
  readonly settings: Settings;
  readonly weather = fairWeather();
  /** What has gone wrong first. */
  failure: Error | undefined;
  readonly #startedMs: number;
  readonly #onLine: ((line: string) => void) | undefined;

  /** @param onLine told everything that happens. */
  constructor(seed: number, onLine?: (line: string) => void) {
    this.random = new Random(seed);
    this.time = new VirtualTime(this.random);
    this.settings = drawSettings(this.random);
    this.#startedMs = this.time.clock();
    this.#onLine = onLine;
  }

  trace(what: () => string): void {
    this.#onLine?.(`${(this.time.clock() - this.#startedMs).toFixed(2).padStart(9)}  ${what()}`);
  }

  /** What is wrong must not come to those who did it as an error of theirs: they might handle it. */
  judged(judge: () => void): void {
    try {
      judge();
    } catch (error) {
      this.failure ??= error instanceof Error ? error : new Error(String(error));
    }
  }
}
