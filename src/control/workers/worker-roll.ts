// Which workers hear broadcasts, and questions that all of them answer. Broadcasts come in order, so a worker that
// answers has taken in all that was said before it.
import type { FromWorker, Hits, ToWorkers } from '../../worker/thread-messages.js';

/** A worker that says nothing for this long is stuck, and nobody waits for it any longer. */
const ANSWER_TIMEOUT_MS = 2000;

/** A worker's message that answers a question. */
type Answer = Extract<FromWorker, { readonly token: number }>;

interface Question {
  readonly missing: Set<number>;
  readonly answers: Answer[];
  readonly resolve: () => void;
}

export class WorkerRoll {
  readonly #broadcast: (message: ToWorkers) => void;
  /** Thread ids of those that said that they are ready. */
  readonly #ready = new Set<number>();
  readonly #questions = new Map<number, Question>();
  readonly #first: Promise<void>;
  #onFirst: () => void = () => undefined;
  readonly #awaiting: { readonly count: number; readonly resolve: () => void }[] = [];
  #token = 0;

  constructor(broadcast: (message: ToWorkers) => void) {
    this.#broadcast = broadcast;
    this.#first = new Promise((resolve) => (this.#onFirst = resolve));
  }

  /** Resolves when the first worker is ready. */
  get first(): Promise<void> {
    return this.#first;
  }

  /** Resolves when that many workers have been ready. */
  whenReady(count: number): Promise<void> {
    if (this.#ready.size >= count) return Promise.resolve();
    return new Promise((resolve) => this.#awaiting.push({ count, resolve }));
  }

  ready(threadId: number): void {
    this.#ready.add(threadId);
    this.#onFirst();
    for (const { count, resolve } of this.#awaiting) if (this.#ready.size >= count) resolve();
  }

  /** A worker answers a question. */
  heard(answer: Answer): void {
    const question = this.#questions.get(answer.token);
    if (question?.missing.delete(answer.threadId) !== true) return;
    question.answers.push(answer);
    if (question.missing.size === 0) question.resolve();
  }

  /**
   * Resolves with the number of workers that have taken in everything that was broadcast before this call: all that
   * are alive, but for one that is stuck.
   */
  async sync(alive: readonly number[]): Promise<number> {
    const answers = await this.#ask(alive, (token) => ({ type: 'sync', token }));
    return answers.length;
  }

  /** How often each worker has decided for each route of an org; of all that are alive, but for one that is stuck. */
  async hits(alive: readonly number[], orgId: string): Promise<readonly ReadonlyMap<string, Hits>[]> {
    const answers = await this.#ask(alive, (token) => ({ type: 'count', token, orgId }));
    return answers.flatMap((answer) => (answer.type === 'counted' ? [answer.hits] : []));
  }

  async #ask(alive: readonly number[], question: (token: number) => ToWorkers): Promise<readonly Answer[]> {
    for (const threadId of this.#ready) if (!alive.includes(threadId)) this.#ready.delete(threadId);
    if (this.#ready.size === 0) return [];
    this.#token += 1;
    const token = this.#token;
    const answers: Answer[] = [];
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ANSWER_TIMEOUT_MS);
      this.#questions.set(token, { missing: new Set(this.#ready), answers, resolve });
      this.#broadcast(question(token));
    });
    clearTimeout(timer);
    this.#questions.delete(token);
    return answers;
  }
}
