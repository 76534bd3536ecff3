// Entity tags, as RFC 9110 has them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isNotModified, parsePrecondition } from '../../src/admin/preconditions.js';

describe('preconditions', () => {
  const parse = (header: string | undefined): unknown => parsePrecondition('If-Match', header);

  it('are none, any, or tags', () => {
    assert.equal(parse(undefined), 'none');
    assert.equal(parse(' * '), 'any');
    assert.deepEqual(parse('"1"'), ['"1"']);
    assert.deepEqual(parse(' "a,b" ,\tW/"2","" '), ['"a,b"', 'W/"2"', '""']);
  });

  it('take time in proportion to their length', () => {
    const startedMs = performance.now();
    assert.throws(() => parse(`${'"1", '.repeat(100_000)}x`), { code: 'bad_request' });
    assert.throws(() => parse(`${' '.repeat(100_000)}x`), { code: 'bad_request' });
    assert.ok(performance.now() - startedMs < 5000);
  });

  it('of a reader match weak tags too', () => {
    assert.equal(isNotModified(['W/"7"'], 7), true);
    assert.equal(isNotModified(['"7'], 7), false);
    assert.equal(isNotModified('none', 7), false);
  });
});
