// A number for each code point, for properties that only the JavaScript engine knows. Worked out 64 code points at a
// time when one of them is first asked for: all at once would stall a worker for tens of milliseconds. Each thread
// has its own; what is in it depends on nothing but the engine's version of Unicode.

const PAGE_BITS = 6;
const PAGE_SIZE = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_SIZE - 1;
const CODE_POINTS = 0x11_0000;

const NOT_YET = 0;
/** Most pages hold nothing but 0, and share this one. */
const ALL_ZERO = 1;

export class CodePointTable {
  readonly #compute: (codePoint: number) => number;
  /** The place of each page's values, in pages. */
  readonly #pages = new Uint16Array(CODE_POINTS >> PAGE_BITS);
  #values = new Int32Array(64 * PAGE_SIZE);
  #used = ALL_ZERO + 1;

  constructor(compute: (codePoint: number) => number) {
    this.#compute = compute;
  }

  get(codePoint: number): number {
    let page = this.#pages[codePoint >> PAGE_BITS] ?? NOT_YET;
    if (page === NOT_YET) page = this.#fill(codePoint >> PAGE_BITS);
    return this.#values[(page << PAGE_BITS) | (codePoint & PAGE_MASK)] ?? 0;
  }

  #fill(index: number): number {
    const values = Int32Array.from({ length: PAGE_SIZE }, (_, low) =>
      this.#compute((index << PAGE_BITS) | low),
    );
    let page = ALL_ZERO;
    if (values.some((value) => value !== 0)) {
      page = this.#used++;
      if (this.#values.length < this.#used << PAGE_BITS) {
        const longer = new Int32Array(this.#values.length * 2);
        longer.set(this.#values);
        this.#values = longer;
      }
      this.#values.set(values, page << PAGE_BITS);
    }
    this.#pages[index] = page;
    return page;
  }
}
