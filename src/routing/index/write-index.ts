// Conditions → index, on the main thread whenever routes change. Everything that can be worked out before a request
// comes is here. See layout.ts for what is written.
import type { Conditions } from '../route.js';
import { BlockWriter } from './block-writer.js';
import * as layout from './layout.js';
import { ALL_BITS, numberedRows } from './numbered-row.js';
import { planTree } from './plan-tree.js';
import { TextPool } from './text-pool.js';
import { writeTextTable } from './text-table.js';
import { writeTree } from './write-tree.js';

/** One conjunction of conditions, and where it leads. Several rows may lead to the same outcome. */
export interface IndexRow {
  readonly when: Conditions;
  readonly outcome: number;
}

const block = new BlockWriter();

/**
 * @param rows in the order in which they are tried.
 * @param names the outcome that each name forces, whatever the conditions.
 */
export function writeIndex(
  rows: readonly IndexRow[],
  names: ReadonlyMap<string, number>,
  nameless: number,
): Int32Array {
  const pool = new TextPool(block);
  block.reserve(layout.HEAD_WORDS);
  block.set(layout.ROWS, rows.length);
  block.set(layout.OUTCOMES, block.append(rows.map(({ outcome }) => outcome)));
  block.set(layout.NAMES, writeTextTable(block, pool, names, nameless));
  const plan = planTree(numberedRows(rows), ALL_BITS);
  block.set(layout.ROOT, writeTree(block, pool, plan));
  return block.take();
}
