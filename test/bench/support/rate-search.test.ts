// The search for the highest rate under a bound, on servers whose p99 is a formula.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RateSearch } from '../../../bench/support/rate-search.js';

const LEAST = 5000;
const MOST = 640_000;

describe('the search for the highest rate', () => {
  it('comes as near as a tenth', async () => {
    const limit = 77_777;
    const search = new RateSearch((rate) => Promise.resolve(rate <= limit ? 50 : 5000));
    const found = await search.highestUnder(100, LEAST, MOST);
    assert.ok(found <= limit && found > limit / 1.1, String(found));
  });

  it('is not misled by a lower rate that is worse', async () => {
    const search = new RateSearch((rate) => Promise.resolve(rate < 50_000 || rate > 200_000 ? 900 : 50));
    const found = await search.highestUnder(100, LEAST, MOST);
    assert.ok(found <= 200_000 && found > 180_000, String(found));
  });

  it('is not misled by two bad probes of a rate', async () => {
    const probes = new Map<number, number>();
    const search = new RateSearch((rate) => {
      const count = (probes.get(rate) ?? 0) + 1;
      probes.set(rate, count);
      return Promise.resolve(rate <= 100_000 && count === 3 ? 50 : 5000);
    });
    assert.ok((await search.highestUnder(100, LEAST, MOST)) > 90_000);
  });

  it('ends at the least rate and at the most', async () => {
    assert.equal(await new RateSearch(() => Promise.resolve(101)).highestUnder(100, LEAST, MOST), 0);
    assert.equal(await new RateSearch(() => Promise.resolve(99)).highestUnder(100, LEAST, MOST), MOST);
  });

  it('asks nothing twice that it knows', async () => {
    let probes = 0;
    const search = new RateSearch((rate) => {
      probes += 1;
      return Promise.resolve(rate / 1000);
    });
    await search.highestUnder(100, LEAST, MOST);
    const before = probes;
    await search.highestUnder(100, LEAST, MOST);
    assert.equal(probes, before);
  });
});
