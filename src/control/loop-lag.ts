// How late the loops of all threads are, at most, within the last seconds: whatever keeps a thread from its timers
// keeps it from all else it has to do. The workers' beats are looked at, and the main thread looks at itself.
import type { Clock } from '../clock.js';
import { RecentPeak } from './recent-peak.js';
import type { WorkerVitals } from './workers/watched-worker.js';

/** As often as workers are looked at. */
const INTERVAL_MS = 200;

export class LoopLag {
  readonly #clock: Clock;
  readonly #vitals: () => readonly WorkerVitals[];
  readonly #main = new RecentPeak();
  readonly #workers = new Map<number, RecentPeak>();
  readonly #timer: NodeJS.Timeout;
  #dueAtMs: number;

  constructor(clock: Clock, vitals: () => readonly WorkerVitals[]) {
    this.#clock = clock;
    this.#vitals = vitals;
    this.#dueAtMs = clock() + INTERVAL_MS;
    this.#timer = setInterval(() => {
      this.#look();
    }, INTERVAL_MS);
    this.#timer.unref();
  }

  get mainMs(): number {
    return this.#main.at(this.#clock());
  }

  /** Of each worker that there is, in the order of their start. */
  get workersMs(): readonly number[] {
    const now = this.#clock();
    return this.#vitals().map(({ threadId }) => this.#workers.get(threadId)?.at(now) ?? 0);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = this.#clock();
    this.#main.add(Math.max(0, now - this.#dueAtMs), now);
    this.#dueAtMs = now + INTERVAL_MS;
    const alive = new Set<number>();
    for (const { threadId, isReady, loopLagMs, silentMs } of this.#vitals()) {
      alive.add(threadId);
      const peak = this.#workers.get(threadId) ?? new RecentPeak();
      this.#workers.set(threadId, peak);
      // One that hangs doesn't beat late: it doesn't beat. A single look may fall between two beats.
      peak.add(isReady && silentMs > INTERVAL_MS ? silentMs : loopLagMs, now);
    }
    for (const threadId of this.#workers.keys()) if (!alive.has(threadId)) this.#workers.delete(threadId);
  }
}
