// The hits of a table, for the one that takes its place: what was counted goes on with the same route. Runs on a worker
// for each change of an org's routes, while nobody is answered, and of ten thousand routes few have changed as a rule:
// their places are found by where those before them went, and nothing is decoded.
import { areOfSameRoute } from '../protocol/decided-route.js';
import { SharedTable } from '../protocol/shared-table.js';
import { FIRST_ROUTE } from '../routing/table.js';
import { type Noted, OutcomeHits, addTo, keyOf } from './outcome-hits.js';
import type { Hits } from './thread-messages.js';

/** How far from where it is expected a route is looked for. */
const NEAR = 16;

/** Routes that are looked for in vain until no other is: the order is another then. */
const VAIN_MAX = 32;

/** Routes without a place whose hits are kept: some were only switched off. But ids come and go for years. */
const PLACELESS_MAX = 1000;

/**
 * @param from the table in which the hits were counted.
 * @param to the one that they are to be of.
 */
export function movedHits(hits: OutcomeHits, from: SharedArrayBuffer, to: SharedArrayBuffer): OutcomeHits {
  const [before, now] = [new SharedTable(from), new SharedTable(to)];
  const moved: Noted[] = [];
  const left: Noted[] = [];
  let shift = 0;
  for (const noted of hits.noted()) {
    const { outcome } = noted;
    const near = left.length < VAIN_MAX ? NEAR : 0;
    const place = outcome < FIRST_ROUTE ? outcome : placeOf(before, outcome, now, shift, near);
    if (place === undefined) {
      left.push(noted);
    } else {
      moved.push({ ...noted, outcome: place });
      shift = place - outcome;
    }
  }
  let placeless = hits.before;
  if (left.length > 0) {
    const sums = new Map(placeless);
    for (const noted of left) addTo(sums, keyOf(before, noted.outcome), noted);
    placeless = sums;
  }
  if (placeless.size > PLACELESS_MAX) {
    moved.push(...foundIn(now, placeless));
    placeless = latestWithout(now, placeless);
  }
  const placed = new OutcomeHits(placeless);
  for (const noted of moved) placed.add(noted);
  return placed;
}

/** The route's outcome in the other table, if it is near where it is expected. */
function placeOf(
  before: SharedTable,
  outcome: number,
  now: SharedTable,
  shift: number,
  near: number,
): number | undefined {
  const decision = before.answerBytes(outcome);
  const { answers } = now;
  for (let distance = 0; distance <= near; distance += 1) {
    for (const place of [outcome + shift + distance, outcome + shift - distance]) {
      if (place < FIRST_ROUTE || place >= answers) continue;
      if (areOfSameRoute(decision, now.answerBytes(place))) return place;
    }
  }
  return undefined;
}

/** Those that have a place after all, wherever it is. */
function foundIn(now: SharedTable, placeless: ReadonlyMap<string, Hits>): Noted[] {
  return outcomesOf(now).flatMap((outcome) => {
    const hits = placeless.get(keyOf(now, outcome));
    return hits === undefined ? [] : { ...hits, outcome };
  });
}

/** The others, but for those that were hit longest ago. */
function latestWithout(now: SharedTable, placeless: ReadonlyMap<string, Hits>): ReadonlyMap<string, Hits> {
  const others = new Map(placeless);
  for (const outcome of outcomesOf(now)) others.delete(keyOf(now, outcome));
  const latest = [...others].sort(([, a], [, b]) => b.lastMs - a.lastMs);
  return new Map(latest.slice(0, PLACELESS_MAX / 2));
}

function outcomesOf({ answers }: SharedTable): number[] {
  return Array.from({ length: answers }, (_, outcome) => outcome);
}
