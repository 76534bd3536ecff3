// A gateway as a process of its own: sends at a fixed rate with the client library, whatever the answers do, until its
// standard input ends, and then says what became of every request. Latency counts from when each was due.
// usage: client-load.js SOCKET ORG RATE
import { createHistogram } from 'node:perf_hooks';
import { SignalboxClient } from '../../src/client/client.js';

const [, , socketPath = '', orgId = '', rateText = ''] = process.argv;
const rate = Number(rateText);
const US_PER_MS = 1000;
/** No gateway is at its full rate in its first second, when nothing of it is compiled. */
const RAMP_MS = 3000;
/** Due by the end of that. */
const RAMP_REQUESTS = (rate * RAMP_MS) / 2000;

const client = new SignalboxClient({ socketPath });
const request = { orgId, model: 'gpt-4o', inputTokens: 120, hasImages: false } as const;
const latencyUs = createHistogram();
const failOpen: Record<string, number> = {};
/** How many came when, to a tenth of a second, by the clock that other processes have too. */
const failOpenAtMs: Record<number, number> = {};
const counts = { sent: 0, decided: 0, stale: 0, slowerThanDeadline: 0 };
const DEADLINE_MS = 25;

async function ask(dueMs: number): Promise<void> {
  counts.sent += 1;
  const decision = await client.resolve(request);
  const tookMs = performance.now() - dueMs;
  latencyUs.record(Math.max(1, Math.round(tookMs * US_PER_MS)));
  if (tookMs > DEADLINE_MS) counts.slowerThanDeadline += 1;
  if (decision.failOpen) {
    failOpen[decision.reason] = (failOpen[decision.reason] ?? 0) + 1;
    const atMs = Math.round((performance.timeOrigin + performance.now()) / 100) * 100;
    failOpenAtMs[atMs] = (failOpenAtMs[atMs] ?? 0) + 1;
  } else counts.decided += 1;
  if (decision.stale) counts.stale += 1;
}

// What an org's first request waits for is no matter of restarts.
while ((await client.resolve(request)).failOpen);
const begunMs = performance.now();
/** When the request of that number is due: at a rate that grows, and then stays. */
const dueAtMs = (index: number): number =>
  begunMs +
  (index < RAMP_REQUESTS
    ? Math.sqrt((2 * index * RAMP_MS * 1000) / rate)
    : (index * 1000) / rate + RAMP_MS / 2);
const underWay = new Set<Promise<void>>();
const timer = setInterval(() => {
  for (;;) {
    const dueMs = dueAtMs(counts.sent);
    if (dueMs > performance.now()) break;
    const asked: Promise<void> = ask(dueMs).finally(() => underWay.delete(asked));
    underWay.add(asked);
  }
}, 1);
console.log('ready');

process.stdin.resume().on('end', () => {
  clearInterval(timer);
  void Promise.all(underWay)
    .then(() => client.close())
    .then(() => {
      const { max } = latencyUs;
      const [p50Us, p99Us] = [latencyUs.percentile(50), latencyUs.percentile(99)];
      const result = { ...counts, failOpen, failOpenAtMs, p50Us, p99Us, maxUs: max };
      process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
    });
});
