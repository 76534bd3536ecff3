// Checks every answer of a soak: a decision is by a whole table that the store once held; no connection sees an org go
// back while one daemon lives; what a daemon once decided for it always decides for; and edits are heard of.
import type { Decision } from '../../src/client/client.js';
import type { DaemonEvent, Edited } from './messages.js';
import { versionOfDecision } from './orgs.js';

/** Refusals of the daemon itself. The other reasons to fail open are of the client: nobody answered. */
const REFUSALS: ReadonlySet<string> = new Set([
  ...['unavailable', 'overloaded', 'draining', 'internal', 'bad_request'],
]);

/** Of each org so many of the last revisions are remembered. */
const REVISIONS_KEPT = 64;

/** More are counted and not told. */
const PROBLEMS_TOLD_MAX = 20;

export interface Asked {
  readonly orgId: string;
  readonly model: string;
  readonly connection: number;
}

interface Unheard {
  readonly version: number;
  readonly sinceMs: number;
}

export class AnswerChecker {
  readonly problems: string[] = [];
  readonly #nowMs: () => number;
  #problemCount = 0;
  #isDown = false;
  /** Connections that this daemon has decided on, and orgs that it has decided for. */
  readonly #reached = new Set<number>();
  readonly #known = new Set<string>();
  /** The highest revision that each connection has seen of each org. */
  readonly #highest = new Map<string, number>();
  /** Of each org which version a revision is of, as answers and writers said. */
  readonly #versions = new Map<string, Map<number, number>>();
  readonly #unheard = new Map<string, Unheard>();
  #heardMs: number[] = [];

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Orgs with an edit that no answer was by yet. */
  get unheard(): { readonly count: number; readonly oldestMs: number } {
    const nowMs = this.#nowMs();
    const sinceMs = Math.min(nowMs, ...[...this.#unheard.values()].map((each) => each.sinceMs));
    return { count: this.#unheard.size, oldestMs: Math.round(nowMs - sinceMs) };
  }

  /** How long edits took to be heard of, of those since this was last asked. */
  takeHeardMs(): readonly number[] {
    const heardMs = this.#heardMs;
    this.#heardMs = [];
    return heardMs;
  }

  /** All that the daemon before has answered was checked before this. */
  daemon(event: DaemonEvent): void {
    this.#isDown = event === 'killed';
    this.#reached.clear();
    this.#known.clear();
    this.#highest.clear();
  }

  edited({ orgId, version, revision }: Edited): void {
    if (revision !== undefined) this.#remember(orgId, revision, version);
    // While an earlier one is unheard of, that is what is waited for: its version, or a later one.
    if (!this.#unheard.has(orgId)) this.#unheard.set(orgId, { version, sinceMs: this.#nowMs() });
  }

  check(decision: Decision, asked: Asked): void {
    if (decision.failOpen) this.#checkFailOpen(decision, asked);
    else this.#checkDecision(decision, asked);
  }

  #checkFailOpen({ reason, message }: Decision, { orgId, connection }: Asked): void {
    const isFine = REFUSALS.has(reason) ? !this.#known.has(orgId) : !this.#reached.has(connection);
    if (!isFine) this.#problem(`${orgId}: no decision: ${reason}: ${message ?? ''}`);
  }

  #checkDecision(decision: Decision, { orgId, model, connection }: Asked): void {
    const version = versionOfDecision(decision, orgId, model);
    if (typeof version === 'string') {
      this.#problem(`${orgId}: ${version}`);
      return;
    }
    const { revision } = decision;
    this.#remember(orgId, revision, version);
    const unheard = this.#unheard.get(orgId);
    if (unheard !== undefined && version >= unheard.version) {
      this.#unheard.delete(orgId);
      this.#heardMs.push(this.#nowMs() - unheard.sinceMs);
    }
    // Of one that is being killed, last words may still come.
    if (this.#isDown) return;
    this.#reached.add(connection);
    this.#known.add(orgId);
    const key = `${connection} ${orgId}`;
    const highest = this.#highest.get(key) ?? 0;
    if (revision < highest) this.#problem(`${orgId}: revision ${revision} after ${highest}`);
    else this.#highest.set(key, revision);
  }

  #remember(orgId: string, revision: number, version: number): void {
    const versions = this.#versions.get(orgId) ?? new Map<number, number>();
    this.#versions.set(orgId, versions);
    const known = versions.get(revision);
    if (known === version) return;
    if (known !== undefined) {
      this.#problem(`${orgId}: revision ${revision} is of version ${version}, and was of ${known}`);
      return;
    }
    versions.set(revision, version);
    const [oldest] = versions.keys();
    if (versions.size > REVISIONS_KEPT && oldest !== undefined) versions.delete(oldest);
  }

  #problem(text: string): void {
    this.#problemCount += 1;
    if (this.#problemCount <= PROBLEMS_TOLD_MAX) this.problems.push(text);
    else this.problems[PROBLEMS_TOLD_MAX] = `and ${this.#problemCount - PROBLEMS_TOLD_MAX} more`;
  }
}
