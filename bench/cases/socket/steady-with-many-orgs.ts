// A host with 100,000 tenants: requests for thousands of them in turn, and none of the tables near at hand. One daemon
// with few orgs beside it, in the same rounds.
import type { BenchCase } from '../../support/bench-case.js';
import { withRatios } from '../../support/figure.js';
import { latencyFigure } from '../../support/load-figures.js';
import { orgId } from '../../support/payloads.js';
import { SocketBench } from '../../support/socket-bench.js';

const RATE_PER_SECOND = 50_000;
const ASKED_MAX = 50_000;
const STRIDE = 7919;

export const bench: BenchCase = {
  about: 'latency at 50,000 requests/s with 100,000 orgs of 20 routes; the ratio is of p99 to one org',
  figures: ['1-org', '100000-orgs'],
  isInReadme: true,
  async run(context) {
    const { connections, orgs } = context.settings;
    context.say(`${orgs} orgs are loaded`);
    const sockets = await SocketBench.open(context);
    const asked = Array.from({ length: Math.min(ASKED_MAX, orgs) }, (_, index) =>
      orgId(1 + ((index * STRIDE) % orgs)),
    );
    const servers = {
      '1-org': await sockets.startDaemon(1),
      '100000-orgs': await sockets.startBusyDaemon(1, orgs, asked),
    };
    const shape = { kind: 'open', ratePerSecond: RATE_PER_SECOND, connections } as const;
    const results = await sockets.takeTurns(servers, shape);
    const figures = Object.entries(results).map(([name, rounds]) => latencyFigure(name, rounds));
    return withRatios(figures, () => '1-org');
  },
};
