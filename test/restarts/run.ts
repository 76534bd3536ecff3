// `npm run test:restarts`: what a restart costs the gateways, under a real systemd with the units as they are shipped:
// twenty `systemctl restart` under 20,000 requests a second, two gateways with the client library and one that knows
// no more than frames and goaway; then kill -9, again and again. Prints what became of every request, and exits 1 if
// one was lost. Needs root on Linux, and Python 3.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SignalboxClient } from '../../src/client/client.js';
import { repositoryPath } from '../support/paths.js';
import { GATEWAY_SOCKET, SystemdMachine, whyNoMachine } from '../support/systemd-machine.js';
import { LoadProcess, type LoadResult } from './load-process.js';

const ORG = '0190a000-0000-7000-8000-000000000001';
const GATEWAYS = 2;
const MINIMAL_RATE = 1000;

/** Traffic between two restarts, and at the end. */
const PAUSE_MS = 1500;

const { values } = parseArgs({
  options: {
    restarts: { type: 'string', default: '20' },
    kills: { type: 'string', default: '100' },
    rate: { type: 'string', default: '20000' },
  },
});
const [restarts, kills, rate] = [Number(values.restarts), Number(values.kills), Number(values.rate)];

const reason = await whyNoMachine();
if (reason !== undefined) {
  console.error(`signalbox: ${reason}`);
  process.exit(1);
}

await using machine = await SystemdMachine.start();
await machine.must('systemctl start signalbox.socket signalbox-admin.socket signalbox.service');
const socketPath = machine.path(GATEWAY_SOCKET);
const losses = restarts === 0 ? 0 : await restartUnderLoad();
const failures = kills === 0 ? 0 : await killAgainAndAgain();
process.exitCode = losses + failures > 0 ? 1 : 0;

async function restartUnderLoad(): Promise<number> {
  const each = (rate - MINIMAL_RATE) / GATEWAYS;
  const loads = [
    ...Array.from({ length: GATEWAYS }, (_, index) =>
      LoadProcess.start(`client library ${index + 1}`, process.execPath, [
        repositoryPath('dist/test/restarts/client-load.js'),
        ...[socketPath, ORG, String(each)],
      ]),
    ),
    LoadProcess.start('goaway only', 'python3', [
      repositoryPath('test/support/goaway-client.py'),
      ...[socketPath, ORG, String(MINIMAL_RATE)],
    ]),
  ];
  const running = await Promise.all(loads);
  await sleep(PAUSE_MS);
  const tookMs: number[] = [];
  for (let index = 1; index <= restarts; index += 1) {
    const begunMs = performance.now();
    await machine.must('systemctl restart signalbox.service');
    tookMs.push(performance.now() - begunMs);
    console.error(`restart ${index} of ${restarts}: ${Math.round(tookMs.at(-1) ?? 0)} ms`);
    await sleep(PAUSE_MS);
  }
  const results: (readonly [string, LoadResult])[] = [];
  for (const load of running) results.push([load.name, await load.stop()]);
  console.log(`\n${restarts} × systemctl restart at ${rate} requests/s; each took ${spread(tookMs)} ms\n`);
  console.table(Object.fromEntries(results.map(([name, result]) => [name, row(result)])));
  const journal = await machine.journal();
  const forced = journal.match(/"event":"drain.forced"/g)?.length ?? 0;
  console.log(`${forced} drains were forced`);
  for (const [name, { failOpen = {} }] of results) {
    for (const [why, count] of Object.entries(failOpen)) console.log(`${name}: ${count} fail-open, ${why}`);
  }
  return results.reduce((sum, [, { sent, decided }]) => sum + sent - decided, 0);
}

/** How long after a kill -9 the next who connects is answered. */
async function killAgainAndAgain(): Promise<number> {
  const tookMs: number[] = [];
  let failed = 0;
  for (let index = 1; index <= kills; index += 1) {
    const client = new SignalboxClient({ socketPath, deadlineMs: 30_000 });
    await client.hello();
    const pid = await machine.mainPid();
    const begunMs = performance.now();
    await machine.must(`kill -9 ${pid}`);
    const { failOpen } = await client.resolve({ orgId: ORG, model: 'gpt-4o' });
    tookMs.push(performance.now() - begunMs);
    if (failOpen) failed += 1;
    await client.close();
    // What is killed while it starts is started again just so, but that isn't what is measured.
    await machine.must('systemctl is-active --wait signalbox.service >/dev/null || sleep 0.2');
    if (index % 10 === 0) console.error(`kill ${index} of ${kills}`);
  }
  console.log(`\n${kills} × kill -9: answered again after ${spread(tookMs)} ms; ${failed} not\n`);
  return failed;
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

function spread(values: readonly number[]): string {
  const ordered = values.map(Math.round).sort((a, b) => a - b);
  const at = (part: number): number =>
    ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * part))] ?? 0;
  return `${at(0)} to ${at(1)} (median ${at(0.5)}, p99 ${at(0.99)})`;
}
