// One run of one target: first guided by coverage, which finds the inputs that are worth changing, then as fast as it
// goes. The first finding ends it.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Random } from '../support/random.js';
import { Coverage } from './coverage.js';
import type { Session, Target } from './target.js';

export interface FuzzOptions {
  readonly seed: number;
  /** In the target's unit; at least so many. */
  readonly count: number;
  readonly milliseconds: number;
  /** Inputs that the run begins with. */
  readonly corpus: readonly Buffer[];
  readonly isInterrupted: () => boolean;
  readonly onProgress: (totals: Totals) => void;
}

export interface Totals {
  inputs: number;
  units: number;
  /** Inputs that came to new places in the code. */
  kept: number;
  /** Of the compiled code, that were seen to run. */
  characters: number;
}

export function sumOf(parts: readonly Totals[]): Totals {
  const sum: Totals = { inputs: 0, units: 0, kept: 0, characters: 0 };
  for (const { inputs, units, kept, characters } of parts) {
    sum.inputs += inputs;
    sum.units += units;
    sum.kept += kept;
    // Nearly all of it is the same code.
    sum.characters = Math.max(sum.characters, characters);
  }
  return sum;
}

export interface Failure {
  readonly input: Buffer;
  readonly error: unknown;
}

/** The part of a run that is guided. */
const GUIDED_PART = 0.05;

const GUIDED_MAX = 20_000;
const GUIDED_MS = 10_000;

const PROGRESS_MS = 1000;

/** Inputs may need no turn of the loop at all, and then nothing else would have one: no signal is heard without. */
const TURN_MS = 100;

export async function fuzz(
  target: Target,
  options: FuzzOptions,
): Promise<{ readonly totals: Totals; readonly failure: Failure | undefined }> {
  const { seed, count, milliseconds, isInterrupted, onProgress } = options;
  const random = new Random(seed);
  const corpus = [...options.corpus];
  const totals = sumOf([]);
  const coverage = new Coverage();
  const startedMs = performance.now();
  let saidMs = startedMs;
  let turnedMs = startedMs;
  let isGuided = true;
  const session = await target.open();
  coverage.start();
  try {
    for (; totals.units < count && !isInterrupted(); totals.inputs += 1) {
      const now = performance.now();
      if (now - startedMs > milliseconds) break;
      if (now - turnedMs > TURN_MS) {
        turnedMs = now;
        await nextTurn();
      }
      if (now - saidMs > PROGRESS_MS) {
        saidMs = now;
        onProgress(totals);
      }
      const isEnough =
        totals.units > Math.min(GUIDED_PART * count, GUIDED_MAX) || now - startedMs > GUIDED_MS;
      if (isGuided && isEnough) {
        coverage.stop();
        isGuided = false;
      }
      const input = session.generate(random, corpus);
      try {
        totals.units += await session.run(input);
      } catch (error) {
        return { totals, failure: { input: await smaller(session, input), error } };
      }
      if (!isGuided || !coverage.hasGrown()) continue;
      corpus.push(input);
      totals.kept += 1;
      totals.characters = coverage.characters;
    }
    return { totals, failure: undefined };
  } finally {
    if (isGuided) coverage.stop();
    await session.close();
  }
}

const ATTEMPTS_MAX = 2000;

/** What is left of an input when everything is taken away without which it still fails. */
async function smaller(session: Session, input: Buffer): Promise<Buffer> {
  let best = input;
  let attempts = 0;
  for (
    let size = Math.ceil(best.length / 2);
    size >= 1 && attempts < ATTEMPTS_MAX;
    size = Math.floor(size / 2)
  ) {
    for (let at = 0; at < best.length && attempts < ATTEMPTS_MAX; attempts += 1) {
      const shorter = Buffer.concat([best.subarray(0, at), best.subarray(at + size)]);
      if (await fails(session, shorter)) best = shorter;
      else at += size;
    }
  }
  return best;
}

async function fails(session: Session, input: Buffer): Promise<boolean> {
  try {
    await session.run(input);
    return false;
  } catch {
    return true;
  }
}
