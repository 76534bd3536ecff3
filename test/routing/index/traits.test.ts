// The traits of requests: what a row forbids no request has that fulfils it, and most others have some of it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BlockWriter } from '../../../src/routing/index/block-writer.js';
import { TextPool } from '../../../src/routing/index/text-pool.js';
import { forbiddenTraits, forgetTraits, traitsOfDecision } from '../../../src/routing/index/traits.js';
import type { ResolveRequest } from '../../../src/routing/request.js';
import type { Conditions } from '../../../src/routing/route.js';
import { signalsOf } from '../../../src/routing/signals.js';
import { naiveResolve } from '../../support/naive-resolve.js';
import { MIXES, randomOrg } from '../../support/random-orgs.js';
import { seededRandom } from '../../support/random.js';

function traitsOf(request: ResolveRequest): number {
  forgetTraits();
  return traitsOfDecision(signalsOf(request));
}

function forbiddenBy(when: Conditions): number {
  const block = new BlockWriter();
  // 0 is no place of a text.
  block.reserve(1);
  return forbiddenTraits(block, new TextPool(block), when);
}

describe('the traits of a request', () => {
  const random = seededRandom();

  for (const mix of MIXES) {
    it(`are never forbidden by a row that it fulfils: ${mix}`, (test) => {
      test.diagnostic(`SIGNALBOX_TEST_SEED=${random.seed}`);
      for (let org = 0; org < 5; org += 1) {
        const { routes, requests } = randomOrg(random, mix, 60, 40);
        for (const route of routes) {
          const alone = [{ ...route, enabled: true }];
          const forbidden = forbiddenBy(route.when);
          for (const request of requests) {
            const asked = { ...request, force_route: undefined };
            if (naiveResolve(alone, asked).reason === 'no_match') continue;
            assert.equal(traitsOf(asked) & forbidden, 0, JSON.stringify({ when: route.when, asked }));
          }
        }
      }
    });
  }

  it('tell most of the rows that list other texts', () => {
    const names = Array.from({ length: 200 }, (_, index) => `claude-sonnet-${index}-2025`);
    const forbidden = names.map((name) => forbiddenBy({ model_in: [name] }));
    for (const model of names.slice(0, 20)) {
      const traits = traitsOf({ model });
      const told = forbidden.filter((word) => (word & traits) !== 0).length;
      assert.ok(told >= 150, `${model}: only ${told} of ${names.length}`);
    }
  });

  it('tell every row that asks for the other state of a flag, or for one of a flag that is unknown', () => {
    const wanted = forbiddenBy({ has_images: true });
    const unwanted = forbiddenBy({ has_images: false });
    for (const [flag, isWanted, isUnwanted] of [
      [true, true, false],
      [false, false, true],
      [undefined, false, false],
    ] as const) {
      const traits = traitsOf({ model: 'm', has_images: flag });
      assert.equal((traits & wanted) === 0, isWanted);
      assert.equal((traits & unwanted) === 0, isUnwanted);
    }
  });

  it('are those of the request that is decided, not of the one before', () => {
    const forbidden = forbiddenBy({ model_in: ['one'], has_audio: true });
    assert.equal(traitsOf({ model: 'one', has_audio: true }) & forbidden, 0);
    assert.notEqual(traitsOf({ model: 'one', has_audio: false }) & forbidden, 0);
  });
});
