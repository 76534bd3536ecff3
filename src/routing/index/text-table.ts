// Texts, each with a value, as an open-addressing hash table in a block: what a request's bytes are found in without
// being decoded. `findText` is on the hot path; run `npm run bench -- resolve` before changing it.
import type { BlockWriter } from './block-writer.js';
import type { TextPool } from './text-pool.js';

// The head of a table.
const MASK = 0;
const SEED = 1;
const LONGEST_BYTES = 2;
const OTHERWISE = 3;
const HEAD_WORDS = 4;

// An entry. The text is that many bytes behind the word at TEXT_AT; 0 there: no entry.
const HASH = 0;
const TEXT_AT = 1;
const VALUE = 2;
const ENTRY_WORDS = 3;

/**
 * Texts can be chosen so that they all fall together under seeds that are known, however many: nobody outside knows
 * these. A table says which it was written with.
 */
const SEEDS = Array.from({ length: 6 }, () => Math.floor(Math.random() * 2 ** 32));

/** Entries that are looked at for one text; above it, the next seed is tried. */
const PROBES_MAX = 16;

/** Of this machine: a block's words are read as they are, and texts are compared with them. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** @param otherwise the value of every text that isn't there. */
export function writeTextTable(
  block: BlockWriter,
  pool: TextPool,
  values: ReadonlyMap<string, number>,
  otherwise: number,
): number {
  const textsAt: number[] = [];
  const valuesOfTexts: number[] = [];
  let longest = -1;
  for (const [text, value] of values) {
    const textAt = pool.placeOf(text);
    if (textAt === undefined) continue;
    longest = Math.max(longest, block.get(textAt));
    textsAt.push(textAt);
    valuesOfTexts.push(value);
  }
  let capacity = 2;
  while (capacity * 3 < textsAt.length * 4) capacity *= 2;
  const { seed, hashes, slots } = place(block, textsAt, capacity);
  const at = block.reserve(HEAD_WORDS + capacity * ENTRY_WORDS);
  block.set(at + MASK, capacity - 1);
  block.set(at + SEED, seed);
  block.set(at + LONGEST_BYTES, longest);
  block.set(at + OTHERWISE, otherwise);
  for (let index = 0; index < textsAt.length; index += 1) {
    const entry = at + HEAD_WORDS + (slots[index] ?? 0) * ENTRY_WORDS;
    block.set(entry + HASH, hashes[index] ?? 0);
    block.set(entry + TEXT_AT, textsAt[index] ?? 0);
    block.set(entry + VALUE, valuesOfTexts[index] ?? 0);
  }
  return at;
}

interface Placement {
  readonly seed: number;
  /** Of each text. */
  readonly hashes: Int32Array;
  readonly slots: Int32Array;
}

/** Which text is in which slot, by the first seed that needs few probes, or else the one that needs fewest. */
function place(block: BlockWriter, textsAt: readonly number[], capacity: number): Placement {
  let best: Placement | undefined;
  let fewest = Infinity;
  for (const seed of SEEDS) {
    const hashes = new Int32Array(textsAt.length);
    const slots = new Int32Array(textsAt.length);
    const isTaken = new Uint8Array(capacity);
    let most = 0;
    for (let index = 0; index < textsAt.length; index += 1) {
      const textAt = textsAt[index] ?? 0;
      const start = (textAt + 1) * 4;
      const hash = hashOf(seed, block.view, start, start + block.get(textAt));
      let slot = slotOf(hash, capacity - 1);
      let probes = 1;
      for (; isTaken[slot] === 1; probes += 1) slot = (slot + 1) & (capacity - 1);
      isTaken[slot] = 1;
      hashes[index] = hash;
      slots[index] = slot;
      most = Math.max(most, probes);
    }
    if (most < fewest) {
      fewest = most;
      best = { seed, hashes, slots };
    }
    if (most <= PROBES_MAX) break;
  }
  return best ?? { seed: 0, hashes: new Int32Array(), slots: new Int32Array() };
}

/** The value of the text `view[start … end)` in the table at `at`. */
export function findText(words: Int32Array, at: number, view: DataView, start: number, end: number): number {
  const length = end - start;
  const mask = words[at + MASK] ?? 0;
  if (length <= (words[at + LONGEST_BYTES] ?? 0)) {
    const hash = hashOf(words[at + SEED] ?? 0, view, start, end);
    for (let slot = slotOf(hash, mask); ; slot = (slot + 1) & mask) {
      const entry = at + HEAD_WORDS + slot * ENTRY_WORDS;
      const textAt = words[entry + TEXT_AT] ?? 0;
      if (textAt === 0) break;
      if (words[entry + HASH] === hash && words[textAt] === length) {
        if (isSame(words, textAt + 1, view, start, length)) return words[entry + VALUE] ?? 0;
      }
    }
  }
  return words[at + OTHERWISE] ?? 0;
}

/** FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/, from a seed and over four bytes at a time, with a shift between. */
function hashOf(seed: number, view: DataView, start: number, end: number): number {
  let hash = seed ^ (end - start);
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, IS_LITTLE_ENDIAN), 0x01000193);
    hash ^= hash >>> 15;
  }
  for (; at < end; at += 1) hash = Math.imul(hash ^ view.getUint8(at), 0x01000193);
  return hash;
}

function slotOf(hash: number, mask: number): number {
  return (hash ^ (hash >>> 15)) & mask;
}

/** Whether the bytes from word `a` on are those of `view[b …]`. */
export function isSame(words: Int32Array, a: number, view: DataView, b: number, length: number): boolean {
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    if (words[a + (at >> 2)] !== view.getInt32(b + at, IS_LITTLE_ENDIAN)) return false;
  }
  if (at === length) return true;
  // The last bytes of a text are in a word too: whoever opens a table has no view of its bytes.
  const word = words[a + (at >> 2)] ?? 0;
  for (let shift = IS_LITTLE_ENDIAN ? 0 : 24; at < length; at += 1, shift += IS_LITTLE_ENDIAN ? 8 : -8) {
    if (((word >>> shift) & 0xff) !== view.getUint8(b + at)) return false;
  }
  return true;
}
