// A node of sets: for each dimension that any of its rows asks something of, the rows that each value allows.
import {
  type Dimension,
  type FlagDimension,
  type NumberDimension,
  type TextDimension,
  signalPlace,
} from '../dimensions/dimension.js';
import { compileKeywords } from '../keywords/compile-keywords.js';
import type { Conditions } from '../route.js';
import type { BlockWriter } from './block-writer.js';
import { FLAGS_TOGETHER_MAX, writeFlagCombinations } from './flag-combinations.js';
import * as layout from './layout.js';
import { writeNumberClasses } from './number-classes.js';
import type { NumberedRow } from './numbered-row.js';
import { RowSet } from './row-set.js';
import { RowSetWriter } from './row-set-writer.js';
import { writeTerms } from './row-terms.js';
import { rowsByText } from './rows-by-text.js';
import type { TextPool } from './text-pool.js';
import { writeTextTable } from './text-table.js';

/** A dimension's entry of the directory. */
interface Entry {
  /** How many rows ask nothing of it. */
  readonly alwaysRows: number;
  readonly isInexact?: boolean;
  readonly words: readonly number[];
}

interface Node {
  readonly block: BlockWriter;
  readonly pool: TextPool;
  readonly rows: readonly NumberedRow[];
  readonly sets: RowSetWriter;
}

/** @returns the offset of the node. */
export function writeSets(
  block: BlockWriter,
  pool: TextPool,
  { rows, dimensions }: { readonly rows: readonly NumberedRow[]; readonly dimensions: readonly Dimension[] },
): number {
  const node: Node = { block, pool, rows, sets: new RowSetWriter(block, rows.length) };
  const texts: Entry[] = [];
  const flags: FlagDimension[] = [];
  const numbers: Entry[] = [];
  let keywords = 0;
  for (const dimension of dimensions) {
    switch (dimension.kind) {
      case 'text':
        texts.push(...textEntry(node, dimension));
        break;
      case 'flag':
        if (rows.some(({ when }) => dimension.boundOf(when) !== undefined)) flags.push(dimension);
        break;
      case 'number':
        numbers.push(...numberEntry(node, dimension));
        break;
      case 'keywords':
        keywords = writeKeywords(node, dimension.keywordsOf);
        break;
    }
  }
  return writeNode(node, [texts, flagEntries(node, flags), numbers], keywords, dimensions);
}

/** Decisions rely on the order: texts, flags, numbers; and of a kind first what leaves the fewest rows. */
function writeNode(
  { block, pool, rows, sets }: Node,
  [texts, flags, numbers]: readonly [Entry[], Entry[], Entry[]],
  keywords: number,
  dimensions: readonly Dimension[],
): number {
  for (const entries of [texts, flags, numbers]) entries.sort((a, b) => a.alwaysRows - b.alwaysRows);
  const rowNumbers = block.append(rows.map(({ number }) => number));
  const empty = sets.empty(new RowSet(rows.length));
  const isWord = rows.length <= layout.WORD_ROWS_MAX;
  const terms = isWord
    ? []
    : rows.flatMap((row) => {
        const { at, textsAt, end } = writeTerms(block, pool, row, dimensions);
        return [at, textsAt, end];
      });
  const rowTerms = block.append(terms);
  const at = block.length;
  const textsEnd = at + layout.DIRECTORY + texts.length * layout.ENTRY_WORDS;
  const flagsEnd = textsEnd + flags.length * layout.ENTRY_WORDS;
  const numbersEnd = flagsEnd + numbers.length * layout.ENTRY_WORDS;
  block.append([
    isWord ? layout.WORD_SETS : layout.LONG_SETS,
    rows[0]?.number ?? 0,
    rows.length,
    rowNumbers,
    ...[textsEnd, flagsEnd, numbersEnd, keywords],
    ...[Math.ceil(rows.length / (32 * 32)), empty],
    numbers.some(({ isInexact }) => isInexact) ? 1 : 0,
    numbers[0]?.alwaysRows === 0 ? 1 : 0,
    rowTerms,
    ...[...texts, ...flags, ...numbers].flatMap(({ words }) => words),
  ]);
  return at;
}

/** What each row asks of a dimension, and the rows that ask nothing; undefined: none asks anything. */
interface Asked<T> {
  readonly conditions: readonly (T | undefined)[];
  readonly always: RowSet;
}

function askedOf<T>({ rows }: Node, conditionOf: (when: Conditions) => T | undefined): Asked<T> | undefined {
  const conditions = rows.map(({ when }) => conditionOf(when));
  if (conditions.every((condition) => condition === undefined)) return undefined;
  const always = new RowSet(rows.length);
  for (const [row, condition] of conditions.entries()) if (condition === undefined) always.add(row);
  return { conditions, always };
}

function entryOf({ sets }: Node, signal: number, always: RowSet, data: number): Entry {
  return { alwaysRows: always.size, words: [signal, sets.always(always), data, sets.empty(always)] };
}

function textEntry(node: Node, dimension: TextDimension): Entry[] {
  const asked = askedOf(node, dimension.textsOf);
  if (asked === undefined) return [];
  const { block, pool, sets } = node;
  const values = writeListed(node, asked, (set) => sets.write(set, asked.always));
  const table = writeTextTable(block, pool, values, sets.empty(asked.always));
  return [entryOf(node, signalPlace(dimension), asked.always, table)];
}

function numberEntry(node: Node, dimension: NumberDimension): Entry[] {
  const asked = askedOf(node, dimension.intervalOf);
  if (asked === undefined) return [];
  const { conditions, always } = asked;
  const classes = writeNumberClasses(node.block, node.sets.besides(always), conditions);
  return [{ ...entryOf(node, signalPlace(dimension), always, classes.at), isInexact: classes.isInexact }];
}

function flagEntries(node: Node, flags: readonly FlagDimension[]): Entry[] {
  const entries: Entry[] = [];
  for (let first = 0; first < flags.length; first += FLAGS_TOGETHER_MAX) {
    const together = flags.slice(first, first + FLAGS_TOGETHER_MAX);
    const asked = askedOf(node, (when) => together.find(({ boundOf }) => boundOf(when) !== undefined));
    if (asked === undefined) continue;
    const data = writeFlagCombinations(node.block, node.sets, node.rows, together, asked.always);
    entries.push(entryOf(node, 0, asked.always, data));
  }
  return entries;
}

/** Returns the section's offset, or 0. */
function writeKeywords(node: Node, keywordsOf: (when: Conditions) => readonly string[] | undefined): number {
  const asked = askedOf(node, keywordsOf);
  if (asked === undefined) return 0;
  const { block, rows, sets } = node;
  const isWord = rows.length <= layout.WORD_ROWS_MAX;
  const values = writeListed(node, asked, (set, list) =>
    isWord || list.length > layout.KEYWORD_LISTED_ROWS_MAX
      ? sets.write(set, asked.always)
      : ~block.append([list.length, ...list]),
  );
  const always = sets.always(asked.always);
  const matcher = block.append(compileKeywords([...values.keys()]));
  return block.append([always, values.size, matcher, ...values.values()]);
}

/** For each text that a row lists, how the rows that do are written. */
function writeListed(
  { rows }: Node,
  { conditions }: Asked<readonly string[]>,
  write: (set: RowSet, list: readonly number[]) => number,
): Map<string, number> {
  const values = new Map<string, number>();
  const scratch = new RowSet(rows.length);
  for (const [text, list] of rowsByText(conditions)) {
    for (const row of list) scratch.add(row);
    values.set(text, write(scratch, list));
    for (const row of list) scratch.remove(row);
  }
  return values;
}
