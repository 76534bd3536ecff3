// What came of every request of a test's traffic. A decision is checked against what it can only be if it was made
// from one whole table that the store held: see `VersionedRoutes` for how a table tells its version.
import type { Decision } from '../../src/client/client.js';

/** Refusals of the daemon itself. The other reasons to fail open are of the client: nobody answered. */
const REFUSALS: ReadonlySet<string> = new Set([
  'unavailable',
  'overloaded',
  'draining',
  'internal',
  'bad_request',
]);

/** More of one kind are counted and not told. */
const PROBLEMS_TOLD_MAX = 10;

export interface TallyFigures {
  readonly sent: number;
  readonly decisions: number;
  readonly stale: number;
  /** Refused before the daemon had ever decided for that org. */
  readonly notYetKnown: number;
  readonly errors: number;
  readonly failOpens: number;
  readonly slowestMs: number;
}

export class Tally {
  sent = 0;
  decisions = 0;
  stale = 0;
  notYetKnown = 0;
  errors = 0;
  failOpens = 0;
  slowestMs = 0;
  /** What must never be: refusals of known orgs, torn tables, revisions that go back. */
  readonly problems: string[] = [];
  #problems = 0;

  get answered(): number {
    return this.decisions + this.notYetKnown + this.errors + this.failOpens;
  }

  get figures(): TallyFigures {
    const { sent, decisions, stale, notYetKnown, errors, failOpens, slowestMs } = this;
    return { sent, decisions, stale, notYetKnown, errors, failOpens, slowestMs: Math.round(slowestMs) };
  }

  /** @param wasKnown whether the same daemon had decided for that org before. */
  count(decision: Decision, wasKnown: boolean, tookMs: number): void {
    this.slowestMs = Math.max(this.slowestMs, tookMs);
    if (!decision.failOpen) {
      this.decisions += 1;
      if (decision.stale) this.stale += 1;
    } else if (!REFUSALS.has(decision.reason)) {
      this.failOpens += 1;
      this.problem(`fail-open: ${decision.reason}: ${decision.message ?? ''}`);
    } else if (wasKnown) {
      this.errors += 1;
      this.problem(`a known org was refused: ${decision.reason}: ${decision.message ?? ''}`);
    } else {
      this.notYetKnown += 1;
    }
  }

  problem(text: string): void {
    this.#problems += 1;
    if (this.#problems <= PROBLEMS_TOLD_MAX) this.problems.push(text);
    else this.problems[PROBLEMS_TOLD_MAX] = `and ${this.#problems - PROBLEMS_TOLD_MAX} more`;
  }
}
