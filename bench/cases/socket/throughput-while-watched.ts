// What it costs to be looked at: decisions a second while nobody looks on, while somebody taps, and with a decision log,
// of one decision in a hundred and of all. A worker tells at most 10,000 decisions a second; the rest is dropped and
// counted, so that all costs little more than much. The tap is a process of its own on the same machine, and takes
// its share of the cores.
import { join } from 'node:path';
import type { BenchCase } from '../../support/bench-case.js';
import { withRatios } from '../../support/figure.js';
import { throughputFigure } from '../../support/load-figures.js';
import { signalboxMain } from '../../support/paths.js';
import { ServerProcess } from '../../support/server-process.js';
import { SocketBench } from '../../support/socket-bench.js';

const PIPELINE = 16;

export const bench: BenchCase = {
  about: 'decisions/s of one worker, 16 requests in flight, while somebody looks on; the ratio is to nobody',
  figures: ['nobody', 'tap-1-percent', 'tap-all', 'decision-log-1-percent', 'decision-log-all'],
  async run(context) {
    const sockets = await SocketBench.open(context);
    const path = (name: string): string => join(context.directory, name);
    const tapped = async (name: string, sample: string): ReturnType<SocketBench['startDaemon']> => {
      const admin = path(`${name}.admin`);
      const server = await sockets.startDaemon(1, undefined, ['--admin', admin]);
      const args = [signalboxMain, 'tap', '--json', '--admin', admin, '--sample', sample];
      const isReady = (line: string): boolean => line.includes('dropped');
      const tap = await ServerProcess.start(name, process.execPath, args, isReady, context.signal);
      context.defer(() => tap.stop());
      return server;
    };
    const logged = (name: string, sample: string): ReturnType<SocketBench['startDaemon']> =>
      sockets.startDaemon(1, undefined, ['--decision-log', path(name), '--decision-log-sample', sample]);
    const servers = {
      nobody: await sockets.startDaemon(1),
      'tap-1-percent': await tapped('tap-1-percent', '0.01'),
      'tap-all': await tapped('tap-all', '1'),
      'decision-log-1-percent': await logged('decision-log-1-percent', '0.01'),
      'decision-log-all': await logged('decision-log-all', '1'),
    };
    const { connections } = context.settings;
    const results = await sockets.takeTurns(servers, { kind: 'closed', pipeline: PIPELINE, connections });
    const figures = Object.entries(results).map(([name, rounds]) => throughputFigure(name, rounds));
    return withRatios(figures, () => 'nobody');
  },
};
