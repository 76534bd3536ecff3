// What the log hears of a store that fails: each reason once, however many orgs it strikes, until it is well again.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { MAX_DELAY_MS } from '../../src/backoff.js';
import type { LoadEnd } from '../../src/control/cache/cache-options.js';
import { StoreHealth } from '../../src/control/store-health.js';
import { org } from '../support/routes.js';

let now: number;
let lines: string[];
let health: StoreHealth;

function loadEnd(orgId: string, failure: string | undefined): LoadEnd {
  return { orgId, failure, isNew: false, elapsedMs: 1, refusedRows: 0 };
}

describe('the health of a store', () => {
  beforeEach(() => {
    now = 0;
    lines = [];
    health = new StoreHealth(
      (_level, event, message) => lines.push(`${event} ${message}`),
      () => now,
    );
  });

  it('is told once for a reason, whichever org, revision and address it comes with', () => {
    for (let count = 1; count <= 50; count += 1) {
      health.note(loadEnd(org(count), `connect ECONNREFUSED 10.0.0.${count}:3306`));
      health.note(
        loadEnd(org(count), `the store is at revision ${count}, and revision ${count + 7} was seen before`),
      );
      health.note(loadEnd(org(count), `route ${org(count)} in the store is no route: then: no_effect`));
    }
    assert.deepEqual(
      lines.map((line) => line.replace(/.* stay in force: /, '').slice(0, 12)),
      ['connect ECON', 'the store is', 'route 0190a0'],
    );
    assert.deepEqual([health.loads, health.failedLoads], [150, 150]);
  });

  it('is well again when no load has failed for a while, and then told anew', () => {
    health.note(loadEnd(org(1), 'gone'));
    now = MAX_DELAY_MS;
    health.note(loadEnd(org(2), undefined));
    assert.equal(health.lastError, 'gone');
    now = 2 * MAX_DELAY_MS;
    health.note(loadEnd(org(2), undefined));
    assert.equal(health.lastError, null);
    health.note(loadEnd(org(1), 'gone'));
    assert.deepEqual(
      lines.map((line) => line.split(' ')[0]),
      ['store.failing', 'store.recovered', 'store.failing'],
    );
  });
});
