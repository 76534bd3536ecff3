// The decision log's file: lines of JSON, also after it was moved away; a disk that is full costs lines only.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { DecisionJson } from '../../src/admin/backend.js';
import { DecisionLog } from '../../src/control/decision-log.js';
import { SignalboxError } from '../../src/errors.js';
import { silentLog } from '../../src/log.js';
import { waitFor } from '../support/wait-for.js';

let directory: string;
let path: string;

function decision(revision: number): DecisionJson {
  return {
    at: '2026-01-02T03:04:05.678Z',
    org_id: 'a',
    reason: 'matched',
    route_id: 'id',
    route: 'a',
    target_model: 'm',
    paused: false,
    stale: false,
    revision,
  };
}

async function linesOf(file: string): Promise<unknown[]> {
  const text = await readFile(file, 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

describe('the decision log', () => {
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
    path = join(directory, 'decisions.ndjson');
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('has a line for each decision, after those that were there', async () => {
    for (const revision of [1, 2]) {
      const log = new DecisionLog(path, silentLog);
      assert.equal(log.write([decision(revision)]), 0);
      await log.close();
    }
    assert.deepEqual(await linesOf(path), [decision(1), decision(2)]);
    assert.equal((await stat(path)).mode & 0o007, 0, 'it is nothing for others');
  });

  it('goes on in a new file when the old one was moved away', async () => {
    const log = new DecisionLog(path, silentLog);
    log.write([decision(1)]);
    await waitFor(async () => (await linesOf(path)).length === 1, 'the first line');
    await rename(path, `${path}.1`);
    log.reopen();
    await waitFor(
      () =>
        stat(path).then(
          () => true,
          () => false,
        ),
      'the new file',
    );
    log.write([decision(2)]);
    await log.close();
    assert.deepEqual(await linesOf(`${path}.1`), [decision(1)]);
    assert.deepEqual(await linesOf(path), [decision(2)]);
  });

  it('counts what a full disk does not take, says so once, and holds no more than a bound', async () => {
    const events: string[] = [];
    const log = new DecisionLog('/dev/full', (_level, event) => events.push(event));
    const batch = Array.from({ length: 1000 }, (_, index) => decision(index));
    let dropped = 0;
    await waitFor(() => {
      dropped += log.write(batch);
      return dropped > 0 && events.length > 0;
    }, 'lines to be dropped');
    assert.deepEqual(events, ['decision_log.failing']);
    await log.close();
  });

  it('that cannot be written is a matter of configuration', () => {
    assert.throws(
      () => new DecisionLog(join(directory, 'missing', 'file'), silentLog),
      (error) =>
        error instanceof SignalboxError &&
        error.code === 'configuration' &&
        error.message.includes('--decision-log'),
    );
  });
});
