// Whether two decisions are of one route, by their bytes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeDecision } from '../../src/protocol/answers.js';
import { areOfSameRoute } from '../../src/protocol/decided-route.js';
import type { Decision } from '../../src/routing/decision.js';

function decisionOf(id: string | null, revision = 1): Buffer {
  const decision: Decision = {
    ...{ route_id: id, route: 'r', target_model: `m${revision}`, fallbacks: [], disable_cache: false },
    ...{ max_cost_usd: null, effects: {}, paused: false, reason: 'matched', revision, stale: false },
  };
  return encodeDecision(decision);
}

describe('two decisions', () => {
  const uuid = '0190a000-0000-7000-8000-000000000001';
  const ids = [uuid, uuid.replace(/1$/, '2'), '', 'a', 'b', 'a'.repeat(31), 'a'.repeat(32), 'a'.repeat(255)];

  it('are of one route if the ids are the same, whatever else they say', () => {
    for (const a of ids) {
      for (const b of ids) {
        assert.equal(areOfSameRoute(decisionOf(a, 1), decisionOf(b, 2)), a === b, `${a} and ${b}`);
      }
    }
  });

  it('are not of one route where there is none, or where an id is longer than any that is assigned', () => {
    assert.equal(areOfSameRoute(decisionOf(null), decisionOf(null)), false);
    assert.equal(areOfSameRoute(decisionOf('a'.repeat(256)), decisionOf('a'.repeat(256))), false);
  });
});
