// What was encoded comes out as it was, whatever its keys are called.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeDecision } from '../../src/protocol/decode-decision.js';
import { decode } from '../../src/protocol/decode.js';
import { encodeDecision } from '../../src/protocol/answers.js';
import { encode } from '../../src/protocol/encode.js';
import type { Decision } from '../../src/routing/decision.js';

const DECISION: Decision = {
  ...{
    route_id: 'id',
    route: 'a',
    target_model: 'm',
    fallbacks: [],
    disable_cache: false,
    max_cost_usd: null,
  },
  ...{ effects: {}, paused: false, reason: 'matched', revision: 7, stale: false },
};

/** Objects as a parser of JSON makes them, with any key as their own. */
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false, 0, -7, 1.5, 2 ** 40, 'text', 'a __proto__ in a text', ''),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(
        fc.tuple(fc.constantFrom('__proto__', '__proto_', 'constructor', 'toJSON', '1', ''), tie('value')),
      )
      .map((entries) => Object.fromEntries(entries) as unknown),
  ),
})).value;

describe('decoding', () => {
  it('gives each value as it was encoded', () => {
    fc.assert(
      fc.property(json, (value) => {
        assert.equal(JSON.stringify(decode(encode(value))), JSON.stringify(value));
      }),
    );
  });

  it('has the effect __proto__ of a decision as its own, and as no prototype', () => {
    const effects = JSON.parse('{"redact":true,"__proto__":{"isAdmin":true,"__proto__":7}}') as object;
    const decoded = decodeDecision(encodeDecision({ ...DECISION, effects } as Decision));
    assert.deepEqual(Object.keys(decoded.effects), ['redact', '__proto__']);
    assert.equal(JSON.stringify(decoded.effects), JSON.stringify(effects));
    assert.equal('isAdmin' in decoded.effects, false);
    assert.equal('isAdmin' in {}, false);
    assert.equal(Object.getPrototypeOf(decoded.effects), Object.prototype);
  });

  it('refuses a map whose key is a list, with such a key beside it or not', () => {
    // {[]: 1} and {"__proto__": 1, []: 1}
    for (const hex of ['819001', '82a95f5f70726f746f5f5f019001'])
      assert.throws(() => decode(Buffer.from(hex, 'hex')));
  });
});
