// How long a peak is told for, with a clock that stands still unless told.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RecentPeak } from '../../src/control/recent-peak.js';

describe('a recent peak', () => {
  it('is told for at least a window, and forgotten after two', () => {
    const peak = new RecentPeak();
    peak.add(7, 0);
    peak.add(3, 100);
    assert.equal(peak.at(9_999), 7);
    peak.add(1, 10_001);
    assert.equal(peak.at(19_000), 7);
    assert.equal(peak.at(20_002), 1);
  });

  it('is nothing where nothing was looked at for long', () => {
    const peak = new RecentPeak();
    peak.add(7, 0);
    assert.equal(peak.at(50_000), 0);
  });
});
