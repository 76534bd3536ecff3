// The curve behind the single figure: p99 at rates from leisurely to too many.
import type { BenchCase } from '../../support/bench-case.js';
import type { Figure } from '../../support/figure.js';
import { latencyFigure } from '../../support/load-figures.js';
import type { LoadResult } from '../../support/load-tool.js';
import { SocketBench } from '../../support/socket-bench.js';

const RATES = [5000, 10_000, 25_000, 50_000, 100_000, 150_000, 200_000];
const SERVERS = ['c-echo', '1-worker'] as const;

const nameOf = (server: string, rate: number): string => `${server}-at-${rate / 1000}k`;

export const bench: BenchCase = {
  about: 'latency at each of several rates over 16 connections',
  figures: RATES.flatMap((rate) => SERVERS.map((server) => nameOf(server, rate))),
  async run(context) {
    const sockets = await SocketBench.open(context);
    const servers = { 'c-echo': await sockets.startEcho(), '1-worker': await sockets.startDaemon(1) };
    const { connections, loadSeconds } = context.settings;
    const figures: Figure[] = [];
    for (const ratePerSecond of RATES) {
      const shape = { kind: 'open', ratePerSecond, connections } as const;
      const results = await sockets.takeTurns(servers, shape, loadSeconds / 2);
      for (const server of SERVERS) figures.push(curvePoint(server, ratePerSecond, results[server]));
    }
    return figures;
  },
};

/** Rates that are too many for somebody belong to the curve, so what is odd about them is no problem of the run. */
function curvePoint(server: string, rate: number, rounds: readonly LoadResult[]): Figure {
  const at = { axis: 'requests/s', x: rate, series: server } as const;
  return { ...latencyFigure(nameOf(server, rate), rounds, at), problems: [] };
}
