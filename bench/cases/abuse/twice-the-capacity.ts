// More than the daemon can do: first as much as it takes, then twice as much asked for, whatever becomes of it, and then
// again little. Nothing queues up in the daemon: what is too much waits with whoever asks.
import type { BenchCase } from '../../support/bench-case.js';
import { withRatios } from '../../support/figure.js';
import { throughputFigure } from '../../support/load-figures.js';
import type { LoadResult } from '../../support/load-tool.js';
import { SocketBench } from '../../support/socket-bench.js';

const WORKERS = 1;
/** Requests that are due at the same moment on one connection, as of a gateway that pipelines. */
const BURST = 16;
const RATE_AFTERWARDS_PER_SECOND = 10_000;

export const bench: BenchCase = {
  about:
    'decisions/s at the peak, with twice as much asked for, and of 10,000/s right after; ratios to the peak',
  figures: ['peak', 'twice-the-peak', 'right-after'],
  async run(context) {
    const { settings, say } = context;
    const sockets = await SocketBench.open(context);
    const server = await sockets.startDaemon(WORKERS);
    const { connections } = settings;
    const peak: LoadResult[] = [];
    const overload: LoadResult[] = [];
    const after: LoadResult[] = [];
    for (let round = 1; round <= settings.rounds; round += 1) {
      say(`as much as it takes, round ${round} of ${settings.rounds}`);
      const most = await sockets.load(server, { kind: 'closed', pipeline: BURST, connections });
      say(`twice as much, round ${round} of ${settings.rounds}`);
      const ratePerSecond = 2 * most.decisionsPerSecond;
      peak.push(most);
      overload.push(await sockets.load(server, { kind: 'open', ratePerSecond, burst: BURST, connections }));
      const little = RATE_AFTERWARDS_PER_SECOND;
      after.push(await sockets.load(server, { kind: 'open', ratePerSecond: little, connections }, 1));
    }
    const overloadFigure = throughputFigure('twice-the-peak', overload);
    return withRatios(
      [
        throughputFigure('peak', peak),
        // That not all was sent or answered in time is what this is about.
        { ...overloadFigure, problems: overload.some(({ errors }) => errors > 0) ? ['errors'] : [] },
        throughputFigure('right-after', after),
      ],
      (name) => (name === 'twice-the-peak' ? 'peak' : undefined),
    );
  },
};
