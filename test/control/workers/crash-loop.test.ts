// Where single crashes end and a crash loop begins.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CrashLoop } from '../../../src/control/workers/crash-loop.js';

describe('a crash loop', () => {
  it('is five ends for each worker within a minute', () => {
    let now = 0;
    const loop = new CrashLoop(() => now, 4);
    for (let ends = 1; ends < 20; ends += 1) {
      now += 3000;
      assert.equal(loop.note(), false, `end ${ends}`);
    }
    assert.equal(loop.note(), true);
    assert.match(loop.text, /20 workers .* 60 s/);
  });

  it('is ten ends within a minute where workers are one or two', () => {
    for (const workers of [1, 2]) {
      const loop = new CrashLoop(() => 0, workers);
      for (let ends = 1; ends < 10; ends += 1) assert.equal(loop.note(), false, `end ${ends}`);
      assert.equal(loop.note(), true);
    }
  });

  it('is not as many ends over a longer time', () => {
    let now = 0;
    const loop = new CrashLoop(() => now, 1);
    for (let ends = 1; ends < 1000; ends += 1) {
      now += 6700;
      assert.equal(loop.note(), false, `end ${ends}`);
    }
  });
});
