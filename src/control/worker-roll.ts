// Which workers hear broadcasts, and a way to know that all of them have heard everything up to now: broadcasts come
// in order, so a worker that answers a question has taken in all that was said before it.
import type { ToWorkers } from '../worker/thread-messages.js';

/** A worker that says nothing for this long is stuck, and nobody waits for it any longer. */
const ANSWER_TIMEOUT_MS = 2000;

export class WorkerRoll {
  readonly #broadcast: (message: ToWorkers) => void;
  /** Thread ids of those that said that they are ready. */
  readonly #ready = new Set<number>();
  readonly #waiting = new Map<number, { readonly missing: Set<number>; readonly resolve: () => void }>();
  readonly #first: Promise<void>;
  #onFirst: () => void = () => undefined;
  #token = 0;

  constructor(broadcast: (message: ToWorkers) => void) {
    this.#broadcast = broadcast;
    this.#first = new Promise((resolve) => (this.#onFirst = resolve));
  }

  /** Resolves when the first worker is ready. */
  get first(): Promise<void> {
    return this.#first;
  }

  ready(threadId: number): void {
    this.#ready.add(threadId);
    this.#onFirst();
  }

  /** A worker answers a question. */
  heard(threadId: number, token: number): void {
    const question = this.#waiting.get(token);
    question?.missing.delete(threadId);
    if (question?.missing.size === 0) question.resolve();
  }

  /**
   * Resolves with the number of workers that have taken in everything that was broadcast before this call: all that
   * are alive, but for one that is stuck.
   */
  async sync(alive: readonly number[]): Promise<number> {
    for (const threadId of this.#ready) if (!alive.includes(threadId)) this.#ready.delete(threadId);
    const asked = this.#ready.size;
    if (asked === 0) return 0;
    this.#token += 1;
    const token = this.#token;
    const missing = new Set(this.#ready);
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ANSWER_TIMEOUT_MS);
      this.#waiting.set(token, { missing, resolve });
      this.#broadcast({ type: 'sync', token });
    });
    clearTimeout(timer);
    this.#waiting.delete(token);
    return asked - missing.size;
  }
}
