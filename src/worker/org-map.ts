// A map from org ids as a request has them, four words, to anything: open addressing with linear probing, since no key
// has to be made, hashed as text or compared as text to look one up. On the hot path; run the bench case
// `cache/hits-cost-less-than-decisions` before changing it.
import { ORG_ID_WORDS } from '../protocol/org-id.js';
import { hashKeys, slotOf } from './org-hash.js';

const FIRST_CAPACITY = 64;

export class OrgMap<Value> {
  readonly #hashKeys: Int32Array;
  #mask = FIRST_CAPACITY - 1;
  #shift = Math.clz32(FIRST_CAPACITY - 1);
  #keys = new Int32Array(FIRST_CAPACITY * ORG_ID_WORDS);
  #values = new Array<Value | undefined>(FIRST_CAPACITY).fill(undefined);
  #size = 0;

  constructor(random: () => number = Math.random) {
    this.#hashKeys = hashKeys(random);
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
    return slotOf(this.#hashKeys, words, at, this.#shift);
  }

  /** All at once, and so without anything made for each: a hundred thousand orgs are moved in a few milliseconds. */
  #grow(): void {
    const oldKeys = this.#keys;
    const oldValues = this.#values;
    const capacity = 2 * (this.#mask + 1);
    const mask = (this.#mask = capacity - 1);
    this.#shift = Math.clz32(mask);
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
