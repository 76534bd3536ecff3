// From the rounds of a socket load to its claims: medians, and ratios to the echo of the same round.
import type { LoadResult, LoadShape } from './load-tool.js';
import { type Column, formatTable, micros, whole } from './table.js';

export interface Scenario {
  readonly name: string;
  readonly shape: LoadShape;
}

/** One load on one server in one round. */
export interface Measurement {
  readonly scenario: string;
  readonly server: string;
  readonly isEcho: boolean;
  readonly round: number;
  readonly result: LoadResult;
}

/** Medians over the rounds of one scenario on one server. Ratios are to the echo of the same round; the echo's are 1. */
export interface SummaryRow {
  readonly scenario: string;
  readonly server: string;
  readonly decisionsPerSecond: number;
  readonly decisionsRatio: number;
  readonly latencyUsP50: number;
  readonly latencyUsP99: number;
  readonly latencyUsP999: number;
  readonly latencyP99Ratio: number;
  readonly generatorLateUsP99: number | null;
}

export function summarize(measurements: readonly Measurement[]): SummaryRow[] {
  const groups = new Map<string, Measurement[]>();
  for (const measurement of measurements) {
    const key = JSON.stringify([measurement.scenario, measurement.server]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [measurement]);
    else group.push(measurement);
  }
  return [...groups.values()].map((group) => summarizeGroup(group, measurements));
}

function summarizeGroup(group: readonly Measurement[], all: readonly Measurement[]): SummaryRow {
  const [first] = group;
  if (first === undefined) throw new Error('a group has at least one measurement');
  const medianOf = (figure: (result: LoadResult) => number): number =>
    median(group.map(({ result }) => figure(result)));
  const ratioOf = (figure: (result: LoadResult) => number): number =>
    median(group.map((one) => figure(one.result) / figure(echoBeside(one, all).result)));
  const late = group.map(({ result }) => result.generatorLateUs?.p99).filter((value) => value !== undefined);
  return {
    scenario: first.scenario,
    server: first.server,
    decisionsPerSecond: medianOf((result) => result.decisionsPerSecond),
    decisionsRatio: ratioOf((result) => result.decisionsPerSecond),
    latencyUsP50: medianOf((result) => result.latencyUs.p50),
    latencyUsP99: medianOf((result) => result.latencyUs.p99),
    latencyUsP999: medianOf((result) => result.latencyUs.p999),
    latencyP99Ratio: ratioOf((result) => result.latencyUs.p99),
    generatorLateUsP99: late.length === 0 ? null : median(late),
  };
}

function echoBeside(measurement: Measurement, all: readonly Measurement[]): Measurement {
  const { scenario, round } = measurement;
  const echo = all.find((other) => other.isEcho && other.scenario === scenario && other.round === round);
  if (echo === undefined) throw new Error(`no echo was measured in round ${round} of "${scenario}"`);
  return echo;
}

/** The middle value, or the mean of the two middle ones. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.floor(sorted.length / 2)];
  if (low === undefined || high === undefined) throw new Error('the median of nothing');
  return (low + high) / 2;
}

const columns: readonly Column<SummaryRow>[] = [
  { title: 'load', align: 'left', text: (row) => row.scenario },
  { title: 'server', align: 'left', text: (row) => row.server },
  { title: 'decisions/s', align: 'right', text: (row) => whole(row.decisionsPerSecond) },
  { title: 'of echo', align: 'right', text: (row) => `${whole(row.decisionsRatio * 100)} %` },
  { title: 'p50 µs', align: 'right', text: (row) => micros(row.latencyUsP50) },
  { title: 'p99 µs', align: 'right', text: (row) => micros(row.latencyUsP99) },
  { title: 'p99.9 µs', align: 'right', text: (row) => micros(row.latencyUsP999) },
  { title: 'p99 to echo', align: 'right', text: (row) => `${row.latencyP99Ratio.toFixed(2)} x` },
  {
    title: 'sent late p99 µs',
    align: 'right',
    text: (row) => (row.generatorLateUsP99 === null ? '-' : micros(row.generatorLateUsP99)),
  },
];

export function formatSummary(rows: readonly SummaryRow[]): string {
  return formatTable(columns, rows);
}
