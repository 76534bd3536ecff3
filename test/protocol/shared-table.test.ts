// A table in shared memory: what comes out of the block is what was put in.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeDecision } from '../../src/protocol/decode-decision.js';
import { SharedTable, shareTable } from '../../src/protocol/shared-table.js';
import { compileTable } from '../../src/routing/compile.js';
import { signalsOf } from '../../src/routing/signals.js';
import { FIRST_ROUTE, NO_MATCH, NO_SUCH_ROUTE } from '../../src/routing/table.js';
import { route } from '../support/routes.js';

/** Of every length up to a dozen, so that every kind of filling between the parts of a block occurs. */
const NAMES = Array.from({ length: 12 }, (_, index) => 'x'.repeat(index + 1));

function tableOf(names: readonly string[]): SharedTable {
  return new SharedTable(
    shareTable(
      compileTable(
        names.map((name) => route(name, { id: `id-${name}`, when: { model_in: [name] } })),
        3,
      ),
    ),
  );
}

describe('a shared table', () => {
  it('selects and answers as the table that it was made from, whatever the length of its parts', () => {
    for (let count = 0; count <= NAMES.length; count += 1) {
      const names = NAMES.slice(0, count);
      const table = tableOf(names);
      assert.equal(table.answers, FIRST_ROUTE + count);
      for (const [index, name] of names.entries()) {
        assert.equal(table.select(signalsOf({ model: name })), FIRST_ROUTE + index);
        const { route: decided, revision, stale } = decodeDecision(table.answerBytes(FIRST_ROUTE + index));
        assert.deepEqual([decided, revision, stale], [name, 3, false]);
        assert.equal(table.routeIdOf(FIRST_ROUTE + index), `id-${name}`);
      }
      assert.equal(table.select(signalsOf({ model: 'none' })), NO_MATCH);
      assert.equal(table.select(signalsOf({ model: 'x', force_route: 'none' })), NO_SUCH_ROUTE);
      assert.equal(table.routeIdOf(NO_MATCH), null);
    }
  });

  it('has no answer but its own', () => {
    const table = tableOf(NAMES);
    for (const outcome of [-1, FIRST_ROUTE + NAMES.length, NaN]) {
      assert.throws(() => table.answerBytes(outcome), RangeError);
    }
  });
});
