// The engine against the naive reading of the rules, org by org: for every mix of conditions that routes may have.
// SIGNALBOX_TEST_ORGS says how many orgs of each mix, for a run of millions of cases.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileTable } from '../../src/routing/compile.js';
import { resolve } from '../../src/routing/resolve.js';
import { inTableOrder } from '../../src/routing/route.js';
import { naiveResolve } from '../support/naive-resolve.js';
import { MIXES, randomOrg } from '../support/random-orgs.js';
import { Random, seededRandom } from '../support/random.js';
import { resolveBitByBit } from '../support/search-bit-by-bit.js';

const ORGS = Number(process.env['SIGNALBOX_TEST_ORGS'] ?? 60);
const REQUESTS = 40;
const REVISION = 7;

/** Sizes on both sides of a word of 32 bits, and of many words. */
const ROUTE_COUNTS = [0, 1, 2, 20, 31, 32, 33, 65, 300];

describe('the engine decides as the naive reading of the rules does', () => {
  const { seed } = seededRandom();

  for (const mix of MIXES) {
    it(`with routes of this mix: ${mix}`, (t) => {
      t.diagnostic(`SIGNALBOX_TEST_SEED=${seed}`);
      const random = new Random(seed);
      const reasons = { matched: 0, no_match: 0, no_such_route: 0 };
      for (let org = 0; org < ORGS; org += 1) {
        const { routes, requests } = randomOrg(
          random,
          mix,
          ROUTE_COUNTS[org % ROUTE_COUNTS.length] ?? 0,
          REQUESTS,
        );
        const table = compileTable(
          inTableOrder(routes).filter((route) => route.enabled),
          REVISION,
        );
        for (const request of requests) {
          const expected = { ...naiveResolve(routes, request), revision: REVISION };
          assert.deepEqual(resolve(table, request), expected, JSON.stringify({ request, routes }));
          // However a prompt is searched, the decision is the same.
          assert.deepEqual(
            resolveBitByBit(table, request, random),
            expected,
            JSON.stringify({ request, routes, seed }),
          );
          reasons[expected.reason] += 1;
        }
      }
      // A mix that is always decided in one way would show nothing.
      const least = (ORGS * REQUESTS) / 20;
      if (mix === 'nothing matching') assert.equal(reasons.matched, 0);
      else assert.ok(reasons.matched >= least, `only ${reasons.matched} matched`);
      assert.ok(reasons.no_match >= least, `only ${reasons.no_match} did not match`);
    });
  }
});
