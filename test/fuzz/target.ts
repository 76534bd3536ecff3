// What can be fuzzed, and what a finding is.
import type { Random } from '../support/random.js';

/** Something that must not be: what was expected, and what came. */
export class Finding extends Error {
  override readonly name = 'Finding';
}

export interface Target {
  readonly name: string;
  /** What one input counts as, in the plural. */
  readonly unit: string;
  /** It is all in the process, and a long run may use as many of those as there are cores. */
  readonly isInProcess: boolean;
  /** How many inputs are enough to call it a run, unless told. */
  readonly inputs: number;
  readonly open: () => Promise<Session>;
}

export interface Session {
  /** An input that was not tried before. @param corpus inputs that were worth keeping. */
  readonly generate: (random: Random, corpus: readonly Buffer[]) => Buffer;
  /** Returns how many units it was. @throws Finding, or whatever the code under test throws. */
  readonly run: (input: Buffer) => number | Promise<number>;
  readonly close: () => Promise<void>;
}

export function expect(condition: boolean, what: () => string): asserts condition {
  if (!condition) throw new Finding(what());
}
