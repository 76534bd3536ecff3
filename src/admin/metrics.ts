// The daemon's figures for Prometheus. Nothing of the daemon is counted here: a scrape takes one look at the status,
// and everything it tells is of that moment. Every label's values are fixed by this code, so the number of series is
// too, whatever clients and callers send.
import { Counter, Gauge, Registry } from 'prom-client';
import type { DaemonStatus } from './backend.js';
import { CountedHistogram } from './counted-histogram.js';
import { METRIC_DEFINITIONS, type MetricDefinition } from './metric-definitions.js';
import type { RequestCounts } from './request-counts.js';

export class Metrics {
  readonly #registry = new Registry();
  readonly #look: () => DaemonStatus;
  /** What the scrape that is under way tells. */
  #status: DaemonStatus | undefined;
  #scrape: Promise<string> | undefined;

  constructor(look: () => DaemonStatus, counts: RequestCounts) {
    this.#look = look;
    for (const definition of METRIC_DEFINITIONS) this.#define(definition);
    this.#define({
      type: 'counter',
      name: 'admin_requests_total',
      help: 'Answers of this API, by method and class of status.',
      labels: ['method', 'status'],
      read: () => [...counts].map(({ method, status, count }) => [{ method, status }, count]),
    });
  }

  /** Those who ask at the same time get the same text: many scrapers cost as much as one. */
  text(): Promise<string> {
    return (this.#scrape ??= this.#render().finally(() => (this.#scrape = undefined)));
  }

  async #render(): Promise<string> {
    this.#status = this.#look();
    return this.#registry.metrics();
  }

  #define(definition: MetricDefinition): void {
    const { help } = definition;
    const name = `signalbox_${definition.name}`;
    if (definition.type === 'histogram') {
      const read = (): ReturnType<typeof definition.read> => definition.read(this.#status ?? this.#look());
      this.#registry.registerMetric(new CountedHistogram(name, help, read));
      return;
    }
    const samples = (): ReturnType<typeof definition.read> => definition.read(this.#status ?? this.#look());
    const options = { name, help, labelNames: [...(definition.labels ?? [])], registers: [this.#registry] };
    if (definition.type === 'gauge') {
      new Gauge({
        ...options,
        collect() {
          const now = samples();
          this.reset();
          // What is reset without labels is 0, and what isn't there is no number.
          if (now.length === 0) this.remove();
          for (const [labels, value] of now) this.set(labels, value);
        },
      });
      return;
    }
    new Counter({
      ...options,
      // The count is kept elsewhere, and told whole.
      collect() {
        this.reset();
        for (const [labels, value] of samples()) this.inc(labels, value);
      },
    });
  }
}
