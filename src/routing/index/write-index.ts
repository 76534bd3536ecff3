// Conditions → index, on the main thread whenever routes change: for each dimension that any row asks something of,
// the set of rows that each of its values allows. Everything that can be worked out before a request comes is here.
import { ALL_DIMENSIONS } from '../dimensions/all-dimensions.js';
import type { Dimension } from '../dimensions/dimension.js';
import { compileKeywords } from '../keywords/compile-keywords.js';
import type { Conditions } from '../route.js';
import { FLAG_SIGNALS, NUMBER_SIGNALS, TEXT_SIGNALS } from '../signals.js';
import { BlockWriter } from './block-writer.js';
import * as layout from './layout.js';
import { writeNumberClasses } from './number-classes.js';
import { RowSet, RowSetWriter } from './row-set.js';
import { writeTextTable } from './text-table.js';

/** One conjunction of conditions, and where it leads. Several rows may lead to the same outcome. */
export interface IndexRow {
  readonly when: Conditions;
  readonly outcome: number;
}

const writer = new BlockWriter();

/**
 * @param rows in the order in which they are tried.
 * @param names the outcome that each name forces, whatever the conditions.
 */
export function writeIndex(
  rows: readonly IndexRow[],
  names: ReadonlyMap<string, number>,
  nameless: number,
): Int32Array {
  writer.reserve(layout.HEAD_WORDS);
  const sets = new RowSetWriter(writer, rows.length);
  writer.set(layout.ROWS, rows.length);
  writer.set(layout.SET_WORDS, Math.ceil(rows.length / 32));
  writer.set(layout.SUMMARY_WORDS, Math.ceil(rows.length / (32 * 32)));
  writer.set(layout.OUTCOMES, writer.append(rows.map(({ outcome }) => outcome)));
  writer.set(layout.NAMES, writeTextTable(writer, names, nameless));
  const context = { sets, rows, always: new RowSet(rows.length), scratch: new RowSet(rows.length) };
  writer.set(layout.EMPTY_SET, sets.empty(context.always));
  const entries = ALL_DIMENSIONS.map((dimension) => writeDimension(context, dimension));
  writeDirectory(entries.filter((entry) => entry !== undefined));
  return writer.take();
}

/** Decisions rely on the order: texts, flags, numbers; and of a kind first what leaves the fewest rows. */
function writeDirectory(entries: Entry[]): void {
  entries.sort((a, b) => a.kind - b.kind || a.alwaysRows - b.alwaysRows);
  writer.set(layout.DIMENSIONS, entries.length);
  writer.set(layout.TEXTS, entries.filter(({ kind }) => kind === layout.TEXT).length);
  writer.set(layout.CATEGORIES, entries.filter(({ kind }) => kind !== layout.NUMBER).length);
  writer.set(layout.DIRECTORY, writer.append(entries.flatMap(({ words }) => words)));
}

/** A dimension's entry of the directory. */
interface Entry {
  readonly kind: number;
  /** How many rows ask nothing of it. */
  readonly alwaysRows: number;
  readonly words: readonly number[];
}

interface Context {
  readonly rows: readonly IndexRow[];
  readonly sets: RowSetWriter;
  /** Rows that ask nothing of the dimension that is being written. */
  readonly always: RowSet;
  readonly scratch: RowSet;
}

/** Returns the dimension's entry of the directory, if any row asks something of it and it is in there. */
function writeDimension(context: Context, dimension: Dimension): Entry | undefined {
  switch (dimension.kind) {
    case 'text': {
      const asked = askedOf(context, dimension.textsOf);
      if (asked === undefined) return undefined;
      const table = writeTextTable(writer, writeListed(context, asked), context.sets.empty(context.always));
      return entryOf(context, layout.TEXT, TEXT_SIGNALS.indexOf(dimension.signal), table);
    }
    case 'number': {
      const asked = askedOf(context, dimension.intervalOf);
      if (asked === undefined) return undefined;
      const classes = writeNumberClasses(writer, context.sets, asked, context.always);
      return entryOf(context, layout.NUMBER, NUMBER_SIGNALS.indexOf(dimension.signal), classes);
    }
    case 'flag': {
      const asked = askedOf(context, dimension.boundOf);
      if (asked === undefined) return undefined;
      return entryOf(context, layout.FLAG, FLAG_SIGNALS.indexOf(dimension.signal), writeFlag(context, asked));
    }
    case 'keywords': {
      const asked = askedOf(context, dimension.keywordsOf);
      if (asked !== undefined) writer.set(layout.KEYWORDS, writeKeywords(context, asked));
      return undefined;
    }
  }
}

/** What each row asks of a dimension, with `always` set to the rows that ask nothing; undefined: none asks anything. */
function askedOf<T>(
  { rows, always }: Context,
  conditionOf: (when: Conditions) => T | undefined,
): (T | undefined)[] | undefined {
  const asked = rows.map(({ when }) => conditionOf(when));
  always.clear();
  for (const [row, condition] of asked.entries()) if (condition === undefined) always.add(row);
  return asked.some((condition) => condition !== undefined) ? asked : undefined;
}

function entryOf({ sets, always }: Context, kind: number, signal: number, data: number): Entry {
  const words = [kind, signal, sets.always(always), data, sets.empty(always)];
  return { kind, alwaysRows: always.size, words };
}

/** For each text that a row lists, the set of the rows that do. */
function writeListed(
  { sets, always, scratch }: Context,
  asked: readonly (readonly string[] | undefined)[],
): Map<string, number> {
  const lists = new Map<string, number[]>();
  for (const [row, texts] of asked.entries()) {
    for (const text of texts ?? []) {
      const list = lists.get(text);
      if (list === undefined) lists.set(text, [row]);
      else list.push(row);
    }
  }
  const values = new Map<string, number>();
  for (const [text, list] of lists) {
    for (const row of list) scratch.add(row);
    values.set(text, sets.write(scratch, always));
    for (const row of list) scratch.remove(row);
  }
  return values;
}

/** Three sets: for an unknown flag, a false one and a true one. */
function writeFlag({ sets, always, scratch }: Context, asked: readonly (boolean | undefined)[]): number {
  const setOf = (flag: boolean): number => {
    for (const [row, bound] of asked.entries()) if (bound === flag) scratch.add(row);
    const set = sets.write(scratch, always);
    scratch.clear();
    return set;
  };
  return writer.append([sets.empty(always), setOf(false), setOf(true)]);
}

function writeKeywords(context: Context, asked: readonly (readonly string[] | undefined)[]): number {
  const values = writeListed(context, asked);
  const always = context.sets.always(context.always);
  const matcher = writer.append(compileKeywords([...values.keys()]));
  return writer.append([always, values.size, matcher, ...values.values()]);
}
