// Short texts come again and again: keys in every message, and models, tags and org ids in most. To find one that was
// decoded before takes less than to decode it, and the same string object is found faster in a map. A text that isn't
// there takes the place of another, so whoever sends nothing but new ones costs no memory and little time.
// Of requests, only the unusual ones get here: of the others (usual-request.ts) no text is made.

/** Room for a UUID's text. */
export const CACHED_TEXT_BYTES_MAX = 40;

/** A power of two. */
const SLOTS = 2048;

export class TextCache {
  readonly #texts = new Array<string | undefined>(SLOTS);
  readonly #bytes = Buffer.alloc(SLOTS * CACHED_TEXT_BYTES_MAX);
  readonly #lengths = new Uint8Array(SLOTS);

  /** The slot of `bytes[at … at + length)`, for `get` and `set` in turn. At most CACHED_TEXT_BYTES_MAX bytes. */
  slotOf(bytes: Buffer, at: number, length: number): number {
    // FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/
    let hash = 0x811c9dc5;
    for (let index = at; index < at + length; index += 1) {
      hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
    }
    return (hash ^ (hash >>> 15)) & (SLOTS - 1);
  }

  /** The text of these bytes, if that is what the slot holds. */
  get(slot: number, bytes: Buffer, at: number, length: number): string | undefined {
    const text = this.#texts[slot];
    if (text === undefined || this.#lengths[slot] !== length) return undefined;
    const from = slot * CACHED_TEXT_BYTES_MAX;
    for (let index = 0; index < length; index += 1) {
      if (this.#bytes[from + index] !== bytes[at + index]) return undefined;
    }
    return text;
  }

  set(slot: number, bytes: Buffer, at: number, length: number, text: string): void {
    this.#texts[slot] = text;
    this.#lengths[slot] = length;
    bytes.copy(this.#bytes, slot * CACHED_TEXT_BYTES_MAX, at, at + length);
  }
}
