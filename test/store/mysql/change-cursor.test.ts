// What a daemon has seen of the changes, and for how long and how often it asks for those that it passed over.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type ChangeCursor,
  FIRST_CURSOR,
  type SeenChange,
  advance,
  dueGaps,
  formatCursor,
  parseCursor,
} from '../../../src/store/mysql/change-cursor.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

function changes(...numbers: readonly number[]): SeenChange[] {
  return numbers.map((seq) => ({ seq, mark: `change ${seq}` }));
}

function gapsOf({ gaps }: ChangeCursor): number[] {
  return gaps.map(({ seq }) => seq);
}

describe('a cursor in the feed of changes', () => {
  it('remembers the numbers that were passed over until they turn up', () => {
    const first = advance(FIRST_CURSOR, changes(1, 2, 5), [], 0);
    assert.deepEqual([first.after, first.mark, gapsOf(first)], [5, 'change 5', [3, 4]]);
    const second = advance(first, changes(4, 7), [3, 4], 10);
    assert.deepEqual([second.after, gapsOf(second)], [7, [3, 6]]);
    assert.deepEqual(gapsOf(advance(second, changes(3, 6), [3, 6], 20)), []);
  });

  it('gives a number up when no transaction can still be open that has it', () => {
    const cursor = advance(FIRST_CURSOR, changes(2), [], 0);
    assert.deepEqual(gapsOf(advance(cursor, [], [1], 10 * MINUTE - 1)), [1]);
    assert.deepEqual(gapsOf(advance(cursor, [], [1], 10 * MINUTE)), []);
  });

  it('asks for a number the more rarely the longer it has been missing, and never later than a tenth of that', () => {
    let cursor = advance(FIRST_CURSOR, changes(2), [], 0);
    const askedAt: number[] = [];
    for (let now = 0; now < 10 * MINUTE; now += 100) {
      const due = dueGaps(cursor, now);
      if (due.length > 0) askedAt.push(now);
      cursor = advance(cursor, [], due, now);
    }
    assert.ok(askedAt.length < 150, `${askedAt.length} times instead of 6000`);
    for (const [index, time] of askedAt.entries()) {
      const before = askedAt[index - 1] ?? 0;
      assert.ok(time - before <= time * 0.1 + 100, `${time} after ${before}`);
    }
  });

  it('keeps the newest of very many numbers', () => {
    const cursor = advance(FIRST_CURSOR, changes(5000), [], 0);
    assert.equal(cursor.gaps.length, 1000);
    assert.deepEqual(gapsOf(cursor).slice(-2), [4998, 4999]);
  });

  it('is text to whoever holds it', () => {
    const cursor = { ...advance(FIRST_CURSOR, changes(3), [], 5), lostSinceMs: 7, epoch: 9 };
    assert.deepEqual(parseCursor(formatCursor(cursor)), cursor);
    for (const text of ['', 'null', '{}', '{"after":1.5,"gaps":[],"mark":""}', '17']) {
      assert.equal(parseCursor(text), undefined, text);
    }
  });
});
