// The conformance cases through the engine alone: put in table order, compiled, resolved.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileTable } from '../../src/routing/compile.js';
import { resolve } from '../../src/routing/resolve.js';
import { inTableOrder } from '../../src/routing/route.js';
import { loadConformanceCases, storedRoutes } from '../support/conformance.js';

const cases = await loadConformanceCases();

describe('the engine decides each conformance case as the dialect does', () => {
  it('has cases to decide', () => {
    assert.ok(cases.length > 0);
  });

  for (const conformanceCase of cases) {
    it(`${conformanceCase.id}: ${conformanceCase.about}`, () => {
      const enabled = inTableOrder(storedRoutes(conformanceCase)).filter((route) => route.enabled);
      const { route, target_model, reason } = resolve(compileTable(enabled, 1), conformanceCase.request);
      assert.deepEqual({ route, target_model }, conformanceCase.expect);
      assert.equal(reason, conformanceCase.expect.route === null ? 'no_match' : 'matched');
    });
  }
});
