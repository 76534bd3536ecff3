// A gateway as a process of its own: sends at a fixed rate with the client library, whatever the answers do, until its
// standard input ends, and then says what became of every request. Latency counts from when each was due.
// usage: client-load.js SOCKET ORG RATE
import { createHistogram } from 'node:perf_hooks';
import { SignalboxClient } from '../../src/client/client.js';

const [, , socketPath = '', orgId = '', rateText = ''] = process.argv;
const rate = Number(rateText);
const US_PER_MS = 1000;

const client = new SignalboxClient({ socketPath });
const latencyUs = createHistogram();
const failOpen: Record<string, number> = {};
/** How many came when, to a tenth of a second, by the clock that other processes have too. */
const failOpenAtMs: Record<number, number> = {};
const counts = { sent: 0, decided: 0, stale: 0, slowerThanDeadline: 0 };
const DEADLINE_MS = 25;

async function ask(dueMs: number): Promise<void> {
  counts.sent += 1;
  const decision = await client.resolve({ orgId, model: 'gpt-4o', inputTokens: 120, hasImages: false });
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

await client.hello();
const begunMs = performance.now();
const underWay = new Set<Promise<void>>();
const timer = setInterval(() => {
  const due = (performance.now() - begunMs) * (rate / 1000);
  while (counts.sent < due) {
    const asked: Promise<void> = ask(begunMs + (counts.sent / rate) * 1000).finally(() =>
      underWay.delete(asked),
    );
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
