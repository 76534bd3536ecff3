// Time that only passes when nothing is left to do, and the threads that live in it. Whatever happens in a simulated
// run is an event here: it happens at its moment, on its thread, and everything that it sets off by promises has ended
// before the next. A thread's timers belong to it: a thread that is busy finds them late, and one that has died, never.
//
// While a run is on, setTimeout and its like are those of this file, for the code under test calls them as anyone does.
import type { Random } from '../support/random.js';

export interface Thread {
  readonly name: string;
  isAlive: boolean;
  /** It does nothing before this moment, and then what has gathered, in order. */
  busyUntilMs: number;
}

export interface SimulatedEvent {
  atMs: number;
  /** Among events of one moment, the first that was planned is the first that happens. */
  readonly order: number;
  readonly thread: Thread;
  readonly happen: () => void;
  isOver: boolean;
}

/** What the timers' callers hold. Real ones are objects as well, with `unref` and the rest. */
class TimerHandle {
  event: SimulatedEvent | undefined;

  unref(): this {
    return this;
  }

  ref(): this {
    return this;
  }
}

/** The monotonic clock's origin means nothing; a run that begins at 0 would hide who takes 0 for "never". */
const START_MS = 1e6;

const TIMER_MAX_MS = 2 ** 31 - 1;

export class VirtualTime {
  readonly #random: Random;
  /** The next to happen is the last. */
  readonly #events: SimulatedEvent[] = [];
  #order = 0;
  #nowMs = START_MS;
  #thread: Thread | undefined;
  #happened = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  readonly clock = (): number => this.#nowMs;

  get happened(): number {
    return this.#happened;
  }

  /** Plans an event, `delayMs` from now. */
  after(delayMs: number, thread: Thread, happen: () => void): SimulatedEvent {
    const event = { atMs: this.#nowMs + delayMs, order: (this.#order += 1), thread, happen, isOver: false };
    this.#insert(event);
    return event;
  }

  /** Lets everything happen that is planned before then, and what that plans. */
  async runUntil(endMs: number, afterEach: () => void): Promise<void> {
    for (;;) {
      const event = this.#events.at(-1);
      if (event === undefined || event.atMs > endMs) break;
      this.#events.pop();
      if (event.isOver || !event.thread.isAlive) continue;
      if (event.thread.busyUntilMs > event.atMs) {
        event.atMs = event.thread.busyUntilMs;
        this.#insert(event);
        continue;
      }
      this.#nowMs = Math.max(this.#nowMs, event.atMs);
      this.#thread = event.thread;
      event.isOver = true;
      this.#happened += 1;
      event.happen();
      // Whatever awaits what has just happened goes on, to its end, before this does.
      await new Promise<void>((resolve) => realSetImmediate(resolve));
      afterEach();
    }
    this.#nowMs = Math.max(this.#nowMs, endMs);
  }

  /** Runs with this time's timers in the place of the process's own. */
  async withTimers<T>(run: () => Promise<T>): Promise<T> {
    const real = { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate };
    const clear = (handle?: unknown): void => {
      if (handle instanceof TimerHandle && handle.event !== undefined) handle.event.isOver = true;
    };
    Object.assign(globalThis, {
      setTimeout: (call: (...args: unknown[]) => void, ms: number, ...args: unknown[]) =>
        this.#timer(ms, false, () => call(...args)),
      setInterval: (call: (...args: unknown[]) => void, ms: number, ...args: unknown[]) =>
        this.#timer(ms, true, () => call(...args)),
      setImmediate: (call: (...args: unknown[]) => void, ...args: unknown[]) => {
        const handle = new TimerHandle();
        handle.event = this.after(0, this.#current(), () => call(...args));
        return handle;
      },
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: clear,
    });
    try {
      return await run();
    } finally {
      Object.assign(globalThis, real);
    }
  }

  #timer(ms: number, isRepeated: boolean, call: () => void): TimerHandle {
    const thread = this.#current();
    const delayMs = ms >= 1 && ms <= TIMER_MAX_MS ? ms : 1;
    const handle = new TimerHandle();
    const start = (): void => {
      // The loop's own clock counts whole milliseconds, so a timer can come a little early as well as late.
      const delay = Math.max(0, delayMs + this.#random.between(-0.9, 1));
      handle.event = this.after(delay, thread, () => {
        if (isRepeated) start();
        call();
      });
    };
    start();
    return handle;
  }

  #current(): Thread {
    if (this.#thread === undefined) throw new Error('a timer was started outside of any thread');
    return this.#thread;
  }

  #insert(event: SimulatedEvent): void {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#events[middle];
      if (other !== undefined && isBefore(event, other)) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, event);
  }
}

const realSetImmediate = setImmediate;

function isBefore(a: SimulatedEvent, b: SimulatedEvent): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
