// Restarts under load: two gateways with the client library and one that knows no more than frames and goaway send at
// a fixed rate while the service is restarted, again and again. What is sent before the first restart is the control:
// what a machine loses without one is the machine's.
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryPath } from '../support/paths.js';
import { GATEWAY_SOCKET, type SystemdMachine } from '../support/systemd-machine.js';
import { LoadProcess, type LoadResult } from './load-process.js';
import { spread } from './spread.js';

const GATEWAYS = 2;
const MINIMAL_RATE = 1000;

/** Traffic between two restarts, and at the end: long enough for clients to take the one before for over. */
const PAUSE_MS = 2500;

export interface RestartOptions {
  readonly orgId: string;
  readonly restarts: number;
  /** Of all loads together, a second. */
  readonly rate: number;
  /** How long there is traffic before the first restart. */
  readonly quietMs: number;
}

interface RestartTime {
  readonly begunAtMs: number;
  readonly tookMs: number;
}

/** Prints what came of every request; resolves with the number of those that got no decision. */
export async function restartUnderLoad(machine: SystemdMachine, options: RestartOptions): Promise<number> {
  const { restarts, rate, quietMs } = options;
  const running = await startLoads(machine.path(GATEWAY_SOCKET), options);
  await sleep(quietMs);
  const times: RestartTime[] = [];
  for (let index = 1; index <= restarts; index += 1) {
    const begunAtMs = performance.timeOrigin + performance.now();
    await machine.must('systemctl restart signalbox.service');
    const tookMs = performance.timeOrigin + performance.now() - begunAtMs;
    times.push({ begunAtMs, tookMs });
    console.error(`restart ${index} of ${restarts}: ${Math.round(tookMs)} ms`);
    await sleep(PAUSE_MS);
  }
  const results: (readonly [string, LoadResult])[] = [];
  for (const load of running) results.push([load.name, await load.stop()]);

  const took = spread(times.map(({ tookMs }) => tookMs));
  console.log(`\n${restarts} × systemctl restart at ${rate} requests/s; each took ${took} ms\n`);
  console.table(Object.fromEntries(results.map(([name, result]) => [name, row(result)])));
  const forced = (await machine.journal()).match(/"event":"drain.forced"/g)?.length ?? 0;
  console.log(`${forced} drains were forced`);
  for (const [name, { failOpen = {}, failOpenAtMs = {} }] of results) {
    for (const [why, count] of Object.entries(failOpen)) console.log(`${name}: ${count} fail-open, ${why}`);
    for (const moment of moments(failOpenAtMs, times)) console.log(`  ${moment}`);
  }
  return results.reduce((sum, [, { sent, decided }]) => sum + sent - decided, 0);
}

function startLoads(socketPath: string, { orgId, rate }: RestartOptions): Promise<LoadProcess[]> {
  const each = (rate - MINIMAL_RATE) / GATEWAYS;
  const gateways = Array.from({ length: GATEWAYS }, (_, index) =>
    LoadProcess.start(`client library ${index + 1}`, process.execPath, [
      repositoryPath('dist/test/restarts/client-load.js'),
      ...[socketPath, orgId, String(each)],
    ]),
  );
  const minimal = LoadProcess.start('goaway only', 'python3', [
    repositoryPath('test/support/goaway-client.py'),
    ...[socketPath, orgId, String(MINIMAL_RATE)],
  ]);
  return Promise.all([...gateways, minimal]);
}

/** A line for the time before the first restart, and one for each restart after which there were some. */
function moments(
  countsAtMs: Readonly<Record<string, number>>,
  restarts: readonly RestartTime[],
): readonly string[] {
  const counts = Object.entries(countsAtMs).map(([atMs, count]) => [Number(atMs), count] as const);
  return [undefined, ...restarts].flatMap((restart, index) => {
    const endAtMs = restarts[index]?.begunAtMs ?? Infinity;
    const begunAtMs = restart?.begunAtMs ?? -Infinity;
    const within = counts.filter(([atMs]) => atMs >= begunAtMs && atMs < endAtMs);
    const total = within.reduce((sum, [, count]) => sum + count, 0);
    if (total === 0) return [];
    const seconds = within.map(([atMs]) => Math.abs(atMs - (restart?.begunAtMs ?? endAtMs)) / 1000);
    const [least, most] = [Math.min(...seconds), Math.max(...seconds)].map((at) => at.toFixed(1));
    return restart === undefined
      ? [`${total} of them ${most} to ${least} s before the first restart`]
      : [`${total} of them ${least} to ${most} s after restart ${index} began`];
  });
}

function row(result: LoadResult): Record<string, number> {
  const { sent, decided, failOpen = {}, errors = 0, lost = 0, refused = 0, p50Us, p99Us, maxUs } = result;
  return {
    sent,
    decided,
    'fail-open': Object.values(failOpen).reduce((sum, count) => sum + count, 0),
    'errors, lost, refused': errors + lost + refused,
    'p50 µs': p50Us,
    'p99 µs': p99Us,
    'max ms': Math.round(maxUs / 1000),
  };
}
