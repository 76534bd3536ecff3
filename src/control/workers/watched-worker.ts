// One worker thread as the main thread watches it: whether its loop still turns, and how it ended.
//
// Silence is counted in looks rather than read off the clock, and no look counts for more than the time that is meant
// to lie between two. A main thread that was stalled, a process that was stopped or a machine that was suspended
// would otherwise find every worker silent for as long, the healthy ones too, and end them.
import type { Worker } from 'node:worker_threads';
import { ORG_ID_WORDS, orgIdFromWords } from '../../protocol/org-id.js';
import {
  BEATS,
  BEAT_LATENESS_US,
  DECIDING,
  DECIDING_FOR,
  type FromWorker,
  type VitalSigns,
} from '../../worker/thread-messages.js';

/** How often the main thread looks at its workers. */
export const LOOK_INTERVAL_MS = 200;

/** Twice as long as the longest that a batch of requests may reasonably have the loop, and some more. */
export const STUCK_AFTER_MS = 1500;

/** Loading the code from a slow disk on a busy machine is no reason to end a worker. */
const START_TIMEOUT_MS = 15_000;

const US_PER_MS = 1000;

/** How a worker came to its end. */
export type WorkerEnd =
  /** It threw, exited, or was ended from outside. */
  | 'crashed'
  /** It used more memory than a worker may. */
  | 'out_of_memory'
  /** Its loop didn't turn, and the main thread ended it. */
  | 'stuck'
  /** It never got as far as serving. */
  | 'not_started';

export interface WorkerVitals {
  readonly threadId: number;
  /** It serves, or could. */
  readonly isReady: boolean;
  /** How long its loop has shown no sign of life while the main thread was looking. */
  readonly silentMs: number;
  /** The worst lateness of a beat between the last two looks. */
  readonly loopLagMs: number;
}

export class WatchedWorker {
  readonly threadId: number;
  /** Resolves when the thread is gone and everything that it had open is closed. */
  readonly exited: Promise<{ readonly code: number; readonly end: WorkerEnd }>;
  readonly #worker: Worker;
  #vitalSigns: VitalSigns | undefined;
  #beats = 0;
  #silentMs = 0;
  #loopLagMs = 0;
  #isStuck = false;
  #isDismissed = false;
  #error: Error | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    this.threadId = worker.threadId;
    worker.on('message', (message: FromWorker) => {
      if (message.type !== 'ready') return;
      this.#vitalSigns = message.vitalSigns;
      this.#silentMs = 0;
    });
    worker.on('error', (error) => {
      this.#error = error;
    });
    this.exited = new Promise((resolve) => {
      worker.on('exit', (code) => {
        resolve({ code, end: this.#howItEnded() });
      });
    });
  }

  /** What it threw, if that is what ended it. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** The org that it decides for at this moment, or was deciding for when it ended. */
  get decidingFor(): string | undefined {
    const words = this.#vitalSigns;
    if (words === undefined || Atomics.load(words, DECIDING) === 0) return undefined;
    return orgIdFromWords(words.subarray(DECIDING_FOR, DECIDING_FOR + ORG_ID_WORDS));
  }

  get isStuck(): boolean {
    return this.#isStuck;
  }

  /** It is to end from now on, and nothing is wrong if it does. */
  dismiss(): void {
    this.#isDismissed = true;
  }

  get isDismissed(): boolean {
    return this.#isDismissed;
  }

  get vitals(): WorkerVitals {
    return {
      threadId: this.threadId,
      isReady: this.#vitalSigns !== undefined,
      silentMs: this.#silentMs,
      loopLagMs: this.#loopLagMs,
    };
  }

  /**
   * Looks for a sign of life; ends a worker that has shown none for too long. Returns for how long it has shown none.
   *
   * @param elapsedMs since the last look.
   */
  look(elapsedMs: number): number {
    const beats = this.#vitalSigns === undefined ? 0 : Atomics.load(this.#vitalSigns, BEATS);
    if (beats === this.#beats) this.#silentMs += Math.min(elapsedMs, LOOK_INTERVAL_MS);
    else this.#silentMs = 0;
    this.#beats = beats;
    if (this.#vitalSigns !== undefined) {
      this.#loopLagMs = Atomics.exchange(this.#vitalSigns, BEAT_LATENESS_US, 0) / US_PER_MS;
    }
    const patienceMs = this.#vitalSigns === undefined ? START_TIMEOUT_MS : STUCK_AFTER_MS;
    if (this.#silentMs >= patienceMs && !this.#isStuck) {
      this.#isStuck = true;
      void this.#worker.terminate();
    }
    return this.#silentMs;
  }

  /** Its end in a sentence. */
  describeEnd(code: number, end: WorkerEnd): string {
    const { threadId, error } = this;
    const why = error?.message ?? `exit code ${code}`;
    switch (end) {
      case 'crashed':
        return `worker ${threadId} ended: ${why}`;
      case 'out_of_memory':
        return `worker ${threadId} ran out of memory, and ended`;
      case 'stuck':
        return `worker ${threadId} hung, and was ended`;
      case 'not_started':
        return `worker ${threadId} could not start: ${why}`;
    }
  }

  #howItEnded(): WorkerEnd {
    if (this.#vitalSigns === undefined) return 'not_started';
    if (this.#isStuck) return 'stuck';
    const code = this.#error !== undefined && 'code' in this.#error ? this.#error.code : undefined;
    return code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out_of_memory' : 'crashed';
  }
}
