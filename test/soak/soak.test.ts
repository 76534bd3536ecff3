// A soak of seconds, with one of everything that an hour of it has: every request is answered, what is decided is by
// routes that there were, and nothing goes back.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasPrivateServer } from '../support/mariadb.js';
import type { Scheduled } from './schedule.js';
import { soak } from './soak.js';
import { answersOf } from './traffic-figures.js';

const SCHEDULE: readonly Scheduled[] = [
  { what: 'abuse', kind: 'garbage', seed: 1, atMs: 500 },
  { what: 'database killed', forMs: 500, atMs: 1000 },
  { what: 'abuse', kind: 'too long', seed: 2, atMs: 1000 },
  { what: 'daemon killed', forMs: 300, atMs: 1200 },
  { what: 'abuse', kind: 'connect storm', seed: 3, atMs: 2500 },
  { what: 'database paused', forMs: 500, atMs: 3000 },
];

const skip = hasPrivateServer() ? false : 'the server of SIGNALBOX_TEST_MYSQL_URL is not ours to kill';

describe('a soak', { skip, timeout: 180_000 }, () => {
  it('plays its schedule, counts and checks every answer, and finds nothing wrong', async () => {
    const { samples, disturbances, edits, problems } = await soak({
      // Nothing here is about how fast the machine is.
      ...{ durationMs: 3500, ratePerSecond: 300, resolveTimeout: '10s', sampleEveryMs: 500, seed: 1 },
      schedule: SCHEDULE,
      signal: new AbortController().signal,
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(disturbances, {
      'abuse: garbage': 1,
      'abuse: too long': 1,
      'abuse: connect storm': 1,
      'database killed': 1,
      'database paused': 1,
      'daemon killed': 1,
    });
    assert.ok(edits.sql.done > 0 && edits.admin.done > 0, 'routes were edited in both ways');
    assert.ok(samples.reduce((sum, { traffic }) => sum + answersOf(traffic), 0) > 0);
    const last = samples.at(-1);
    assert.ok(last !== undefined && last.ageMs < last.atMs, 'the daemon is a later one');
    assert.equal(last.traffic.unheard, 0, 'every edit was heard of');
    assert.ok((last.process?.fds ?? 0) > 10 && (last.process?.rssBytes ?? 0) > 0);
    assert.ok((last.metrics?.answered.at(-1)?.count ?? 0) > 0);
  });

  it('ends in order when it is interrupted, with what it has seen', async () => {
    const interrupt = new AbortController();
    const { samples, problems } = await soak({
      ...{ durationMs: 600_000, ratePerSecond: 100, resolveTimeout: '10s', sampleEveryMs: 200, seed: 1 },
      schedule: [{ what: 'database paused', forMs: 600_000, atMs: 100 }],
      signal: interrupt.signal,
      onSample: () => {
        interrupt.abort();
      },
    });
    assert.deepEqual(problems, []);
    assert.ok(samples.length > 0);
  });
});
