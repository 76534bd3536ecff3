// Gateways that ask at a steady rate, whatever became of the requests before: the k-th is due at k / rate, and its
// latency counts from then. Every answer is counted and checked.
import { setImmediate as turn } from 'node:timers/promises';
import { type Decision, SignalboxClient } from '../../src/client/client.js';
import { MODELS } from '../support/versioned-routes.js';
import { AnswerChecker } from './answer-checker.js';
import type { DaemonEvent, Edited } from './messages.js';
import { ADMIN_ORGS, SQL_ORGS } from './orgs.js';
import { type TrafficFigures, percentilesOf } from './traffic-figures.js';

export interface SteadyTrafficOptions {
  readonly socketPath: string;
  readonly ratePerSecond: number;
  readonly nowMs: () => number;
}

/** Given out in turn, so each of two workers has four. */
const CONNECTIONS = 8;

/** Only a request that is never answered takes as long. */
const DEADLINE_MS = 30_000;

/** As many as come due within that, at any rate that a soak is for. */
const PENDING_MAX = 1_000_000;

/** What a gateway waits unless told otherwise. */
const USUAL_DEADLINE_MS = 25;

const TICK_MS = 1;

/** Turns of the loop after which all that had arrived before them is read. */
const TURNS_TO_READ_ALL = 50;

const ORGS = [...SQL_ORGS, ...ADMIN_ORGS];

export class SteadyTraffic {
  readonly #options: SteadyTrafficOptions;
  readonly #checker: AnswerChecker;
  readonly #clients: readonly SignalboxClient[];
  readonly #startMs: number;
  readonly #timer: NodeJS.Timeout;
  #next = 0;
  #pending = 0;
  #interval = new Interval();
  #becomeIdle: () => void = () => undefined;

  constructor(options: SteadyTrafficOptions) {
    this.#options = options;
    this.#checker = new AnswerChecker(options.nowMs);
    const clientOptions = {
      socketPath: options.socketPath,
      deadlineMs: DEADLINE_MS,
      maxPending: PENDING_MAX,
    };
    this.#clients = Array.from({ length: CONNECTIONS }, () => new SignalboxClient(clientOptions));
    this.#startMs = options.nowMs();
    this.#timer = setInterval(() => {
      this.#sendDue();
    }, TICK_MS);
  }

  /** Resolves when it is taken into account. */
  async daemon(event: DaemonEvent): Promise<void> {
    // The one that is dead may have said more than was read yet.
    if (event === 'starting') for (let turns = 0; turns < TURNS_TO_READ_ALL; turns += 1) await turn();
    this.#checker.daemon(event);
  }

  edited(edit: Edited): void {
    this.#checker.edited(edit);
  }

  report(): TrafficFigures {
    const { sent, decisions, stale, failOpens, late, latenciesMs, behindMs } = this.#interval;
    this.#interval = new Interval();
    const { count, oldestMs } = this.#checker.unheard;
    return {
      ...{ sent, decisions, stale, failOpens, late },
      latencyMs: percentilesOf(latenciesMs),
      behindMs: percentilesOf(behindMs),
      heardMs: percentilesOf(this.#checker.takeHeardMs()),
      unheard: count,
      unheardMs: oldestMs,
      pending: this.#pending,
      problems: this.#checker.problems,
    };
  }

  /** Asks nothing more; resolves when all that was asked has its answer. */
  async finish(): Promise<void> {
    clearInterval(this.#timer);
    await new Promise<void>((resolve) => {
      this.#becomeIdle = resolve;
      if (this.#pending === 0) resolve();
    });
    for (const client of this.#clients) await client.close();
  }

  #sendDue(): void {
    const { nowMs, ratePerSecond } = this.#options;
    for (;;) {
      const dueMs = this.#startMs + (this.#next * 1000) / ratePerSecond;
      const behindMs = nowMs() - dueMs;
      if (behindMs < 0) return;
      this.#interval.behindMs.push(behindMs);
      void this.#ask(this.#next++, dueMs);
    }
  }

  async #ask(number: number, dueMs: number): Promise<void> {
    const connection = number % CONNECTIONS;
    // Every connection comes by every org, and both of an org's routes take turns.
    const orgId = ORGS[(number + Math.floor(number / ORGS.length)) % ORGS.length] ?? '';
    const model = MODELS[Math.floor(number / ORGS.length / CONNECTIONS) % MODELS.length] ?? 'first';
    const client = this.#clients[connection];
    if (client === undefined) throw new Error('there is a client for each connection');
    this.#interval.sent += 1;
    this.#pending += 1;
    const decision = await client.resolve({ orgId, model });
    this.#pending -= 1;
    this.#interval.count(decision, this.#options.nowMs() - dueMs);
    this.#checker.check(decision, { orgId, model, connection });
    if (this.#pending === 0) this.#becomeIdle();
  }
}

/** What happened since the last report. */
class Interval {
  sent = 0;
  decisions = 0;
  stale = 0;
  late = 0;
  readonly failOpens: Record<string, number> = {};
  readonly latenciesMs: number[] = [];
  readonly behindMs: number[] = [];

  count({ failOpen, stale, reason }: Decision, tookMs: number): void {
    this.latenciesMs.push(tookMs);
    if (tookMs > USUAL_DEADLINE_MS) this.late += 1;
    if (failOpen) {
      this.failOpens[reason] = (this.failOpens[reason] ?? 0) + 1;
    } else {
      this.decisions += 1;
      if (stale) this.stale += 1;
    }
  }
}
