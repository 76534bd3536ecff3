// What Prometheus is told, and where in the status it stands.
import type { DaemonStatus, DurationCounts } from './backend.js';

export type Labels = Readonly<Record<string, string>>;

export type Samples = readonly (readonly [labels: Labels, value: number])[];

export type MetricDefinition =
  | {
      readonly type: 'gauge' | 'counter';
      readonly name: string;
      readonly help: string;
      /** Label names, where there are any. Their values are fixed by this code. */
      readonly labels?: readonly string[];
      readonly read: (status: DaemonStatus) => Samples;
    }
  | {
      readonly type: 'histogram';
      readonly name: string;
      readonly help: string;
      readonly read: (status: DaemonStatus) => DurationCounts;
    };

type Read = (status: DaemonStatus) => number | boolean | null | undefined;

const MS_PER_S = 1000;

const gauge = (name: string, help: string, read: Read): MetricDefinition => one('gauge', name, help, read);

const counter = (name: string, help: string, read: Read): MetricDefinition =>
  one('counter', name, help, read);

/** A number without labels; where the status has none, there is no sample. */
function one(type: 'gauge' | 'counter', name: string, help: string, read: Read): MetricDefinition {
  const samples = (status: DaemonStatus): Samples => {
    const value = read(status);
    return value === null || value === undefined ? [] : [[{}, Number(value)]];
  };
  return { type, name, help, read: samples };
}

/** A counter for each member of a map of the status. */
function each(
  name: string,
  help: string,
  label: string,
  read: (status: DaemonStatus) => Readonly<Record<string, number>>,
): MetricDefinition {
  const samples = (status: DaemonStatus): Samples =>
    Object.entries(read(status)).map(([value, count]) => [{ [label]: value }, count]);
  return { type: 'counter', name, help, labels: [label], read: samples };
}

function histogram(
  name: string,
  help: string,
  read: (status: DaemonStatus) => DurationCounts,
): MetricDefinition {
  return { type: 'histogram', name, help, read };
}

function seconds(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : ms / MS_PER_S;
}

export const METRIC_DEFINITIONS: readonly MetricDefinition[] = [
  {
    type: 'gauge',
    name: 'build_info',
    help: 'Always 1; the labels say what runs.',
    labels: ['version', 'node'],
    read: ({ version, node }) => [[{ version, node }, 1]],
  },
  gauge('ready', '1: it listens, and decides.', (s) => s.state === 'ready' && s.workers.running > 0),
  gauge('uptime_seconds', 'How long the daemon has run.', (s) => seconds(s.uptime_ms)),

  each('requests_total', 'Requests, by how they were answered.', 'answer', (s) => s.requests.answers),
  counter(
    'stale_decisions_total',
    'Decisions by routes that could not be read anew.',
    (s) => s.requests.stale,
  ),
  counter(
    'waited_requests_total',
    "Requests that waited for their org's routes to be read.",
    (s) => s.requests.waited,
  ),
  histogram(
    'request_duration_seconds',
    'From the read of a request to the write of its answer, in the worker.',
    (s) => s.requests.latency,
  ),

  gauge('connections', 'Connections of gateways that are being served.', (s) => s.connections.open),
  gauge('connections_max', 'Connections that there may be.', (s) => s.connections.max),
  counter('connections_accepted_total', 'Connections that were accepted.', (s) => s.connections.accepted),
  each(
    'connections_refused_total',
    'Connections that were turned away, by why.',
    'reason',
    (s) => s.connections.refused,
  ),

  gauge('workers_running', 'Workers that exist.', (s) => s.workers.running),
  gauge('workers_wanted', 'Workers that there should be.', (s) => s.workers.wanted),
  counter(
    'workers_started_total',
    'Workers that were started; more than wanted: some ended.',
    (s) => s.workers.started,
  ),
  each('workers_ended_total', 'Workers that came to an unwanted end, by how.', 'how', (s) => s.workers.ended),
  {
    type: 'gauge',
    name: 'worker_loop_lag_seconds',
    help: "How late a worker's loop was at most within the last seconds; workers are numbered from 0.",
    labels: ['worker'],
    // Not by thread: a worker that is replaced must not make a series of its own.
    read: ({ workers }) =>
      workers.loop_lag_ms
        .slice(0, workers.wanted)
        .map((lagMs, worker) => [{ worker: String(worker) }, lagMs / MS_PER_S]),
  },
  gauge(
    'main_loop_lag_seconds',
    "How late the main thread's loop was at most within the last seconds.",
    (s) => seconds(s.main_loop_lag_ms),
  ),

  gauge('store_up', '1: the last read of the store succeeded.', (s) => s.store.up),
  counter('loads_total', "Reads of an org's routes.", (s) => s.cache.loads),
  counter('failed_loads_total', "Reads of an org's routes that failed.", (s) => s.cache.failed_loads),
  histogram('load_duration_seconds', "How long reads of an org's routes took.", (s) => s.cache.load_time),
  each(
    'cache_answers_total',
    'What workers asked for, by how it was come by.',
    'status',
    (s) => s.cache.answers,
  ),
  gauge('known_orgs', 'Orgs in the cache that the store knows.', (s) => s.cache.known_orgs),
  gauge('unknown_orgs', "Orgs in the cache that the store doesn't know.", (s) => s.cache.unknown_orgs),
  gauge(
    'stale_orgs',
    'Orgs whose last good routes are in force, for newer ones cannot be read.',
    (s) => s.cache.stale_orgs,
  ),
  gauge('oldest_stale_seconds', 'How old the oldest of those routes are.', (s) =>
    seconds(s.cache.oldest_stale_ms),
  ),
  gauge(
    'quarantined_orgs',
    'Orgs without decisions, for workers hung or died by their routes.',
    (s) => s.cache.quarantined_orgs,
  ),
  counter(
    'refused_rows_total',
    'Rows of the store that were read and are no routes.',
    (s) => s.cache.refused_rows,
  ),

  gauge('feed_up', '1: changes in the store are being heard of.', (s) => s.feed.up),
  counter('feed_changes_total', 'Changes in the store that were heard of.', (s) => s.feed.changes),
  gauge('feed_age_seconds', 'Since the store last told all changes.', (s) => seconds(s.feed.age_ms)),

  gauge(
    'snapshot_up',
    '1: the last write of the snapshot succeeded. Absent: there is none.',
    (s) => s.snapshot?.up,
  ),
  gauge('snapshot_age_seconds', 'How old the routes in the snapshot are at least.', (s) =>
    seconds(s.snapshot?.age_ms),
  ),

  each('dropped_total', 'What was lost for nobody took it in time.', 'what', (s) => s.dropped),

  gauge('resident_memory_bytes', 'Memory of the process.', (s) => s.process.resident_bytes),
  counter('cpu_seconds_total', 'Processor time of the process.', (s) => seconds(s.process.cpu_ms)),
  gauge('open_fds', 'Open file descriptors.', (s) => s.process.open_fds),
  gauge('max_fds', 'File descriptors that there may be.', (s) => s.process.max_fds),
];
