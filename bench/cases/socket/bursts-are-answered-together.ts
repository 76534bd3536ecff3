// Pipelined, at a fixed rate: 16 requests are due at once on one connection, as from a gateway that batches.
import type { BenchCase } from '../../support/bench-case.js';
import { withRatios } from '../../support/figure.js';
import { latencyFigure } from '../../support/load-figures.js';
import { SocketBench } from '../../support/socket-bench.js';

const RATE_PER_SECOND = 100_000;
const BURST = 16;

export const bench: BenchCase = {
  about: 'latency at 100,000 requests/s in bursts of 16; the ratio is of p99 to the echo',
  figures: ['c-echo', '1-worker'],
  isInReadme: true,
  async run(context) {
    const sockets = await SocketBench.open(context);
    const servers = { 'c-echo': await sockets.startEcho(), '1-worker': await sockets.startDaemon(1) };
    const { connections } = context.settings;
    const results = await sockets.takeTurns(servers, {
      kind: 'open',
      ratePerSecond: RATE_PER_SECOND,
      connections,
      burst: BURST,
    });
    const figures = Object.entries(results).map(([name, rounds]) => latencyFigure(name, rounds));
    return withRatios(figures, () => 'c-echo');
  },
};
