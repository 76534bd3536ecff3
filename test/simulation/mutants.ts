// Defects that the simulation must find: each is the code as it is compiled, with one place of it changed, run in a
// process of its own. A place that is no longer there is an error, so that the list stays true to the code.
import { type Mutation, runMutated } from '../support/mutation.js';

export interface Mutant extends Mutation {
  /** Completes "finds it when the code …". */
  readonly name: string;
  /** What the simulation says of it. */
  readonly found: RegExp;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'takes what was read before an invalidation for fresh',
    file: 'control/cache/org-cache.js',
    place: 'isOvertaken ? -Infinity :',
    instead: 'false ? -Infinity :',
    found: /came after an invalidation|out of date|serves .* and the store is at/,
  },
  {
    name: 'lets an older load overwrite what a newer one brought',
    file: 'control/cache/org-cache.js',
    place: 'entry.flightNumber > number',
    instead: 'false',
    found: /./,
  },
  {
    name: 'takes over an older revision than it has',
    file: 'control/cache/takeover.js',
    place: 'if (isOlder(loaded, good))',
    instead: 'if (false)',
    found: /went back from revision/,
  },
  {
    name: 'takes what a restored store holds for old',
    file: 'store/org-routes.js',
    place: 'epoch === otherEpoch ?',
    instead: 'true ?',
    found: /serves .* and the store is at|decisions are stale/,
  },
  {
    name: 'takes what the store held before it was restored for new',
    file: 'store/org-routes.js',
    place: ': epoch < otherEpoch',
    instead: ': false',
    found: /went back from revision/,
  },
  {
    name: 'refreshes nothing when everything may have changed',
    file: 'control/outdated-orgs.js',
    place: '? this.#cache.inUse()',
    instead: '? new Set()',
    found: /serves .* and the store is at/,
  },
  {
    name: 'gives good routes up for such as have a bad one among them',
    file: 'control/cache/takeover.js',
    place: 'if (refused === undefined ||',
    instead: 'if (true ||',
    found: /gave way to revision/,
  },
  {
    name: 'serves a table after its time',
    file: 'worker/table-slots.js',
    place: 'nowMs >= slot.untilMs',
    instead: 'nowMs >= slot.untilMs + 500',
    found: /was read .* ms ago|too old/,
  },
  {
    name: 'does not heed that a table is out of date',
    file: 'worker/table-slots.js',
    place: 'slot.untilMs = -Infinity',
    instead: 'slot.untilMs += 0',
    found: /out of date/,
  },
  {
    name: 'forgets a request that is parked',
    file: 'worker/parking-lot.js',
    place: '(isEnough(answer, parked) ? leaving : staying)',
    instead: '(parked.id % 50 === 0 ? [] : isEnough(answer, parked) ? leaving : staying)',
    found: /./,
  },
  {
    name: 'answers a parked request twice',
    file: 'worker/parking-lot.js',
    place: 'this.#byOrg.delete(orgId);\n        }\n        else {',
    instead: '}\n        else {',
    found: /./,
  },
  {
    name: 'keeps no watch over the time that requests are parked',
    file: 'worker/parking-lot.js',
    place: 'this.#timer = setTimeout(this.#expire, this.#options.timeoutMs)',
    instead: 'this.#timer = setTimeout(this.#expire, 3 * this.#options.timeoutMs)',
    found: /answered after|owed/,
  },
  {
    name: 'takes no notice of the revision that is wanted',
    file: 'worker/client-requests.js',
    place: 'slot.revision < minRevision',
    instead: 'false',
    found: /nobody tried to read it/,
  },
  {
    name: 'loads an org as often as it is asked for',
    file: 'control/cache/flights.js',
    place: '(!last.isOvertaken || underWay.length >= UNDER_WAY_MAX)',
    instead: 'false',
    found: /loads of .* are under way/,
  },
  {
    name: 'waits for a store that hangs, though it has last good routes',
    file: 'control/cache/org-cache.js',
    place: 'if (kept() === undefined)',
    instead: 'if (true)',
    found: /is known, and there is no decision/,
  },
  {
    name: 'begins no load while changes come fast, but waits for a quiet moment',
    file: 'control/cache/org-cache.js',
    place: '(isFirst || beganAtMs < askedAtMs)',
    instead: 'true',
    found: /in vain/,
  },
  {
    name: 'never refreshes what changed',
    file: 'control/outdated-orgs.js',
    place: 'this.#cache.outdate(orgId)',
    instead: 'void orgId',
    found: /serves .* and the store is at|nobody tried|had changed/,
  },
  {
    name: 'keeps orgs on the workers that the cache has dropped',
    file: 'control/publisher.js',
    place: "this.#broadcast({ type: 'drop', orgId })",
    instead: 'void orgId',
    // Or by what the cache reads of them later, which it holds against nothing.
    found: /which the cache doesn't|went back from revision|gave way to revision/,
  },
];

const FIRST_SEED = 1;

/** Most are found in the first ten; the rarest, which need one thing to happen just while another does, in some hundred. */
const RUNS = 1500;

/** Tells whether the simulation finds the defect, in how many runs, and says of it what it should. */
export async function simulateMutant(
  mutant: Mutant,
): Promise<{ readonly isFound: boolean; readonly runs: number; readonly output: string }> {
  const { exitCode, output } = await runMutated(mutant, 'test/simulation/main.js', [
    ...['--seed', String(FIRST_SEED), '--runs', String(RUNS)],
  ]);
  const seed = Number(/^seed (\d+): /m.exec(output)?.[1]);
  return { isFound: exitCode === 1 && mutant.found.test(output), runs: seed - FIRST_SEED + 1, output };
}
