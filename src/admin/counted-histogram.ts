// A histogram for Prometheus whose buckets are counted elsewhere: prom-client's own counts what it observes itself,
// and the workers count in shared memory.
import { Histogram } from 'prom-client';
import type { DurationCounts } from './backend.js';

const MS_PER_S = 1000;

type Values = Awaited<ReturnType<Histogram['get']>>;

export class CountedHistogram extends Histogram {
  readonly #name: string;
  readonly #help: string;
  readonly #read: () => DurationCounts;

  constructor(name: string, help: string, read: () => DurationCounts) {
    super({ name, help, registers: [] });
    this.#name = name;
    this.#help = help;
    this.#read = read;
  }

  override async get(): Promise<Values> {
    const { bounds_ms: bounds, counts, sum_ms: sumMs } = this.#read();
    let total = 0;
    const values: Values['values'] = counts.map((count, bucket) => {
      total += count;
      const bound = bounds[bucket];
      const le = bound === undefined ? '+Inf' : bound / MS_PER_S;
      return { metricName: `${this.#name}_bucket`, labels: { le }, value: total };
    });
    values.push(
      { metricName: `${this.#name}_sum`, labels: {}, value: sumMs / MS_PER_S },
      { metricName: `${this.#name}_count`, labels: {}, value: total },
    );
    return {
      name: this.#name,
      help: this.#help,
      type: 'histogram',
      values,
      aggregator: 'sum',
    } as unknown as Values;
  }

  // What the registry asks for when there is one.
  getForPromString(): Promise<Values> {
    return this.get();
  }
}
