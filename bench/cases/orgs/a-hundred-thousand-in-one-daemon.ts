// A host with 100,000 tenants of 20 routes, every one of them loaded and shipped to two workers: what the process holds
// (the routes as the cache keeps them, tables, and what each worker knows of each; next to nothing of the store's, which
// makes routes when they are read), and the latency of requests for tens of thousands of them in turn, of which no table
// is near at hand. A daemon with one org beside it.
import type { BenchCase } from '../../support/bench-case.js';
import { figure, withRatios } from '../../support/figure.js';
import { latencyFigure } from '../../support/load-figures.js';
import { ORG, orgId } from '../../support/payloads.js';
import { residentBytes } from '../../support/resident-memory.js';
import { SocketBench } from '../../support/socket-bench.js';

const RATE_PER_SECOND = 50_000;
const WORKERS = 2;
const ASKED_MAX = 50_000;
const STRIDE = 7919;
const MIB = 1024 * 1024;

export const bench: BenchCase = {
  about:
    'latency at 50,000 requests/s, and resident memory, with 100,000 orgs; the ratio is of p99 to one org',
  figures: [
    'latency-1-org',
    'latency-100000-orgs',
    'memory-1-org',
    'memory-100000-orgs',
    'memory-for-each-org',
  ],
  isInReadme: true,
  async run(context) {
    const { connections, orgs } = context.settings;
    const sockets = await SocketBench.open(context);
    const asked = Array.from({ length: Math.min(ASKED_MAX, orgs) }, (_, index) =>
      orgId(1 + ((index * STRIDE) % orgs)),
    );
    const few = await sockets.startBusyDaemon(WORKERS, 1, [ORG]);
    const fewBytes = await residentBytes(few.process.pid);
    context.say(`${orgs} orgs are loaded`);
    const many = await sockets.startBusyDaemon(WORKERS, orgs, asked);
    const manyBytes = await residentBytes(many.process.pid);
    const shape = { kind: 'open', ratePerSecond: RATE_PER_SECOND, connections } as const;
    const results = await sockets.takeTurns({ few, many }, shape);
    const memory = { better: 'less', headline: 'value' } as const;
    const bytesForEach = (manyBytes - fewBytes) / (orgs - 1);
    return withRatios(
      [
        latencyFigure('latency-1-org', results.few),
        latencyFigure('latency-100000-orgs', results.many),
        figure({ ...memory, name: 'memory-1-org', unit: 'MiB', rounds: [fewBytes / MIB] }),
        figure({ ...memory, name: 'memory-100000-orgs', unit: 'MiB', rounds: [manyBytes / MIB] }),
        figure({ ...memory, name: 'memory-for-each-org', unit: 'KiB', rounds: [bytesForEach / 1024] }),
      ],
      (name) => (name === 'latency-100000-orgs' ? 'latency-1-org' : undefined),
    );
  },
};
