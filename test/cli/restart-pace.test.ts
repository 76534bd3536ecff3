// How long a process that fails stays before it ends.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RestartPace } from '../../src/cli/restart-pace.js';

describe('a process that fails', () => {
  it('stays for a while where it would be started again at once, unless it has lived for long', () => {
    let livedMs = 400;
    const pace = new RestartPace(true, () => livedMs);
    assert.deepEqual([pace.failedStartMs, pace.crashMs], [2600, 44_600]);
    livedMs = 3600_000;
    assert.deepEqual([pace.failedStartMs, pace.crashMs], [0, 0]);
  });

  it('ends at once where somebody waits for it', () => {
    const pace = new RestartPace(false, () => 400);
    assert.deepEqual([pace.failedStartMs, pace.crashMs], [0, 0]);
  });
});
