// How much one worker takes before the tail gives way: the highest rate that keeps p99 under 100 µs, 250 µs and 1 ms,
// and the same for the echo; 0 where not even the least rate does. Found by search; good to a tenth, on a quiet machine.
import type { BenchCase } from '../../support/bench-case.js';
import { type Figure, figure, withRatios } from '../../support/figure.js';
import { RateSearch } from '../../support/rate-search.js';
import { SocketBench } from '../../support/socket-bench.js';

const BOUNDS_US = [100, 250, 1000];
const SERVERS = ['c-echo', '1-worker'] as const;
const LEAST_RATE = 5000;
const MOST_RATE = 640_000;
/** A probe is shorter than other loads: there are many. */
const PROBE_SHARE = 0.4;
/** A generator that sends less than this part of the rate isn't sending it. */
const SENT_SHARE = 0.99;

export const bench: BenchCase = {
  about: 'highest rate, over 16 connections, that keeps p99 under a bound; the ratio is to the echo',
  figures: BOUNDS_US.flatMap((bound) => SERVERS.map((server) => `${server}-${bound}us`)),
  isInReadme: true,
  async run(context) {
    const { settings, say } = context;
    const sockets = await SocketBench.open(context);
    const servers = { 'c-echo': await sockets.startEcho(), '1-worker': await sockets.startDaemon(1) };
    const searches = SERVERS.map((name) => {
      const probe = async (ratePerSecond: number): Promise<number> => {
        say(`${name} at ${ratePerSecond}/s`);
        const shape = { kind: 'open', ratePerSecond, connections: settings.connections } as const;
        const result = await sockets.load(servers[name], shape, settings.loadSeconds * PROBE_SHARE);
        const isSent = result.sentPerSecond >= SENT_SHARE * ratePerSecond;
        return isSent && result.unanswered + result.errors === 0 ? result.latencyUs.p99 : Infinity;
      };
      return { name, search: new RateSearch(probe) };
    });
    const figures: Figure[] = [];
    for (const bound of BOUNDS_US) {
      for (const { name, search } of searches) {
        const rate = await search.highestUnder(bound, LEAST_RATE, MOST_RATE);
        const value = { unit: '/s', better: 'more', headline: 'value', rounds: [rate] } as const;
        figures.push(figure({ name: `${name}-${bound}us`, ...value }));
      }
    }
    return withRatios(figures, (name) => name.replace('1-worker', 'c-echo'));
  },
};
