// One load on the echo server in C and on daemons with one and two workers, in turns: what a daemon comes to beside what
// the machine and its sockets allow.
import type { BenchCase, BenchContext } from './bench-case.js';
import { type Figure, withRatios } from './figure.js';
import type { LoadResult, LoadShape } from './load-tool.js';
import { SocketBench } from './socket-bench.js';

export function besideTheEcho(
  about: string,
  shapeOf: (settings: BenchContext['settings']) => LoadShape,
  figureOf: (name: string, rounds: readonly LoadResult[]) => Figure,
): BenchCase {
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
      const results = await sockets.takeTurns(servers, shapeOf(context.settings));
      const figures = Object.entries(results).map(([name, rounds]) => figureOf(name, rounds));
      return withRatios(figures, () => 'c-echo');
    },
  };
}
