// A thousand orgs, each changed once a second and read, compiled and shipped to the worker while requests come for
// sixteen of them. Quiet and busy take turns on one daemon.
import type { BenchCase } from '../../support/bench-case.js';
import { withRatios } from '../../support/figure.js';
import { latencyFigure } from '../../support/load-figures.js';
import type { LoadResult } from '../../support/load-tool.js';
import { orgId } from '../../support/payloads.js';
import { SocketBench } from '../../support/socket-bench.js';

const RATE_PER_SECOND = 50_000;
const PUBLICATIONS_PER_SECOND = 1000;
const ORGS = 1000;
const ASKED = Array.from({ length: 16 }, (_, index) => orgId(1 + index * 61));

export const bench: BenchCase = {
  about: 'latency at 50,000 requests/s while 1,000 tables/s are published; the ratio is of p99 to quiet',
  figures: ['quiet', '1000-tables-a-second'],
  isInReadme: true,
  async run(context) {
    const { settings, say } = context;
    const sockets = await SocketBench.open(context);
    const server = await sockets.startBusyDaemon(1, ORGS, ASKED);
    const shape = {
      kind: 'open',
      ratePerSecond: RATE_PER_SECOND,
      connections: settings.connections,
    } as const;
    const quiet: LoadResult[] = [];
    const busy: LoadResult[] = [];
    const problems: string[] = [];
    for (let round = 1; round <= settings.rounds; round += 1) {
      say(`quiet, round ${round} of ${settings.rounds}`);
      quiet.push(await sockets.load(server, shape));
      say(`busy, round ${round} of ${settings.rounds}`);
      await server.process.ask(`publish ${PUBLICATIONS_PER_SECOND}`);
      busy.push(await sockets.load(server, shape));
      const published = Math.round(Number(await server.process.ask('stop')));
      if (published < PUBLICATIONS_PER_SECOND * 0.9)
        problems.push(`only ${published} tables/s were published`);
    }
    const busyFigure = latencyFigure('1000-tables-a-second', busy);
    const figures = [
      latencyFigure('quiet', quiet),
      { ...busyFigure, problems: [...busyFigure.problems, ...problems] },
    ];
    return withRatios(figures, () => 'quiet');
  },
};
