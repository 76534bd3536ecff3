// The rows that the same texts and flags allowed before. In an org with thousands of routes many words of the sets may
// have to be looked at until one has a row in common; but models, tags and flags come in few combinations, and for
// most of them few rows are left, of which each is soon asked about the numbers. A combination has one of four slots, and
// takes the place of another, so memory and time are bounded whatever is asked. It belongs to one thread.
import { FIRST_POSSIBLE, LAST_POSSIBLE, firstCommonRow, findRange, range, valueAt } from './large-sets.js';

/** With more rows than these the sets are intersected, which then finds one early as a rule. */
const CANDIDATES_MAX = 16;

/** Twice the rows, so that few combinations that are in use share a slot; at most 640 KiB for an org and thread. */
const SLOTS_MIN = 512;
const SLOTS_MAX = 8192;

/** Slots that a combination may have: with one, two that are asked for in turn would take each other's place. */
const WAYS = 4;

/** What `find` gives when there are too many rows to be listed. */
export const TOO_MANY = -1;

export class CandidateMemo {
  readonly #categories: number;
  readonly #mask: number;
  readonly #keys: Int32Array;
  /** For each slot the number of rows, or TOO_MANY. */
  readonly #counts: Int32Array;
  /** The last find's candidates are `rows[at …]`. */
  readonly rows: Int32Array;
  at = 0;
  #nextWay = 0;

  /** @param categories the dimensions, the first ones, that a combination is of. */
  constructor(categories: number, rows: number) {
    let slots = SLOTS_MIN;
    while (slots < 2 * rows && slots < SLOTS_MAX) slots *= 2;
    this.#categories = categories;
    this.#mask = slots - 1;
    // No set has the offset 0, so no combination is that of an empty slot.
    this.#keys = new Int32Array(slots * categories);
    this.#counts = new Int32Array(slots);
    this.rows = new Int32Array(slots * CANDIDATES_MAX);
  }

  /** How many rows the combination in `valueAt` allows: they are at `at`, in order; or TOO_MANY. */
  find(words: Int32Array, summaryWords: number): number {
    let hash = 0;
    for (let d = 0; d < this.#categories; d += 1) hash = Math.imul(hash ^ (valueAt[d] ?? 0), 0x9e3779b1);
    const firstSlot = (hash ^ (hash >>> 15)) & this.#mask & ~(WAYS - 1);
    for (let slot = firstSlot; slot < firstSlot + WAYS; slot += 1) {
      if (this.#isOf(slot)) {
        this.at = slot * CANDIDATES_MAX;
        return this.#counts[slot] ?? TOO_MANY;
      }
    }
    this.#nextWay = (this.#nextWay + 1) & (WAYS - 1);
    return this.#list(words, summaryWords, firstSlot + this.#nextWay);
  }

  #isOf(slot: number): boolean {
    const key = slot * this.#categories;
    for (let d = 0; d < this.#categories; d += 1) if (this.#keys[key + d] !== valueAt[d]) return false;
    return true;
  }

  #list(words: Int32Array, summaryWords: number, slot: number): number {
    this.at = slot * CANDIDATES_MAX;
    const key = slot * this.#categories;
    for (let d = 0; d < this.#categories; d += 1) this.#keys[key + d] = valueAt[d] ?? 0;
    findRange(words, this.#categories);
    let from = range[FIRST_POSSIBLE] ?? 0;
    const last = range[LAST_POSSIBLE] ?? 0;
    for (let count = 0; ; count += 1) {
      const row =
        from > last ? -1 : firstCommonRow(words, summaryWords, this.#categories, from, last, Infinity);
      if (row < 0) return (this.#counts[slot] = count);
      if (count === CANDIDATES_MAX) return (this.#counts[slot] = TOO_MANY);
      this.rows[this.at + count] = row;
      from = row + 1;
    }
  }
}
