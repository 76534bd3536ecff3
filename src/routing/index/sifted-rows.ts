// A run of rows that are tried one after the other, as in row-list.ts, but hundreds of them: each has the traits that it
// forbids beside it, so that few are looked at as they are. `firstOfSifted` is on the hot path: run the bench cases
// `resolve …` before changing it.
import type { Dimension, NumberDimension } from '../dimensions/dimension.js';
import type { Signals } from '../signals.js';
import type { BlockWriter } from './block-writer.js';
import type { IndexMemory } from './index-memory.js';
import { FIRST_ROW, KIND, SIFTED, SIFTED_RUN } from './layout.js';
import { type ClassWriter, writeNumberClasses } from './number-classes.js';
import type { NumberedRow } from './numbered-row.js';
import { RowSet } from './row-set.js';
import { termsHold, writeTerms } from './row-terms.js';
import type { TextPool } from './text-pool.js';
import { forbiddenTraits, traitsOfDecision } from './traits.js';

// A run: where it ends, and its rows.
const END = 0;
const ROWS_AT = 1;

// A row: the traits that it forbids, and its record.
const FORBIDDEN = 0;
const RECORD = 1;
const ROW_WORDS = 2;

// A record: the row's number, and where its terms are, which end where the record begins.
const NUMBER = 0;
const TERMS_AT = 1;

/** So few rows are looked at as they are: to find the request's traits would take longer. */
const UNSIFTED_ROWS_MAX = 3;

/** Rows in their order, none of which asks for keywords. */
interface Rows {
  readonly rows: readonly NumberedRow[];
  readonly dimensions: readonly Dimension[];
}

/** A node of all rows; returns its offset. */
export function writeSifted(block: BlockWriter, pool: TextPool, { rows, dimensions }: Rows): number {
  const writer = new RunWriter(block, pool, { rows, dimensions });
  const all = new RowSet(rows.length);
  for (const place of rows.keys()) all.add(place);
  const at = block.reserve(SIFTED_RUN);
  block.set(at + KIND, SIFTED);
  block.set(at + FIRST_ROW, rows[0]?.number ?? 0);
  writer.write(all);
  return at;
}

/** For each class of numbers a run of the rows that allow it; returns the offset of the classes. */
export function writeSiftedClasses(
  block: BlockWriter,
  pool: TextPool,
  { rows, dimensions, dimension }: Rows & { readonly dimension: NumberDimension },
): number {
  const writer = new RunWriter(block, pool, { rows, dimensions });
  const intervals = rows.map(({ when }) => dimension.intervalOf(when));
  return writeNumberClasses(block, writer, intervals).at;
}

class RunWriter implements ClassWriter {
  readonly #block: BlockWriter;
  /** Of each row. */
  readonly #forbidden: readonly number[];
  readonly #records: readonly number[];

  constructor(block: BlockWriter, pool: TextPool, { rows, dimensions }: Rows) {
    this.#block = block;
    this.#forbidden = rows.map(({ when }) => forbiddenTraits(block, pool, when));
    this.#records = rows.map((row) => {
      const { at } = writeTerms(block, pool, row, dimensions);
      return block.append([row.number, at]);
    });
  }

  /** Those of the rows; returns the offset of the run, or 0 if there are none. */
  write(some: RowSet): number {
    const words = this.writtenWords(some);
    if (words === 0) return 0;
    const at = this.#block.reserve(words);
    this.#block.set(at + END, at + words);
    let next = at + ROWS_AT;
    some.forEachRow((place) => {
      this.#block.set(next + FORBIDDEN, this.#forbidden[place] ?? 0);
      this.#block.set(next + RECORD, this.#records[place] ?? 0);
      next += ROW_WORDS;
    });
    return at;
  }

  writtenWords(some: RowSet): number {
    return some.filledWords === 0 ? 0 : ROWS_AT + ROW_WORDS * some.size;
  }
}

/** The first row of the run at `at` that the request fulfils, if it is before `limit`; otherwise `limit`. */
export function firstOfSifted(memory: IndexMemory, at: number, limit: number, signals: Signals): number {
  const { words } = memory;
  const end = words[at + END] ?? 0;
  const traits = end - at > ROWS_AT + UNSIFTED_ROWS_MAX * ROW_WORDS ? traitsOfDecision(signals) : 0;
  for (let next = at + ROWS_AT; next < end; next += ROW_WORDS) {
    if (((words[next + FORBIDDEN] ?? 0) & traits) !== 0) continue;
    const record = words[next + RECORD] ?? 0;
    const row = words[record + NUMBER] ?? 0;
    if (row >= limit) return limit;
    if (termsHold(memory, words[record + TERMS_AT] ?? 0, record, signals)) return row;
  }
  return limit;
}
