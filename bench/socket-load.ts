// Measures what a gateway sees: decisions over the Unix socket of a real daemon, against a C echo server on the same
// machine in the same run. Absolute figures belong to a machine, so the claims are ratios; and because a machine is
// not the same from one minute to the next, echo and daemons take turns, round by round. A figure is the median over
// the rounds; a ratio is taken within each round, between neighbours in time, and then the median of those.
//
//   node dist/bench/socket-load.js [--workers 1,2] [--rate 50000] [--connections 16] [--duration 5] [--rounds 3] [--json]
//
// The table goes to standard output, progress to standard error; with --json, standard output is one JSON object and
// the table goes to standard error. Exit codes: 1 when requests failed or went unanswered, 2 usage, 130 interrupted.
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ServerProcess, startDaemon, startEcho } from './support/daemon.js';
import {
  type LoadOptions,
  type LoadShape,
  type LoadTarget,
  problemsOf,
  runLoad,
} from './support/load-tool.js';
import { compileNative } from './support/native.js';
import { signalboxMain } from './support/paths.js';
import { resolveFrames, routeFileText } from './support/payloads.js';
import { type Measurement, type Scenario, formatSummary, summarize } from './support/summary.js';

const warmupSeconds = 1;
/** Frames in flight per connection in the pipelined load. */
const pipelineDepth = 16;

interface Settings {
  readonly workers: readonly number[];
  readonly ratePerSecond: number;
  readonly connections: number;
  readonly durationSeconds: number;
  readonly rounds: number;
}

class UsageError extends Error {}

const interrupt = new AbortController();

async function main(argv: readonly string[]): Promise<void> {
  const { settings, json } = readArguments(argv);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupt.abort();
    });
  }
  const measurements = await measure(settings);
  const summary = summarize(measurements);
  const table = formatSummary(summary);
  if (json) {
    process.stderr.write(table);
    process.stdout.write(
      `${JSON.stringify({ ...describeMachine(), settings: { ...settings, warmupSeconds, pipelineDepth }, summary, measurements })}\n`,
    );
  } else {
    process.stdout.write(table);
  }
  for (const { scenario, server, round, result } of measurements) {
    for (const problem of problemsOf(result)) {
      process.stderr.write(`not to be trusted: ${scenario}, ${server}, round ${round}: ${problem}\n`);
      process.exitCode = 1;
    }
  }
}

/** Starts everything, runs every scenario in every round on every server, and ends what it started. */
async function measure(settings: Settings): Promise<Measurement[]> {
  await access(signalboxMain).catch(() => {
    throw new Error(`${signalboxMain} is missing: build first (npm run build)`);
  });
  const [loadBinary, echoBinary] = await Promise.all([compileNative('load'), compileNative('echo')]);
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-bench-run-'));
  const servers: ServerProcess[] = [];
  try {
    const payloadsPath = join(directory, 'frames.bin');
    await writeFile(payloadsPath, resolveFrames());
    const targets = await startTargets(settings, directory, echoBinary, servers);
    const options = {
      binary: loadBinary,
      payloadsPath,
      durationSeconds: settings.durationSeconds,
      warmupSeconds,
      signal: interrupt.signal,
    };
    return await takeTurns(scenariosOf(settings), targets, settings.rounds, options);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await rm(directory, { recursive: true, force: true });
  }
}

type NamedTarget = LoadTarget & { readonly name: string };

/** Servers that aren't their turn are idle, and cost nothing; started anew for every turn they would be cold. */
async function startTargets(
  settings: Settings,
  directory: string,
  echoBinary: string,
  servers: ServerProcess[],
): Promise<NamedTarget[]> {
  const echoPath = join(directory, 'echo.sock');
  servers.push(await startEcho(echoBinary, echoPath));
  const targets: NamedTarget[] = [{ name: 'C echo', socketPath: echoPath, isEcho: true }];
  for (const workers of settings.workers) {
    // A route file each: two daemons needn't agree on who may write to it.
    const routeFile = join(directory, `routes-${workers}.yaml`);
    const socketPath = join(directory, `workers-${workers}.sock`);
    await writeFile(routeFile, routeFileText());
    servers.push(await startDaemon({ routeFile, socketPath, workers }));
    targets.push({ name: workers === 1 ? '1 worker' : `${workers} workers`, socketPath, isEcho: false });
  }
  return targets;
}

function scenariosOf({ connections, ratePerSecond }: Settings): Scenario[] {
  const shapes: readonly LoadShape[] = [
    { kind: 'open', ratePerSecond, connections },
    { kind: 'closed', pipeline: 1, connections },
    { kind: 'closed', pipeline: pipelineDepth, connections },
  ];
  return shapes.map((shape) => ({
    shape,
    name:
      shape.kind === 'open'
        ? `open loop, ${shape.ratePerSecond}/s`
        : `closed loop, ${shape.connections} x ${shape.pipeline}`,
  }));
}

async function takeTurns(
  scenarios: readonly Scenario[],
  targets: readonly NamedTarget[],
  rounds: number,
  options: LoadOptions,
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const scenario of scenarios) {
    for (let round = 1; round <= rounds; round++) {
      for (const target of targets) {
        process.stderr.write(`${scenario.name}, round ${round} of ${rounds}: ${target.name}\n`);
        const result = await runLoad(target, scenario.shape, options);
        measurements.push({
          scenario: scenario.name,
          server: target.name,
          isEcho: target.isEcho,
          round,
          result,
        });
      }
    }
  }
  return measurements;
}

function describeMachine(): { machine: Record<string, unknown>; node: string } {
  const processors = cpus();
  const machine = {
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryBytes: totalmem(),
    kernel: release(),
  };
  return { machine, node: process.version };
}

function readArguments(argv: readonly string[]): { settings: Settings; json: boolean } {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      workers: { type: 'string', default: '1,2' },
      rate: { type: 'string', default: '50000' },
      connections: { type: 'string', default: '16' },
      duration: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    },
  });
  const workers = values.workers.split(',').map((text) => wholeNumber('workers', text, 256));
  const settings: Settings = {
    workers: [...new Set(workers)],
    ratePerSecond: wholeNumber('rate', values.rate, 10_000_000),
    connections: wholeNumber('connections', values.connections, 4096),
    durationSeconds: wholeNumber('duration', values.duration, 3600),
    rounds: wholeNumber('rounds', values.rounds, 1000),
  };
  return { settings, json: values.json };
}

function wholeNumber(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 1 || value > most) {
    throw new UsageError(`--${flag}: expected a whole number from 1 to ${most}, got '${text}'`);
  }
  return value;
}

function exitCodeOf(error: unknown): number {
  // Whatever failed after an interrupt failed because of it: Ctrl-C reaches the servers as well.
  if (interrupt.signal.aborted) return 130;
  if (!(error instanceof Error)) return 1;
  // parseArgs' own errors have codes that start so.
  const code = 'code' in error ? String(error.code) : '';
  return error instanceof UsageError || code.startsWith('ERR_PARSE_ARGS') ? 2 : 1;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = exitCodeOf(error);
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(process.exitCode === 130 ? 'interrupted\n' : `socket-load: ${text}\n`);
}
