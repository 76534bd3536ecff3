// What a soak makes of its samples.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Sample } from './sample.js';
import { growthOf, soakTable, windowsOf } from './soak-table.js';

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;

interface Look {
  readonly atMs: number;
  readonly rssMib?: number;
  readonly fds?: number;
  readonly pid?: number;
  /** Answered within a millisecond, and within ten; so far. */
  readonly answered?: readonly [number, number];
}

function sample({ atMs, rssMib = 100, fds = 50, pid = 1, answered: [one, ten] = [0, 0] }: Look): Sample {
  const percentiles = { p50: 1, p99: 2, p999: 3, max: 4 };
  return {
    ...{ atMs, ageMs: atMs },
    process: { pid, rssBytes: rssMib * MIB, fds, threads: 13 },
    metrics: {
      ...{ mainLagMs: 1, workerLagMs: 2, cpuSeconds: 3, connections: 8, staleOrgs: 0, workersStarted: 2 },
      answered: [
        { upToMs: 1, count: one },
        { upToMs: 10, count: ten },
        { upToMs: Infinity, count: ten },
      ],
    },
    traffic: {
      ...{ sent: 20, decisions: 19, stale: 1, failOpens: { timeout: 1 }, late: 2, pending: 0 },
      ...{ latencyMs: percentiles, behindMs: percentiles, heardMs: percentiles },
      ...{ unheard: 0, unheardMs: 0, problems: [] },
    },
  };
}

/** A sample a minute. */
function hour(look: (minute: number) => Omit<Look, 'atMs'>): Sample[] {
  return Array.from({ length: 61 }, (_, minute) => sample({ atMs: minute * 60_000, ...look(minute) }));
}

function windows(samples: readonly Sample[]): ReturnType<typeof windowsOf> {
  const edits = { done: 0, failed: 0 };
  const result = {
    samples,
    ranMs: HOUR_MS,
    disturbances: {},
    edits: { sql: edits, admin: edits },
    problems: [],
  };
  return windowsOf(result, HOUR_MS);
}

describe('the samples of a soak', () => {
  it('are compared in the five minutes after the warm-up and the last five', () => {
    const { first, last } = windows(hour(() => ({})));
    const minutes = [first, last].map((each) => each.map(({ atMs }) => atMs / 60_000));
    assert.deepEqual(minutes, [
      [10, 11, 12, 13, 14],
      [55, 56, 57, 58, 59],
    ]);
  });

  it('are fine when memory and descriptors go up and down', () => {
    const samples = hour((minute) => ({ rssMib: 100 + (minute % 3) * 20, fds: 50 + (minute % 2) * 4 }));
    assert.deepEqual(growthOf(windows(samples)), []);
  });

  it('are not fine when memory has grown by more than a tenth', () => {
    assert.deepEqual(growthOf(windows(hour((minute) => ({ rssMib: 100 + minute * 0.2 })))), []);
    assert.deepEqual(growthOf(windows(hour((minute) => ({ rssMib: 100 + minute * 0.25 })))), [
      'RSS grew from 103.0 to 114.3 MiB: more than 10 %',
    ]);
  });

  it('are not fine when a descriptor was left every few minutes', () => {
    assert.deepEqual(growthOf(windows(hour((minute) => ({ fds: 50 + Math.floor(minute / 4) })))), [
      'file descriptors grew from 53 to 64: more than 8',
    ]);
  });

  it('are a table of both windows and the whole', () => {
    const samples = hour((minute) => ({
      ...{ pid: minute < 5 ? 1 : 2, rssMib: 100 + minute / 10 },
      // Of a thousand in a minute all take up to a millisecond, and at the end half of them longer.
      answered: [1000 * minute - (minute < 55 ? 0 : 500 * (minute - 55)), 1000 * minute],
    }));
    const lines = soakTable(windows(samples), samples)
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    const row = (title: string): string[] => lines.find((cells) => cells.includes(title))?.slice(-3) ?? [];
    assert.deepEqual(row('minutes'), ['10.0 to 14.0', '55.0 to 59.0', '0.0 to 60.0']);
    assert.deepEqual(row('RSS, MiB'), ['101.2', '105.7', '103.0']);
    assert.deepEqual(row('decisions'), ['95', '95', '1159']);
    assert.deepEqual(row('fail-opens'), ['5', '5', '61']);
    // Evenly spread in their buckets; of two daemons there is no such figure.
    assert.deepEqual(row('in the worker p50, ms'), ['0.500', '1.000', '-']);
  });

  it('that are none are a table too', () => {
    assert.match(soakTable({ first: [], last: [] }, []), /RSS, MiB +- +- +-/);
  });
});
