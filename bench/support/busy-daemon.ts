// A real daemon, workers, socket and all, around a store in memory with very many orgs of 20 typical routes: more than
// a route file could hold (many-orgs-store.ts, which costs next to nothing itself). Prints `ready` once every org's table
// has been shipped, and does what lines on its standard input say, each answered by a line:
//   publish N   from now on change N orgs a second, round robin; the change feed does the rest
//   stop        change no more; answers with the number of tables published since, a second
// Ends with its standard input.
//   node busy-daemon.js SOCKET WORKERS ORGS
import { createInterface } from 'node:readline';
import { monotonicClock } from '../../src/clock.js';
import { Daemon } from '../../src/control/daemon.js';
import { DEFAULT_MAX_FRAME_BYTES } from '../../src/protocol/messages.js';
import { ManyOrgsStore } from './many-orgs-store.js';
import { orgId } from './payloads.js';

const TICK_MS = 10;
/** Orgs that are read and shipped at a time. */
const TOGETHER = 500;

const [socketPath = '', workersText = '1', orgsText = '1'] = process.argv.slice(2);
const orgs = Number(orgsText);

const store = new ManyOrgsStore(orgs);
const daemon = await Daemon.start({
  store,
  storeUrl: 'memory:',
  socketPath,
  workers: Number(workersText),
  ttlMs: 3600_000,
  maxStaleMs: 3600_000,
  resolveTimeoutMs: 5000,
  maxFrameBytes: DEFAULT_MAX_FRAME_BYTES,
  drainTimeoutMs: 1000,
  feedIntervalMs: 100,
  onHopeless: (error) => {
    throw error;
  },
  version: 'bench',
  clock: monotonicClock,
  log: (level, event, message) => {
    // What is wrong with the daemon explains what is odd about its figures.
    if (level === 'warn' || level === 'error' || level === 'fatal') console.error(`${event}: ${message}`);
  },
});
for (let index = 1; index <= orgs; index += TOGETHER) {
  const count = Math.min(TOGETHER, orgs - index + 1);
  await Promise.all(Array.from({ length: count }, (_, other) => daemon.admin.refresh(orgId(index + other))));
}
globalThis.gc?.();

let timer: NodeJS.Timeout | undefined;
let beganAtMs = 0;
let loadsBefore = 0;

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [command, argument] = line.split(' ');
  console.log(command === 'publish' ? publish(Number(argument)) : stop());
});
lines.on('close', () => void end());
process.on('SIGTERM', () => void end());
console.log('ready');

function publish(perSecond: number): string {
  beganAtMs = performance.now();
  loadsBefore = daemon.admin.status().cache.loads;
  let changed = 0;
  timer = setInterval(() => {
    const due = Math.floor(((performance.now() - beganAtMs) / 1000) * perSecond);
    for (; changed < due; changed += 1) store.change(orgId((changed % orgs) + 1));
  }, TICK_MS);
  return 'publishing';
}

function stop(): string {
  clearInterval(timer);
  const seconds = (performance.now() - beganAtMs) / 1000;
  return String((daemon.admin.status().cache.loads - loadsBefore) / seconds);
}

async function end(): Promise<void> {
  clearInterval(timer);
  await daemon.close();
  process.exit(0);
}
