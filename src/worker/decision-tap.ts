// A sample of what this worker decides, for whoever looks on. While nobody does, a request costs one look at `isOn`.
// Decisions are gathered in bounded memory and leave in one message a tenth of a second: what is more than that is
// dropped and counted, for nobody reads ten thousand lines a second.
import type { Tapped, Tapping } from './thread-messages.js';

/** How long decisions wait for others to leave with. */
const GATHER_MS = 100;

/** Of one worker in that time. */
export const GATHERED_MAX = 1000;

/** What a decision was made from. */
export type TappedSlot = Pick<Tapped, 'orgId' | 'block' | 'stale'>;

export class DecisionTap {
  /** Somebody looks on. */
  isOn = false;
  readonly #post: (tapped: readonly Tapped[], dropped: number) => void;
  readonly #random: () => number;
  /** How much of every org's decisions is wanted, and of some orgs' more. */
  #sampleOfAll = 0;
  #sampleByOrg: ReadonlyMap<string, number> = new Map();
  #gathered: Tapped[] = [];
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param random from 0 up to 1. */
  constructor(post: (tapped: readonly Tapped[], dropped: number) => void, random: () => number) {
    this.#post = post;
    this.#random = random;
  }

  /** All that is wanted from now on. */
  set(tappings: readonly Tapping[]): void {
    const byOrg = new Map<string, number>();
    let ofAll = 0;
    for (const { orgId, sample } of tappings) {
      if (orgId === undefined) ofAll = Math.max(ofAll, sample);
      else byOrg.set(orgId, Math.max(byOrg.get(orgId) ?? 0, sample));
    }
    this.#sampleOfAll = ofAll;
    this.#sampleByOrg = byOrg;
    this.isOn = tappings.length > 0;
  }

  note(slot: TappedSlot, outcomeIndex: number, nowMs: number): void {
    const sample = Math.max(this.#sampleOfAll, this.#sampleByOrg.get(slot.orgId) ?? 0);
    if (sample === 0 || (sample < 1 && this.#random() >= sample)) return;
    if (this.#timer === undefined) this.#timer = setTimeout(this.#flush, GATHER_MS);
    if (this.#gathered.length >= GATHERED_MAX) {
      this.#dropped += 1;
      return;
    }
    const { orgId, block, stale } = slot;
    this.#gathered.push({ atMs: nowMs, sample, orgId, block, outcome: outcomeIndex, stale });
  }

  readonly #flush = (): void => {
    const gathered = this.#gathered;
    const dropped = this.#dropped;
    this.#gathered = [];
    this.#dropped = 0;
    this.#timer = undefined;
    this.#post(gathered, dropped);
  };
}
