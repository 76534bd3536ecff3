// What is allocated for a decision and left to the garbage collector. Nothing is for a request itself; a read, a write
// and a turn of the loop each take some, which the requests share that come together.
import type { BenchCase } from '../../support/bench-case.js';
import { CollectedBytes } from '../../support/collected-bytes.js';
import { figure } from '../../support/figure.js';
import { problemsOf } from '../../support/load-tool.js';
import { SocketBench } from '../../support/socket-bench.js';

const PIPELINES = { 'one-at-a-time': 1, 'sixteen-at-a-time': 16 } as const;
/** Long enough for what a start allocates to be little beside it. */
const SECONDS = 4;

export const bench: BenchCase = {
  about: 'bytes that a worker allocates for a decision, by its collections under load',
  figures: Object.keys(PIPELINES),
  isInReadme: true,
  async run(context) {
    const sockets = await SocketBench.open(context);
    const figures = [];
    for (const [name, pipeline] of Object.entries(PIPELINES)) {
      context.say(name);
      const daemon = await sockets.startDaemon(1, undefined, [], ['--trace-gc']);
      const collected = new CollectedBytes(daemon.process);
      const shape = { kind: 'closed', pipeline, connections: context.settings.connections } as const;
      const result = await sockets.load(daemon, shape, SECONDS, 0);
      await daemon.process.stop();
      figures.push(
        figure({
          ...{ name, unit: 'bytes', better: 'less', headline: 'value' },
          rounds: [collected.bytes / result.decisions],
          problems: problemsOf(result),
        }),
      );
    }
    return figures;
  },
};
