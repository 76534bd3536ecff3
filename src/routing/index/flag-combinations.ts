// Flags, all of a table in one dimension: for each combination of their states the rows that it allows. A state that no
// row asks for stands for unknown, so that flags which are only ever asked to be true have two states each, not three.
import { type FlagDimension, signalPlace } from '../dimensions/dimension.js';
import { type Signals, UNKNOWN_FLAG } from '../signals.js';
import type { BlockWriter } from './block-writer.js';
import type { NumberedRow } from './numbered-row.js';
import { RowSet } from './row-set.js';
import type { RowSetWriter } from './row-set-writer.js';

// The flags follow their number, and then the sets. A flag is its signal's place and what each of its states adds to
// the number of the combination.
const FLAGS_AT = 1;
const FLAG_SIGNAL = 0;
const FLAG_STATES = 1;
const FLAG_WORDS = 4;

/** Flags of one dimension, at most: 81 sets. */
export const FLAGS_TOGETHER_MAX = 4;

/** @param always the rows that ask nothing of any of these flags. */
export function writeFlagCombinations(
  block: BlockWriter,
  sets: RowSetWriter,
  rows: readonly NumberedRow[],
  flags: readonly FlagDimension[],
  always: RowSet,
): number {
  let combinations = [always.complement(rows.length)];
  const words: number[] = [flags.length];
  for (const flag of flags) {
    const asked = rows.map(({ when }) => flag.boundOf(when));
    const bounds = [false, true].filter((bound) => asked.includes(bound));
    const stride = combinations.length;
    const added = (bound: boolean): number => stride * (1 + bounds.indexOf(bound));
    words.push(signalPlace(flag), 0, added(false), added(true));
    combinations = [undefined, ...bounds].flatMap((state) => {
      const allowed = new RowSet(rows.length);
      for (const [row, bound] of asked.entries()) {
        if (bound === undefined || bound === state) allowed.add(row);
      }
      return combinations.map((combination) => combination.intersection(allowed));
    });
  }
  words.push(...combinations.map((combination) => sets.write(combination, always)));
  return block.append(words);
}

/** The set of the combination that a request has. */
export function findCombination(words: Int32Array, at: number, { flags }: Signals): number {
  const setsAt = at + FLAGS_AT + (words[at] ?? 0) * FLAG_WORDS;
  let combination = 0;
  for (let flag = at + FLAGS_AT; flag < setsAt; flag += FLAG_WORDS) {
    const state = flags[words[flag + FLAG_SIGNAL] ?? 0] ?? UNKNOWN_FLAG;
    combination += words[flag + FLAG_STATES + state] ?? 0;
  }
  return words[setsAt + combination] ?? 0;
}
