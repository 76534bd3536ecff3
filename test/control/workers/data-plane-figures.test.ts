// Totals over all workers, which go on growing when a worker is replaced.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ANSWERS, LATENCY_AT, newFigures } from '../../../src/figures.js';
import { DataPlaneFigures } from '../../../src/control/workers/data-plane-figures.js';

describe('the figures of all workers', () => {
  it('are sums over those that live and those that are gone', () => {
    const book = new DataPlaneFigures();
    const [one, two, three] = [newFigures(), newFigures(), newFigures()];
    const matched = ANSWERS.indexOf('matched');
    book.add(1, one);
    book.add(2, two);
    one[matched] = 5;
    two[matched] = 7;
    one[LATENCY_AT] = 5;
    assert.equal(book.totals([1, 2]).answers.matched, 12);
    // One more before it ended, which nobody had looked at.
    one[matched] = 6;
    book.add(3, three);
    three[matched] = 1;
    const after = book.totals([2, 3]);
    assert.equal(after.answers.matched, 14);
    assert.equal(after.latencyCounts[0], 5);
    assert.equal(after.workersStarted, 3);
    assert.equal(book.totals([2, 3]).answers.matched, 14);
  });
});
