// `npm run soak`: an hour of a daemon's life, with its memory, its file descriptors and its latencies at the start and at
// the end. Exit 1 if anything was seen that must never be, or if memory or descriptors grew.
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Random, anySeed } from '../support/random.js';
import type { Sample } from './sample.js';
import { scheduleOf } from './schedule.js';
import { type SoakResult, soak } from './soak.js';
import { growthOf, soakTable, windowsOf } from './soak-table.js';
import { failOpensOf } from './traffic-figures.js';

const USAGE = `usage: npm run soak [-- OPTIONS]

  --minutes N             how long (default: 60)
  --rate N                requests per second (default: 2000)
  --seed N                decides what is killed, edited and abused when (default: any)
  --resolve-timeout TIME  as of serve (default: 250ms; 50ms on a machine that does nothing else)
  --json FILE             writes all samples there`;

const SAMPLE_EVERY_MS = 10_000;
/** Of a short one, for there to be some. */
const SAMPLES_MIN = 60;

async function main(argv: readonly string[]): Promise<number> {
  const options = {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '2000' },
    seed: { type: 'string' },
    'resolve-timeout': { type: 'string', default: '250ms' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ args: [...argv], options });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const durationMs = number('minutes', values.minutes) * 60_000;
  const ratePerSecond = number('rate', values.rate);
  const seed = values.seed === undefined ? anySeed() : number('seed', values.seed);
  const interrupt = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => {
      console.error('soak: ending …');
      interrupt.abort();
    });
  }
  console.error(`soak: ${values.minutes} minutes at ${ratePerSecond} requests/s, seed ${seed}`);
  const result = await soak({
    ...{ durationMs, ratePerSecond, seed, signal: interrupt.signal },
    resolveTimeout: values['resolve-timeout'],
    schedule: scheduleOf(new Random(seed), durationMs),
    sampleEveryMs: Math.min(SAMPLE_EVERY_MS, durationMs / SAMPLES_MIN),
    onSample: (sample) => {
      console.error(sampleLine(sample));
    },
    onDisturbance: (atMs, name) => {
      console.error(`${clock(atMs)}  ${name}`);
    },
  });
  const windows = windowsOf(result, durationMs);
  // What was ended early may have warmed up only.
  const growth = interrupt.signal.aborted ? [] : growthOf(windows);
  console.log(soakTable(windows, result.samples));
  tell(result);
  if (values.json !== undefined) {
    const machine = { node: process.version, cores: cpus().length, cpu: cpus()[0]?.model, load: loadavg() };
    const all = { machine, seed, ratePerSecond, durationMs, ...result, growth };
    await writeFile(values.json, `${JSON.stringify(all)}\n`);
  }
  const problems = [...result.problems, ...growth];
  if (problems.length > 0) {
    console.error(`\nwhat must never be:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    return 1;
  }
  return interrupt.signal.aborted ? 130 : 0;
}

function tell({ ranMs, samples, edits, disturbances }: SoakResult): void {
  console.log(`\nin ${clock(ranMs)}`);
  for (const [name, count] of Object.entries(disturbances).sort()) console.log(`  ${name}: ${count}`);
  const { sql, admin } = edits;
  console.log(`  edits by SQL: ${sql.done}, and ${sql.failed} that failed`);
  console.log(`  edits through the admin API: ${admin.done}, and ${admin.failed} that failed`);
  const failOpens: Record<string, number> = {};
  for (const { traffic } of samples) {
    for (const [reason, count] of Object.entries(traffic.failOpens)) {
      failOpens[reason] = (failOpens[reason] ?? 0) + count;
    }
  }
  for (const [reason, count] of Object.entries(failOpens)) console.log(`  fail-opens, ${reason}: ${count}`);
}

function sampleLine({ atMs, process: seen, metrics, traffic }: Sample): string {
  const { latencyMs, decisions, stale, unheard, problems } = traffic;
  const parts = [
    seen === null
      ? 'no daemon'
      : `RSS ${(seen.rssBytes / 1024 / 1024).toFixed(1)} MiB  fds ${seen.fds}  threads ${seen.threads}`,
    `p50 ${latencyMs.p50.toFixed(2)}  p99 ${latencyMs.p99.toFixed(2)}  p99.9 ${latencyMs.p999.toFixed(2)} ms`,
    `decisions ${decisions}  stale ${stale}  fail-opens ${failOpensOf(traffic)}`,
    `orgs to hear of ${unheard}`,
    ...(metrics === null ? [] : [`late ${metrics.mainLagMs.toFixed(1)} ms`]),
    ...problems.slice(-1).map((problem) => `PROBLEM ${problem}`),
  ];
  return `${clock(atMs)}  ${parts.join('  ')}`;
}

function clock(atMs: number): string {
  const seconds = Math.round(atMs / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  console.error(`soak: --${name}: expected a number above 0, got ${text}\n\n${USAGE}`);
  process.exit(2);
}

process.exitCode = await main(process.argv.slice(2));
