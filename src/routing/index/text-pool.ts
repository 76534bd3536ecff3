// Texts in a block, each once, however many tables and rows name it; and the tables of lists of texts, which rows often
// have in common.
import type { BlockWriter } from './block-writer.js';

export class TextPool {
  readonly #block: BlockWriter;
  readonly #places = new Map<string, number>();
  readonly #tables = new Map<string, number>();

  constructor(block: BlockWriter) {
    this.#block = block;
  }

  /** Where the text is. undefined: half of a surrogate pair has no UTF-8, and no request can say it. */
  placeOf(text: string): number | undefined {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    if (!text.isWellFormed()) return undefined;
    const place = this.#block.appendText(text);
    this.#places.set(text, place);
    return place;
  }

  /** Where the table of a list is that is all that the table says. @param write writes it, if it isn't there. */
  tableOf(texts: readonly string[], write: () => number): number {
    const key = texts.map((text) => this.placeOf(text) ?? '').join();
    let table = this.#tables.get(key);
    if (table === undefined) this.#tables.set(key, (table = write()));
    return table;
  }
}
