// Writes the nodes that plan-tree.ts has found best.
import { signalPlace } from '../dimensions/dimension.js';
import type { BlockWriter } from './block-writer.js';
import * as layout from './layout.js';
import type { Plan } from './plan.js';
import { writeRowList } from './row-list.js';
import { writeSifted, writeSiftedClasses } from './sifted-rows.js';
import type { TextPool } from './text-pool.js';
import { writeTextTable } from './text-table.js';
import { writeSets } from './write-sets.js';

/** @returns the offset of the node, or 0 if there is none. */
export function writeTree(block: BlockWriter, pool: TextPool, plan: Plan | undefined): number {
  switch (plan?.kind) {
    case undefined:
      return 0;
    case 'list':
      return writeRowList(block, pool, plan);
    case 'sets':
      return writeSets(block, pool, plan);
    case 'sifted':
      return writeSifted(block, pool, plan);
    case 'by-number': {
      const classes = writeSiftedClasses(block, pool, plan);
      const others = writeTree(block, pool, plan.others);
      return block.append([layout.BY_NUMBER, plan.firstRow, signalPlace(plan.dimension), classes, others]);
    }
    case 'by-text': {
      const nodes = new Map<string, number>();
      for (const [text, node] of plan.nodes) nodes.set(text, writeTree(block, pool, node));
      const none = writeTree(block, pool, plan.none);
      const table = writeTextTable(block, pool, nodes, 0);
      return block.append([layout.BY_TEXT, plan.firstRow, signalPlace(plan.dimension), table, none]);
    }
    case 'either': {
      const one = writeTree(block, pool, plan.one);
      const other = writeTree(block, pool, plan.other);
      return block.append([layout.EITHER, plan.firstRow, one, other]);
    }
  }
}
