// JSON merge patch: the examples of RFC 7396, Appendix A, and members with names that JavaScript has a use for.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isNestedDeeperThan } from '../../src/admin/json-depth.js';
import { mergePatch } from '../../src/admin/merge-patch.js';

const EXAMPLES = [
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', '{}'],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['["a","b"]', '["c","d"]', '["c","d"]'],
  ['{"a":"b"}', '["c"]', '["c"]'],
  ['{"a":"foo"}', 'null', 'null'],
  ['{"a":"foo"}', '"bar"', '"bar"'],
  ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
  ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
  ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
] as const;

describe('a merge patch', () => {
  for (const [target, patch, result] of EXAMPLES) {
    it(`makes ${result} of ${target} with ${patch}`, () => {
      assert.equal(JSON.stringify(mergePatch(JSON.parse(target), JSON.parse(patch))), result);
    });
  }

  it('sets members called __proto__ as any other', () => {
    const patch = JSON.parse('{"__proto__":{"x":1},"constructor":{"prototype":{"y":2}}}') as unknown;
    const merged = mergePatch({}, patch);
    assert.equal(JSON.stringify(merged), JSON.stringify(patch));
    assert.equal(({} as Record<string, unknown>)['x'], undefined);
    assert.equal(({} as Record<string, unknown>)['y'], undefined);
  });
});

describe('the depth of a JSON text', () => {
  it('counts brackets, and none of those in text', () => {
    for (const [text, depth] of [
      ['1', 0],
      ['{"a":[1,{"b":2}],"c":[[]]}', 3],
      ['{"[[[[":"{{{{","\\"[[":"\\\\"}', 1],
      ['[[],[],[]]', 2],
    ] as const) {
      const bytes = Buffer.from(text);
      assert.equal(isNestedDeeperThan(depth, bytes), false, text);
      if (depth > 0) assert.equal(isNestedDeeperThan(depth - 1, bytes), true, text);
    }
  });
});
