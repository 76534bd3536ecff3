// A closed loop on the echo and on daemons with one and two workers: right for throughput, blind to queueing.
import type { BenchCase } from './bench-case.js';
import { withRatios } from './figure.js';
import { throughputFigure } from './load-figures.js';
import { SocketBench } from './socket-bench.js';

export function throughputCase(about: string, pipeline: number): BenchCase {
  return {
    about,
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
      const results = await sockets.takeTurns(servers, { kind: 'closed', pipeline, connections });
      const figures = Object.entries(results).map(([name, rounds]) => throughputFigure(name, rounds));
      return withRatios(figures, () => 'c-echo');
    },
  };
}
