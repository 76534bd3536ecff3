// What a soak sees of its daemon at one moment: what the kernel says of the process, what the daemon's metrics say, and
// what its traffic says since the last sample.
import { readFile, readdir } from 'node:fs/promises';
import { Client } from 'undici';
import { type Exposition, parseExposition, valueOf } from '../support/prometheus-text.js';
import type { SoakDaemon } from './soak-daemon.js';
import type { TrafficFigures } from './traffic-figures.js';

export interface Sample {
  /** Since the soak began. */
  readonly atMs: number;
  /** Since the daemon was started. */
  readonly ageMs: number;
  /** Null: there is none at the moment. */
  readonly process: ProcessFigures | null;
  /** Null: nobody answered. */
  readonly metrics: MetricFigures | null;
  readonly traffic: TrafficFigures;
}

export interface ProcessFigures {
  readonly pid: number;
  readonly rssBytes: number;
  readonly fds: number;
  readonly threads: number;
}

export interface MetricFigures {
  readonly mainLagMs: number;
  /** Of the worker that was latest. */
  readonly workerLagMs: number;
  readonly cpuSeconds: number;
  readonly connections: number;
  readonly staleOrgs: number;
  readonly workersStarted: number;
  /** From the read of a request to the write of its answer, since the daemon's start. */
  readonly answered: readonly LatencyCount[];
}

/** So many took at most as long; in the order of the limits, of which the last is Infinity. */
export interface LatencyCount {
  readonly upToMs: number;
  readonly count: number;
}

const MS_PER_S = 1000;

export async function takeSample(
  { pid, ageMs, adminSocket }: SoakDaemon,
  traffic: TrafficFigures,
  atMs: number,
): Promise<Sample> {
  // It may be killed at any moment.
  const [seen, metrics] = await Promise.all([
    pid === undefined ? null : processFigures(pid).catch(() => null),
    metricFigures(adminSocket).catch(() => null),
  ]);
  return { atMs, ageMs, process: seen, metrics, traffic };
}

/** Linux tells all this in files. */
async function processFigures(pid: number): Promise<ProcessFigures> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const number = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1]);
  const fds = (await readdir(`/proc/${pid}/fd`)).length;
  return { pid, rssBytes: number('VmRSS') * 1024, fds, threads: number('Threads') };
}

async function metricFigures(adminSocket: string): Promise<MetricFigures> {
  const client = new Client('http://localhost', { socketPath: adminSocket });
  try {
    const { body } = await client.request({ method: 'GET', path: '/metrics' });
    return figuresIn(parseExposition(await body.text()));
  } finally {
    await client.destroy();
  }
}

function figuresIn(metrics: Exposition): MetricFigures {
  const value = (name: string): number => valueOf(metrics, `signalbox_${name}`) ?? NaN;
  const samplesOf = (name: string): Exposition['samples'] =>
    metrics.samples.filter((sample) => sample.name === `signalbox_${name}`);
  return {
    mainLagMs: value('main_loop_lag_seconds') * MS_PER_S,
    workerLagMs: Math.max(0, ...samplesOf('worker_loop_lag_seconds').map((lag) => lag.value)) * MS_PER_S,
    cpuSeconds: value('cpu_seconds_total'),
    connections: value('connections'),
    staleOrgs: value('stale_orgs'),
    workersStarted: value('workers_started_total'),
    answered: samplesOf('request_duration_seconds_bucket').map(({ labels, value: count }) => {
      const limit = labels['le'] === '+Inf' ? Infinity : Number(labels['le']);
      return { upToMs: limit * MS_PER_S, count };
    }),
  };
}
