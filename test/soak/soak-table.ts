// A soak's first minutes after its warm-up against its last, as a table, and what of it is too much. Pure.
import { formatTable } from '../../src/cli/output/table.js';
import type { LatencyCount, Sample } from './sample.js';
import { WARM_UP_PART } from './schedule.js';
import type { SoakResult } from './soak.js';
import { type TrafficFigures, failOpensOf } from './traffic-figures.js';
import { median } from '../support/median.js';

/** Both windows are as long: this part of the whole, and at most so much. */
const WINDOW_PART = 1 / 6;
const WINDOW_MS_MAX = 300_000;

const RSS_GROWTH_MAX = 0.1;

/** Connections to the database come and go. */
const FD_GROWTH_MAX = 8;

type Samples = readonly Sample[];

export interface Windows {
  readonly first: Samples;
  readonly last: Samples;
}

export function windowsOf({ samples, ranMs }: SoakResult, durationMs: number): Windows {
  const lengthMs = Math.min(WINDOW_MS_MAX, durationMs * WINDOW_PART);
  const within = (fromMs: number): Samples =>
    samples.filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + lengthMs);
  return { first: within(durationMs * WARM_UP_PART), last: within(ranMs - lengthMs) };
}

/** What has grown too much. */
export function growthOf({ first, last }: Windows): string[] {
  const problems: string[] = [];
  const [rssBefore, rssAfter] = [rss(first), rss(last)];
  if (rssAfter > rssBefore * (1 + RSS_GROWTH_MAX)) {
    const percent = RSS_GROWTH_MAX * 100;
    problems.push(
      `RSS grew from ${rssBefore.toFixed(1)} to ${rssAfter.toFixed(1)} MiB: more than ${percent} %`,
    );
  }
  const [fdsBefore, fdsAfter] = [fds(first), fds(last)];
  if (fdsAfter > fdsBefore + FD_GROWTH_MAX) {
    problems.push(`file descriptors grew from ${fdsBefore} to ${fdsAfter}: more than ${FD_GROWTH_MAX}`);
  }
  return problems;
}

interface Row {
  readonly title: string;
  readonly of: (samples: Samples) => number;
  readonly digits?: number;
}

const MIB = 1024 * 1024;

const rss = of(({ process }) => process && process.rssBytes / MIB, median);
const fds = of(({ process }) => process?.fds, median);

/** Latencies are of each sample's interval, and the middle one of those is told: the machine may do other things. */
const ROWS: readonly Row[] = [
  { title: "daemon's age, s", of: of(({ ageMs }) => ageMs / 1000, most) },
  { title: 'RSS, MiB', of: rss, digits: 1 },
  { title: '  least', of: of(({ process }) => process && process.rssBytes / MIB, least), digits: 1 },
  { title: '  most', of: of(({ process }) => process && process.rssBytes / MIB, most), digits: 1 },
  { title: 'file descriptors', of: fds },
  { title: '  most', of: of(({ process }) => process?.fds, most) },
  { title: 'threads', of: of(({ process }) => process?.threads, median) },
  { title: 'latency p50, ms', of: of(({ traffic }) => traffic.latencyMs.p50, median), digits: 2 },
  { title: '  p99', of: of(({ traffic }) => traffic.latencyMs.p99, median), digits: 2 },
  { title: '  p99.9', of: of(({ traffic }) => traffic.latencyMs.p999, median), digits: 2 },
  { title: '  of it before sending, p99', of: of(({ traffic }) => traffic.behindMs.p99, median), digits: 2 },
  { title: 'in the worker p50, ms', of: (samples) => inWorker(samples, 0.5), digits: 3 },
  { title: '  p99', of: (samples) => inWorker(samples, 0.99), digits: 3 },
  { title: '  p99.9', of: (samples) => inWorker(samples, 0.999), digits: 3 },
  { title: 'edit to decision p50, ms', of: of(({ traffic }) => traffic.heardMs.p50, median), digits: 1 },
  { title: 'main loop late, ms', of: of(({ metrics }) => metrics?.mainLagMs, median), digits: 1 },
  { title: 'worker loop late, ms', of: of(({ metrics }) => metrics?.workerLagMs, median), digits: 1 },
  { title: 'decisions', of: total(({ decisions }) => decisions) },
  { title: '  stale', of: total(({ stale }) => stale) },
  { title: 'fail-opens', of: total(failOpensOf) },
  { title: 'answers after 25 ms', of: total(({ late }) => late) },
];

export function soakTable({ first, last }: Windows, all: Samples): string {
  const parts = [first, last, all];
  return formatTable(
    [
      { title: '' },
      ...['first minutes', 'last minutes', 'all'].map((title) => ({ title, align: 'right' as const })),
    ],
    [
      ['minutes', ...parts.map(minutesOf)],
      ...ROWS.map((row) => [row.title, ...parts.map((part) => cell(row.of(part), row.digits))]),
    ],
  );
}

function minutesOf(samples: Samples): string {
  const [from, to] = [samples[0], samples.at(-1)].map((sample) => (sample?.atMs ?? NaN) / 60_000);
  return from === undefined || to === undefined || Number.isNaN(from)
    ? '-'
    : `${from.toFixed(1)} to ${to.toFixed(1)}`;
}

function cell(value: number, digits = 0): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '-';
}

/** One number of the samples that have it. */
function of(
  read: (sample: Sample) => number | null | undefined,
  reduce: (values: readonly number[]) => number,
): (samples: Samples) => number {
  return (samples) => reduce(samples.map(read).filter((value) => value !== null && value !== undefined));
}

function total(read: (traffic: TrafficFigures) => number): (samples: Samples) => number {
  return (samples) => samples.reduce((sum, { traffic }) => sum + read(traffic), 0);
}

function least(values: readonly number[]): number {
  return Math.min(...values);
}

function most(values: readonly number[]): number {
  return Math.max(...values);
}

/**
 * Of what was answered between the first and the last of the samples, if one daemon did so: NaN otherwise. As
 * Prometheus's histogram_quantile: in a bucket, all are taken to be spread evenly.
 */
function inWorker(samples: Samples, share: number): number {
  const told = samples.filter(({ metrics, process }) => metrics !== null && process !== null);
  const [from, to] = [told[0], told.at(-1)];
  if (from === undefined || to === undefined || from.process?.pid !== to.process?.pid) return NaN;
  const before = from.metrics?.answered ?? [];
  const counts = (to.metrics?.answered ?? []).map(({ upToMs, count }, index): LatencyCount => {
    return { upToMs, count: count - (before[index]?.count ?? 0) };
  });
  const rank = share * (counts.at(-1)?.count ?? 0);
  const at = counts.findIndex(({ count }) => count >= rank);
  const [below, bucket] = [counts[at - 1] ?? { upToMs: 0, count: 0 }, counts[at]];
  if (bucket === undefined || rank === 0) return NaN;
  if (bucket.upToMs === Infinity) return below.upToMs;
  const part = (rank - below.count) / (bucket.count - below.count);
  return below.upToMs + part * (bucket.upToMs - below.upToMs);
}
