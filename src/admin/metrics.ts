// The daemon's figures in the Prometheus text exposition format 0.0.4. Every label's values are fixed by this code,
// so the number of series is too, whatever callers send.
import type { DaemonStatus } from './backend.js';
import type { RequestCounts } from './request-counts.js';

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

type Labels = Readonly<Record<string, string>>;

interface Metric {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly samples: readonly (readonly [Labels, number])[];
}

export function metricsText(status: DaemonStatus, counts: RequestCounts): string {
  const { cache, connections, feed, store, uptime_ms: uptimeMs, version, workers } = status;
  const one = (name: string, type: Metric['type'], help: string, value: number): Metric => ({
    name,
    type,
    help,
    samples: [[{}, value]],
  });
  const metrics: readonly Metric[] = [
    {
      name: 'build_info',
      type: 'gauge',
      help: 'Always 1; the label says which version runs.',
      samples: [[{ version }, 1]],
    },
    one('uptime_seconds', 'gauge', 'How long the daemon has run.', uptimeMs / 1000),
    one('connections', 'gauge', 'Connections of gateways that are being served.', connections),
    one('workers_running', 'gauge', 'Workers that exist.', workers.running),
    one('workers_wanted', 'gauge', 'Workers that there should be.', workers.wanted),
    one('store_up', 'gauge', '1: the last read of the store succeeded.', store.up ? 1 : 0),
    one('known_orgs', 'gauge', 'Orgs in the cache that the store knows.', cache.known_orgs),
    one('unknown_orgs', 'gauge', "Orgs in the cache that the store doesn't know.", cache.unknown_orgs),
    one('loads_total', 'counter', "Reads of an org's routes.", cache.loads),
    one('failed_loads_total', 'counter', "Reads of an org's routes that failed.", cache.failed_loads),
    one('feed_up', 'gauge', '1: changes in the store are being heard of.', feed.up ? 1 : 0),
    one('feed_changes_total', 'counter', 'Changes in the store that were heard of.', feed.changes),
    {
      name: 'admin_requests_total',
      type: 'counter',
      help: 'Answers of this API, by method and class of status.',
      samples: [...counts].map(({ method, status: code, count }) => [{ method, status: code }, count]),
    },
  ];
  return metrics.map(metricText).join('');
}

function metricText({ name, type, help, samples }: Metric): string {
  const full = `signalbox_${name}`;
  const lines = samples.map(([labels, value]) => `${full}${labelsText(labels)} ${value}\n`);
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join('')}`;
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
