// A map from org ids as a request has them, four words, to anything: open addressing with linear probing, since no key
// has to be made, hashed as text or compared as text to look one up. The hash has a seed that nobody outside knows, so
// that ids can't be invented that all fall together. On the hot path; run the bench case `find an org` before changing it.
import { ORG_ID_WORDS } from '../protocol/org-id.js';

const FIRST_CAPACITY = 64;

export class OrgMap<Value> {
  readonly #seed: Int32Array;
  #mask = FIRST_CAPACITY - 1;
  #keys = new Int32Array(FIRST_CAPACITY * ORG_ID_WORDS);
  #values = new Array<Value | undefined>(FIRST_CAPACITY).fill(undefined);
  #size = 0;

  constructor(random: () => number = Math.random) {
    // Odd, for multiplication by it must lose nothing.
    this.#seed = Int32Array.from({ length: ORG_ID_WORDS }, () => Math.floor(random() * 2 ** 32) | 1);
  }

  get size(): number {
    return this.#size;
  }

  get(orgId: Int32Array): Value | undefined {
    const keys = this.#keys;
    const a = orgId[0];
    const b = orgId[1];
    const c = orgId[2];
    const d = orgId[3];
    for (let slot = this.#slotOf(orgId, 0); ; slot = (slot + 1) & this.#mask) {
      const value = this.#values[slot];
      if (value === undefined) return undefined;
      const at = slot * ORG_ID_WORDS;
      if (keys[at] === a && keys[at + 1] === b && keys[at + 2] === c && keys[at + 3] === d) return value;
    }
  }

  set(orgId: Int32Array, value: Value & {}): void {
    // At most two thirds full.
    if (3 * this.#size > 2 * this.#mask) this.#grow();
    const slot = this.#find(orgId);
    if (this.#values[slot] === undefined) this.#size += 1;
    this.#values[slot] = value;
    this.#keys.set(orgId, slot * ORG_ID_WORDS);
  }

  delete(orgId: Int32Array): void {
    let hole = this.#find(orgId);
    if (this.#values[hole] === undefined) return;
    this.#size -= 1;
    // Those behind it that would no longer be found move up: Knuth, TAOCP 6.4, algorithm R.
    for (
      let slot = (hole + 1) & this.#mask;
      this.#values[slot] !== undefined;
      slot = (slot + 1) & this.#mask
    ) {
      const home = this.#slotOf(this.#keys, slot * ORG_ID_WORDS);
      if (((slot - home) & this.#mask) < ((slot - hole) & this.#mask)) continue;
      this.#values[hole] = this.#values[slot];
      this.#keys.copyWithin(hole * ORG_ID_WORDS, slot * ORG_ID_WORDS, (slot + 1) * ORG_ID_WORDS);
      hole = slot;
    }
    this.#values[hole] = undefined;
  }

  /** The key's slot, or the empty one where it would go. */
  #find(orgId: Int32Array): number {
    let slot = this.#slotOf(orgId, 0);
    while (this.#values[slot] !== undefined && !this.#holds(slot, orgId)) slot = (slot + 1) & this.#mask;
    return slot;
  }

  #holds(slot: number, orgId: Int32Array): boolean {
    const keys = this.#keys;
    const at = slot * ORG_ID_WORDS;
    for (let word = 0; word < ORG_ID_WORDS; word += 1) if (keys[at + word] !== orgId[word]) return false;
    return true;
  }

  #slotOf(words: Int32Array, at: number): number {
    const seed = this.#seed;
    let hash = Math.imul((words[at] ?? 0) ^ (seed[0] ?? 0), seed[1] ?? 1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ (words[at + 1] ?? 0), seed[2] ?? 1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ (words[at + 2] ?? 0), seed[3] ?? 1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ (words[at + 3] ?? 0), 0x2c1b3c6d);
    return (hash ^ (hash >>> 15)) & this.#mask;
  }

  /** All at once, and so without anything made for each: a hundred thousand orgs are moved in a few milliseconds. */
  #grow(): void {
    const oldKeys = this.#keys;
    const oldValues = this.#values;
    const capacity = 2 * (this.#mask + 1);
    const mask = (this.#mask = capacity - 1);
    const keys = (this.#keys = new Int32Array(capacity * ORG_ID_WORDS));
    const values = (this.#values = new Array<Value | undefined>(capacity).fill(undefined));
    for (let old = 0; old < oldValues.length; old += 1) {
      const value = oldValues[old];
      if (value === undefined) continue;
      const from = old * ORG_ID_WORDS;
      let slot = this.#slotOf(oldKeys, from);
      // No key is there twice.
      while (values[slot] !== undefined) slot = (slot + 1) & mask;
      values[slot] = value;
      const to = slot * ORG_ID_WORDS;
      for (let word = 0; word < ORG_ID_WORDS; word += 1) keys[to + word] = oldKeys[from + word] ?? 0;
    }
  }
}
