// A bound on how much is done at a time, with a bound on how much waits, and for how long.
import { SignalboxError } from '../../errors.js';

interface Waiting {
  readonly admit: () => void;
}

export class Semaphore {
  readonly #waitingMax: number;
  readonly #waiting = new Set<Waiting>();
  #free: number;

  constructor(permits: number, waitingMax: number) {
    this.#free = permits;
    this.#waitingMax = waitingMax;
  }

  /** Resolves with the function that gives the permit back. @throws SignalboxError `store_unavailable` */
  async acquire(timeoutMs: number): Promise<() => void> {
    if (this.#free > 0) {
      this.#free -= 1;
    } else {
      if (this.#waiting.size >= this.#waitingMax)
        throw new SignalboxError('store_unavailable', 'too much waits for the database');
      await this.#wait(timeoutMs);
    }
    let isHeld = true;
    return () => {
      if (isHeld) this.#release();
      isHeld = false;
    };
  }

  #wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiting);
        reject(
          new SignalboxError('store_unavailable', `waited ${timeoutMs} ms for a connection to the database`),
        );
      }, timeoutMs);
      const waiting: Waiting = {
        admit: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      this.#waiting.add(waiting);
    });
  }

  /** The permit goes to whoever waited longest, without being free in between. */
  #release(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next.admit();
  }
}
