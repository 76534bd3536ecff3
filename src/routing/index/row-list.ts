// A few rows, one after the other: sets for them would be more than the rows themselves.
import type { Dimension } from '../dimensions/dimension.js';
import type { Signals } from '../signals.js';
import type { BlockWriter } from './block-writer.js';
import type { IndexMemory } from './index-memory.js';
import { FIRST_ROW, KIND, ROW_LIST } from './layout.js';
import type { NumberedRow } from './numbered-row.js';
import { termsHold, writeTerms } from './row-terms.js';
import type { TextPool } from './text-pool.js';

/** Where the rows end. */
const END = 2;
const ROWS_AT = 3;

// A row: its number, and where its terms are.
const ROW = 0;
const TERMS_AT = 1;
const TERMS_END = 2;
const ROW_WORDS = 3;

/** @param rows at least one, none of which asks for keywords. */
export function writeRowList(
  block: BlockWriter,
  pool: TextPool,
  { rows, dimensions }: { readonly rows: readonly NumberedRow[]; readonly dimensions: readonly Dimension[] },
): number {
  const words = rows.flatMap((row) => {
    const { at, end } = writeTerms(block, pool, row, dimensions);
    return [row.number, at, end];
  });
  const at = block.reserve(ROWS_AT);
  block.set(at + KIND, ROW_LIST);
  block.set(at + FIRST_ROW, rows[0]?.number ?? 0);
  block.append(words);
  block.set(at + END, block.length);
  return at;
}

/** The first row of the list at `at` that the request fulfils, if it is before `limit`; otherwise `limit`. */
export function firstOfList(memory: IndexMemory, at: number, limit: number, signals: Signals): number {
  const { words } = memory;
  const end = words[at + END] ?? 0;
  for (let next = at + ROWS_AT; next < end; next += ROW_WORDS) {
    const row = words[next + ROW] ?? 0;
    if (row >= limit) return limit;
    if (termsHold(memory, words[next + TERMS_AT] ?? 0, words[next + TERMS_END] ?? 0, signals)) return row;
  }
  return limit;
}
