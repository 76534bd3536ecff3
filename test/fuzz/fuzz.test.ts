// Inputs that nobody would think of, a few of each kind, and all that ever failed; and that the fuzzer would tell if the
// code were wrong. `npm run fuzz` tries as many as one likes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Mutation, runMutated } from '../support/mutation.js';
import { anySeed } from '../support/random.js';
import { fuzz } from './fuzz.js';
import { regressionsOf } from './regressions.js';
import { TARGETS } from './targets.js';

/** By target: what takes a second or two. */
const COUNTS: Readonly<Record<string, number>> = {
  frames: 20_000,
  socket: 500,
  routes: 500,
  rows: 1000,
  admin: 150,
  snapshot: 200,
};

const MUTATIONS: readonly (Mutation & { readonly name: string })[] = [
  {
    name: 'takes a number that has 32 bits for one that has a sign',
    file: 'protocol/msgpack-reader.js',
    place: 'const signed = tag >= 0xd0;',
    instead: 'const signed = tag >= 0xce;',
  },
  {
    name: 'overlooks bytes behind a message',
    file: 'protocol/request-reader.js',
    place: 'if (!reader.atEnd)',
    instead: 'if (false)',
  },
  {
    name: 'reads beyond the end of a usual request',
    file: 'protocol/usual-values.js',
    place: 'return size > end - at ? 0 : size;',
    instead: 'return size;',
  },
  {
    name: 'takes a key that is given twice in a usual request',
    file: 'protocol/usual-values.js',
    place: 'if ((seen & key) !== 0)',
    instead: 'if (false)',
  },
  {
    name: 'loses what is left of a frame between two reads',
    file: 'protocol/frame-reader.js',
    place: 'this.#limit = unread + length;',
    instead: 'this.#limit = unread;',
  },
];

describe('fuzzing', () => {
  for (const target of TARGETS) {
    const count = COUNTS[target.name];
    it(`finds nothing wrong with ${count} ${target.unit} (${target.name})`, async (t) => {
      const seed = anySeed();
      t.diagnostic(`npm run fuzz -- --target ${target.name} --seed ${seed} --count ${count}`);
      const { totals, failure } = await fuzz(target, {
        seed,
        count: count ?? 0,
        milliseconds: Infinity,
        corpus: [],
        isInterrupted: () => false,
        onProgress: () => undefined,
      });
      if (failure !== undefined) {
        assert.fail(`${String(failure.error)}\nthe input, as base64: ${failure.input.toString('base64')}`);
      }
      assert.ok(totals.units >= (count ?? Infinity), `${totals.units} ${target.unit}`);
    });

    it(`finds nothing wrong any more with what once failed (${target.name})`, async (t) => {
      const regressions = await regressionsOf(target.name);
      t.diagnostic(`${regressions.length} inputs`);
      if (regressions.length === 0) return;
      const session = await target.open();
      try {
        for (const { file, input } of regressions) {
          await assert.doesNotReject(async () => session.run(input), file);
        }
      } finally {
        await session.close();
      }
    });
  }

  for (const mutation of MUTATIONS) {
    it(`finds it when the code ${mutation.name}`, async () => {
      const args = ['--target', 'frames', '--seed', '1', '--count', '100000'];
      const { exitCode, output } = await runMutated(mutation, 'test/fuzz/main.js', args);
      assert.equal(exitCode, 1, output);
      assert.match(output, /The input is kept/);
    });
  }
});
