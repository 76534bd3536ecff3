// The cache's policy, with a clock that stands still unless told: what is read when, what is answered meanwhile, and
// what becomes of it when the store fails.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { CacheOptions } from '../../../src/control/cache/cache-options.js';
import { OrgCache } from '../../../src/control/cache/org-cache.js';
import { ORG_ROUTES_BYTES_MAX } from '../../../src/store/org-size.js';
import { TokenBucket } from '../../../src/token-bucket.js';
import { draft, org, route } from '../../support/routes.js';
import { ScriptedStore } from '../../support/scripted-store.js';
import { cacheOptions } from '../../support/cache-options.js';

const ORG = org(1);
const TTL_MS = 60_000;
const MAX_STALE_MS = 24 * 3600_000;

let nowMs: number;
let store: ScriptedStore;
let evicted: string[];
let invalidated: string[];

function cache(options: Partial<CacheOptions> = {}): OrgCache {
  return new OrgCache(
    (orgId) => store.listForOrg(orgId),
    cacheOptions({
      clock: () => nowMs,
      ttlMs: TTL_MS,
      maxStaleMs: MAX_STALE_MS,
      patienceMs: 1000,
      onEvict: (orgId) => evicted.push(orgId),
      onInvalidate: (orgId) => invalidated.push(orgId),
      ...options,
    }),
  );
}

/** The names of the routes that were answered, and how. */
async function read(from: OrgCache, orgId = ORG): Promise<string> {
  const answer = await from.read(orgId);
  if (answer.status === 'unavailable') return 'unavailable';
  return `${answer.status}: ${answer.routes
    .unpack()
    .routes.map(({ name }) => name)
    .join(' ')}`;
}

beforeEach(() => {
  nowMs = 1_000_000;
  store = new ScriptedStore();
  store.setRoutes(ORG, [route('a')]);
  evicted = [];
  invalidated = [];
});

describe('an org with more routes than it may have', () => {
  const huge = route('huge', { then: { effects: { note: 'x'.repeat(ORG_ROUTES_BYTES_MAX) } } });

  it('keeps the last good ones, and has none if it never had any', async () => {
    const failures: (string | undefined)[] = [];
    const orgs = cache({ onLoad: ({ failure }) => failures.push(failure) });
    assert.equal(await read(orgs), 'miss: a');
    store.setRoutes(ORG, [huge]);
    nowMs += TTL_MS;
    assert.equal(await read(orgs), 'stale: a');
    store.setRoutes(org(2), [huge]);
    assert.equal(await read(orgs, org(2)), 'unavailable');
    assert.deepEqual(
      failures.map((failure) => failure?.includes('16.0 MiB is the most')),
      [undefined, true, true],
    );
  });
});

describe('an org cache whose store is well', () => {
  it('reads once, and answers from what it read until strictly before the expiry', async () => {
    const orgs = cache();
    assert.equal(await read(orgs), 'miss: a');
    nowMs += TTL_MS - 0.001;
    assert.equal(await read(orgs), 'hit: a');
    assert.equal(store.loadsOf(ORG), 1);
    nowMs += 0.001;
    assert.equal(await read(orgs), 'miss: a');
    assert.equal(store.loadsOf(ORG), 2);
  });

  it('takes up to a tenth off the time to live, and never adds any', async () => {
    const orgs = cache({ random: () => 0.999999 });
    const answer = await orgs.read(ORG);
    assert.ok(answer.untilMs < nowMs + TTL_MS && answer.untilMs >= nowMs + 0.9 * TTL_MS);
  });

  it('is not made to keep routes longer by reading them', async () => {
    const orgs = cache();
    await read(orgs);
    for (let step = 0; step < 10; step += 1) {
      nowMs += TTL_MS / 10 - 1;
      await read(orgs);
    }
    nowMs += 10;
    assert.equal(await read(orgs), 'miss: a');
  });

  it('counts the time to live from after the read', async () => {
    const orgs = cache();
    const release = store.hold();
    const first = orgs.read(ORG);
    nowMs += 30_000;
    release();
    assert.equal((await first).untilMs, nowMs + TTL_MS);
  });

  it('never hits with a time to live of 0, and yet answers whoever waited', async () => {
    const orgs = cache({ ttlMs: 0 });
    assert.equal(await read(orgs), 'miss: a');
    assert.equal(await read(orgs), 'miss: a');
    assert.equal(store.loadsOf(ORG), 2);
  });

  it('reads once for a thousand callers at the same time', async () => {
    const orgs = cache();
    const answers = await Promise.all(Array.from({ length: 1000 }, () => read(orgs)));
    assert.equal(store.loadsOf(ORG), 1);
    assert.deepEqual(new Set(answers), new Set(['miss: a', 'shared: a']));
    assert.equal(answers.filter((answer) => answer.startsWith('miss')).length, 1);
  });

  it('says from when on a use should ask for newer routes: the last fifth', async () => {
    const answer = await cache().read(ORG);
    assert.ok(answer.status !== 'unavailable');
    assert.equal(answer.refreshAtMs, nowMs + 0.8 * TTL_MS);
  });

  it('refreshes once for several workers that ask for it', async () => {
    const orgs = cache();
    await read(orgs);
    nowMs += 0.9 * TTL_MS;
    store.setRoutes(ORG, [route('b')]);
    const answers = await Promise.all([orgs.refresh(ORG), orgs.refresh(ORG)]);
    assert.equal(store.loadsOf(ORG), 2);
    assert.deepEqual(
      answers.map((answer) => answer.status),
      ['miss', 'shared'],
    );
    // A third one that comes a little later finds that it is done.
    assert.equal((await orgs.refresh(ORG)).status, 'hit');
    assert.equal(store.loadsOf(ORG), 2);
    assert.equal(await read(orgs), 'hit: b');
  });

  it('answers from what is fresh while a refresh takes its time', async () => {
    const orgs = cache();
    await read(orgs);
    nowMs += 0.9 * TTL_MS;
    const release = store.hold();
    const refresh = orgs.refresh(ORG);
    assert.equal(await read(orgs), 'hit: a');
    release();
    assert.equal((await refresh).status, 'miss');
  });

  it('keeps an empty list as it keeps any other', async () => {
    const orgs = cache();
    assert.equal(await read(orgs, org(2)), 'miss: ');
    assert.equal(await read(orgs, org(2)), 'hit: ');
    assert.equal(store.loadsOf(org(2)), 1);
  });
});

describe('an org cache that is invalidated', () => {
  it('reads again, that org only', async () => {
    const orgs = cache();
    store.setRoutes(org(2), [route('other')]);
    await read(orgs);
    await read(orgs, org(2));
    store.setRoutes(ORG, [route('b')]);
    orgs.invalidate(ORG);
    assert.equal(await read(orgs), 'miss: b');
    assert.equal(await read(orgs, org(2)), 'hit: other');
    assert.deepEqual(invalidated, [ORG]);
  });

  it('refreshes although the time for it has not come', async () => {
    const orgs = cache();
    await read(orgs);
    store.setRoutes(ORG, [route('b')]);
    orgs.invalidate(ORG);
    const answer = await orgs.refresh(ORG);
    assert.equal(answer.status, 'miss');
  });

  it('does not take over a read that began before, and gives it to nobody', async () => {
    const orgs = cache();
    const release = store.hold();
    const early = read(orgs);
    store.setRoutes(ORG, [route('b')]);
    orgs.invalidate(ORG);
    const late = read(orgs);
    release();
    assert.match(await early, /: b$/);
    assert.match(await late, /: b$/);
    assert.equal(await read(orgs), 'hit: b');
    assert.equal(store.loadsOf(ORG), 2);
  });

  it('answers whoever waits although changes come faster than the store answers, and says it is out of date', async () => {
    const orgs = cache();
    let release = store.hold();
    const waiting = orgs.read(ORG);
    const answered = waiting.then(() => true);
    const nextTurn = (): Promise<boolean> => setImmediate(false);
    // No read ends before the org has changed again.
    for (let changes = 0; !(await Promise.race([answered, nextTurn()])); changes += 1) {
      assert.ok(changes < 10, 'starved');
      orgs.invalidate(ORG);
      const releaseNext = store.hold();
      release();
      release = releaseNext;
    }
    release();
    const answer = await waiting;
    assert.equal(answer.status, 'stale');
    assert.ok(store.loadsOf(ORG) <= 3, `${store.loadsOf(ORG)} loads`);
    assert.equal(await read(orgs), 'miss: a', 'a quiet moment is enough for fresh routes');
  });

  it('falls back on the routes from before when the store fails just then', async () => {
    const orgs = cache();
    await read(orgs);
    orgs.invalidate(ORG);
    store.failure = new Error('gone');
    assert.equal(await read(orgs), 'stale: a');
  });

  it('asks a store again that was failing', async () => {
    const orgs = cache();
    store.failure = new Error('gone');
    assert.equal(await read(orgs), 'unavailable');
    store.failure = undefined;
    orgs.invalidate(ORG);
    assert.equal(await read(orgs), 'miss: a');
  });
});

describe('an org cache whose store fails', () => {
  it('answers that there is nothing when it never read the org, and asks again only after a pause', async () => {
    const orgs = cache();
    store.failure = new Error('gone');
    assert.equal(await read(orgs), 'unavailable');
    const answer = await orgs.read(ORG);
    assert.ok(answer.status === 'unavailable' && answer.message.includes('gone'));
    assert.equal(store.loadsOf(ORG), 1);
    nowMs = answer.untilMs;
    store.failure = undefined;
    assert.equal(await read(orgs), 'miss: a');
  });

  it('shares a failure among all who wait', async () => {
    const orgs = cache();
    store.failure = new Error('gone');
    const answers = await Promise.all(Array.from({ length: 100 }, () => read(orgs)));
    assert.deepEqual(new Set(answers), new Set(['unavailable']));
    assert.equal(store.loadsOf(ORG), 1);
  });

  it('waits longer after each failure in a row, up to a cap, and starts afresh after a success', async () => {
    const orgs = cache();
    store.failure = new Error('gone');
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const { untilMs } = await orgs.read(ORG);
      pauses.push(untilMs - nowMs);
      nowMs = untilMs;
    }
    assert.deepEqual(pauses, [50, 100, 200, 400, 800, 1600, 2500, 2500, 2500, 2500]);
    store.failure = undefined;
    await read(orgs);
    store.failure = new Error('gone again');
    orgs.invalidate(ORG);
    assert.equal(await read(orgs), 'stale: a');
    const answer = await orgs.refresh(ORG);
    assert.ok(answer.status === 'stale' && answer.refreshAtMs === nowMs + 50);
  });

  it('goes on with the last good routes, marked stale, and lets nobody wait while it tries again', async () => {
    const orgs = cache();
    await read(orgs);
    nowMs += TTL_MS;
    store.failure = new Error('gone');
    assert.equal(await read(orgs), 'stale: a');
    nowMs += 10_000;
    const release = store.hold();
    assert.equal(await read(orgs), 'stale: a');
    assert.equal(store.loadsOf(ORG), 3, 'a read is under way');
    store.failure = undefined;
    release();
    const answer = await orgs.refresh(ORG);
    assert.equal(answer.status, 'stale', 'the read under way was of the failing store');
    nowMs += 10_000;
    assert.equal((await orgs.refresh(ORG)).status, 'miss');
    assert.equal(await read(orgs), 'hit: a');
  });

  it('keeps what is still fresh unmarked when a refresh ahead of time fails', async () => {
    const orgs = cache();
    await read(orgs);
    nowMs += 0.9 * TTL_MS;
    store.failure = new Error('gone');
    const answer = await orgs.refresh(ORG);
    assert.ok(answer.status === 'hit');
    assert.equal(answer.refreshAtMs, nowMs + 50, 'the next attempt is spaced');
    nowMs += 0.1 * TTL_MS;
    assert.equal(await read(orgs), 'stale: a');
  });

  it('gives the last good routes up after the longest staleness', async () => {
    const orgs = cache();
    await read(orgs);
    store.failure = new Error('gone');
    nowMs += MAX_STALE_MS - 1;
    assert.equal(await read(orgs), 'stale: a');
    nowMs += 1;
    assert.equal(await read(orgs), 'unavailable');
  });

  it('does not bring back what the store says is gone: an empty list is an answer', async () => {
    const orgs = cache();
    await read(orgs);
    store.setRoutes(ORG, []);
    nowMs += TTL_MS;
    assert.equal(await read(orgs), 'miss: ');
    store.failure = new Error('gone');
    nowMs += TTL_MS;
    assert.equal(await read(orgs), 'stale: ');
  });

  it('lets nobody who has last good routes wait longer than its patience for a store that hangs', async () => {
    const orgs = cache({ patienceMs: 1 });
    await read(orgs);
    nowMs += TTL_MS;
    const release = store.hold();
    assert.equal(await read(orgs), 'stale: a');
    release();
    assert.equal((await orgs.refresh(ORG)).status, 'shared', 'the read under way went on');
  });

  it('has nobody who wants a newer revision content with what another got whose patience was over', async () => {
    const orgs = cache({ patienceMs: 1 });
    const first = await orgs.read(ORG);
    assert.ok(first.status === 'miss');
    nowMs += 1000;
    const askedAtMs = nowMs;
    const release = store.hold();
    const waiting = orgs.readAtLeast(ORG, first.routes.revision + 1);
    nowMs += 10;
    const answer = await waiting;
    assert.ok(answer.status === 'hit');
    assert.equal(answer.settledMs, askedAtMs);
    release();
  });

  it('takes a store for failed that never answers', async () => {
    const orgs = cache({ loadTimeoutMs: 1 });
    store.hold();
    const answer = await orgs.read(ORG);
    assert.ok(answer.status === 'unavailable' && answer.message.includes('did not answer within 1 ms'));
  });
});

describe('an org cache that is full', () => {
  it('drops the org that was asked for longest ago, and says so', async () => {
    const orgs = cache({ maxKnownOrgs: 2 });
    for (const number of [1, 2, 3]) {
      await store.createRoute(org(number), draft('a'));
      await read(orgs, org(number));
    }
    assert.deepEqual(evicted, [org(1)]);
    assert.deepEqual(orgs.size, { known: 2, unknown: 0 });
  });

  it('never drops an org that the store knows for one that it does not', async () => {
    const orgs = cache({ maxUnknownOrgs: 10 });
    await read(orgs);
    for (let number = 100; number < 1100; number += 1) await read(orgs, org(number));
    assert.deepEqual(orgs.size, { known: 1, unknown: 10 });
    assert.equal(evicted.length, 990);
    assert.equal(await read(orgs), 'hit: a');
  });

  it('bounds what it remembers of failures by the same limit', async () => {
    const orgs = cache({ maxUnknownOrgs: 10 });
    store.failure = new Error('gone');
    for (let number = 100; number < 200; number += 1) await read(orgs, org(number));
    assert.deepEqual(orgs.size, { known: 0, unknown: 10 });
  });

  it('moves an org that was unknown when it gets routes', async () => {
    const orgs = cache();
    await read(orgs, org(2));
    assert.deepEqual(orgs.size, { known: 0, unknown: 1 });
    store.setRoutes(org(2), [route('new')]);
    orgs.invalidate(org(2));
    assert.equal(await read(orgs, org(2)), 'miss: new');
    assert.deepEqual(orgs.size, { known: 1, unknown: 0 });
  });
});

describe('an org cache that is asked for invented orgs', () => {
  /** Reads as many invented orgs; how many of them reached the store. */
  async function readInvented(from: OrgCache, count: number, first: number): Promise<number> {
    const before = [...store.loads.values()].reduce((sum, loads) => sum + loads, 0);
    for (let index = 0; index < count; index += 1) await from.read(org(first + index));
    return [...store.loads.values()].reduce((sum, loads) => sum + loads, 0) - before;
  }

  it('reads so many of them at once and so many a second, and those with routes without end', async () => {
    const orgs = cache({ unknownLookups: new TokenBucket(() => nowMs, 10, 2) });
    for (let index = 100; index < 200; index += 1) store.setRoutes(org(index), [route('a')]);
    assert.equal(await readInvented(orgs, 100, 100), 100, 'orgs with routes');
    assert.equal(await readInvented(orgs, 100, 1000), 10);
    assert.equal(await read(orgs, org(1099)), 'unavailable');
    assert.equal(await read(orgs), 'unavailable', 'nobody can tell it from an invented one');
    nowMs += 2000;
    assert.equal(await readInvented(orgs, 100, 2000), 4);
    nowMs += 1000;
    assert.equal(await read(orgs), 'miss: a');
    assert.equal(await readInvented(orgs, 100, 100), 0, 'what is known stays');
  });

  it('goes on reading those again that it has read', async () => {
    const orgs = cache({ unknownLookups: new TokenBucket(() => nowMs, 10, 0) });
    assert.equal(await read(orgs), 'miss: a');
    await readInvented(orgs, 100, 1000);
    nowMs += TTL_MS;
    assert.equal(await read(orgs), 'miss: a');
    assert.equal(await read(orgs, org(1000)), 'miss: ');
  });
});
