// Finds the highest rate at which p99 stays under a bound. A probe is short and noisy, so one that fails is tried again;
// and what a probe says of one bound it says of all of them, so probes are kept. That a rate is too much does not mean that
// every higher one is: at low rates cores fall asleep between requests, and p99 is what it takes to wake them.

/** The least step between a rate that is good and one that isn't, as a factor. */
const PRECISION = 1.1;
const FACTOR = 2;

const TRIES = 3;

export class RateSearch {
  readonly #probe: (ratePerSecond: number) => Promise<number>;
  readonly #p99s = new Map<number, number[]>();

  /** @param probe puts a load of that rate on the server, and gives p99 in microseconds. */
  constructor(probe: (ratePerSecond: number) => Promise<number>) {
    this.#probe = probe;
  }

  /** In requests a second; 0 if not even `leastRate` will do, `mostRate` if that does. */
  async highestUnder(boundUs: number, leastRate: number, mostRate: number): Promise<number> {
    let good = mostRate;
    while (!(await this.#isUnder(boundUs, good))) {
      if (good <= leastRate) return 0;
      good = Math.max(leastRate, Math.round(good / FACTOR));
    }
    let bad = good * FACTOR;
    while (good < mostRate && bad / good > PRECISION) {
      const middle = Math.round(Math.sqrt(good * bad));
      if (await this.#isUnder(boundUs, middle)) good = middle;
      else bad = middle;
    }
    return good;
  }

  /** By the best of some probes: what the machine does beside makes p99 worse, never better. */
  async #isUnder(boundUs: number, rate: number): Promise<boolean> {
    const p99s = this.#p99s.get(rate) ?? [];
    this.#p99s.set(rate, p99s);
    while (!p99s.some((p99) => p99 <= boundUs)) {
      if (p99s.length === TRIES) return false;
      p99s.push(await this.#probe(rate));
    }
    return true;
  }
}
