// What it takes to try rows one after the other until a request fulfils one, as plan-tree.ts reckons with it: requests
// are about values as often as rows are, but every second one has, in one signal, a value that no row allows. Without
// those, rows of which none holds because of one signal would seem to be as good as fulfilled.
import { ALL_DIMENSIONS } from '../dimensions/all-dimensions.js';
import type { DimensionBits, NumberedRow } from './numbered-row.js';

// Nanoseconds, as in plan-tree.ts.
const TRAITS_COST = 35;
const ROW_COST = 2.5;
/** Of a row whose traits don't tell that it isn't fulfilled. */
const TERMS_COST = 25;

const STRANGE_SHARE = 1 / 2;

/** So unlikely that it is left out. */
const MISSED_MIN = 0.001;

interface Tries {
  readonly cost: number;
  /** How many rows come before the one that is fulfilled, without those that ask for the strange value. */
  readonly rows: number;
  /** The chance that no row is fulfilled. */
  readonly missed: number;
}

export interface ExpectedTries extends Tries {
  /** Of requests about the strange value that takes longest. */
  readonly worstCost: number;
}

/** @param asked the dimensions that are not decided yet. */
export function expectedTries(rows: readonly NumberedRow[], asked: DimensionBits): ExpectedTries {
  const strange = ALL_DIMENSIONS.map((_, at) => 1 << at).filter((bit) => (asked & bit) !== 0);
  const usual = strange.length === 0 ? 1 : 1 - STRANGE_SHARE;
  let sum = plus({ cost: TRAITS_COST, rows: 0, missed: 0 }, usual, triesOf(rows, asked, 0));
  let worstCost = 0;
  for (const bit of strange) {
    const tries = triesOf(rows, asked, bit);
    sum = plus(sum, STRANGE_SHARE / strange.length, tries);
    worstCost = Math.max(worstCost, TRAITS_COST + tries.cost);
  }
  return { ...sum, worstCost };
}

/** Of requests whose values of the dimensions `strange` no row allows. */
function triesOf(rows: readonly NumberedRow[], asked: DimensionBits, strange: DimensionBits): Tries {
  let cost = 0;
  let tried = 0;
  let missed = 1;
  for (const { number, asks, chances } of rows) {
    let fulfilled = 1;
    let sifted = 1;
    for (let bits = asked & asks; bits !== 0; bits &= bits - 1) {
      const at = 31 - Math.clz32(bits & -bits);
      const chance = ((strange >>> at) & 1) === 1 ? 0 : chances.of(number, at);
      fulfilled *= chance;
      sifted *= chance + (1 - chance) * chances.ofMistake(number, at);
    }
    cost += missed * (ROW_COST + sifted * TERMS_COST);
    if ((asks & strange) === 0) tried += missed;
    missed *= 1 - fulfilled;
    if (missed < MISSED_MIN) break;
  }
  return { cost, rows: tried, missed };
}

function plus(sum: Tries, share: number, { cost, rows, missed }: Tries): Tries {
  return {
    cost: sum.cost + share * cost,
    rows: sum.rows + share * rows,
    missed: sum.missed + share * missed,
  };
}
