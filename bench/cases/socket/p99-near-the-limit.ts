// What a gateway sees at a steady rate: the k-th request is due at its moment whatever became of the others, and its
// latency counts from then. The limit is an echo server in C, in the same rounds.
import type { BenchCase } from '../../support/bench-case.js';
import { withRatios } from '../../support/figure.js';
import { latencyFigure } from '../../support/load-figures.js';
import { SocketBench } from '../../support/socket-bench.js';

const RATE_PER_SECOND = 50_000;

export const bench: BenchCase = {
  about: 'latency at 50,000 requests/s over 16 connections; the ratio is of p99 to the echo',
  figures: ['c-echo', '1-worker', '2-workers'],
  isInReadme: true,
  async run(context) {
    const sockets = await SocketBench.open(context);
    const servers = {
      'c-echo': await sockets.startEcho(),
      '1-worker': await sockets.startDaemon(1),
      '2-workers': await sockets.startDaemon(2),
    };
    const { connections } = context.settings;
    const results = await sockets.takeTurns(servers, {
      kind: 'open',
      ratePerSecond: RATE_PER_SECOND,
      connections,
    });
    const figures = Object.entries(results).map(([name, rounds]) => latencyFigure(name, rounds));
    return withRatios(figures, () => 'c-echo');
  },
};
