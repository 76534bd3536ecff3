// When a soak disturbs what.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Random } from '../support/random.js';
import { type Scheduled, WARM_UP_PART, scheduleOf } from './schedule.js';

const HOUR_MS = 3_600_000;

function countWithin(schedule: readonly Scheduled[], pattern: RegExp, fromMs: number, toMs: number): number {
  return schedule.filter(({ what, atMs }) => pattern.test(what) && atMs >= fromMs && atMs < toMs).length;
}

describe('the schedule of a soak', () => {
  it('is decided by the seed', () => {
    const of = (seed: number): Scheduled[] => scheduleOf(new Random(seed), HOUR_MS);
    assert.deepEqual(of(1), of(1));
    assert.notDeepEqual(of(1), of(2));
  });

  it('disturbs what is compared alike, and kills daemons before it only', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const schedule = scheduleOf(new Random(seed), HOUR_MS);
        const kills = schedule.filter(({ what }) => what === 'daemon killed');
        assert.equal(kills.length, 3);
        for (const { atMs } of kills) assert.ok(atMs > 0 && atMs < HOUR_MS * WARM_UP_PART);
        for (const pattern of [/^database/, /^abuse/]) {
          const first = countWithin(
            schedule,
            pattern,
            HOUR_MS * WARM_UP_PART,
            HOUR_MS * (WARM_UP_PART + 1 / 12),
          );
          const last = countWithin(schedule, pattern, HOUR_MS * (11 / 12), HOUR_MS);
          assert.ok(first > 0 && Math.abs(first - last) <= 1, `${first} and ${last}`);
        }
      }),
    );
  });

  it('has the database back before it goes again, and before the end', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 10_000, max: HOUR_MS }), (seed, durationMs) => {
        let backMs = 0;
        for (const disturbance of scheduleOf(new Random(seed), durationMs)) {
          if (disturbance.what !== 'database killed' && disturbance.what !== 'database paused') continue;
          assert.ok(disturbance.atMs >= backMs);
          backMs = disturbance.atMs + disturbance.forMs;
          assert.ok(backMs <= durationMs);
        }
      }),
    );
  });
});
