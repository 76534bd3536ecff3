// What the others notice of one client that behaves as badly as it can. They are connected to both workers when it comes,
// and it is on one; each way takes its turn after a quiet one. The abuser is a process beside daemon and load generator, and costs the machine
// what any process would; the figure of a busy neighbour, which never talks to the daemon, says how much that is.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ABUSES, type Abuse, abusedRouteFileText } from '../../support/abuse.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchCase } from '../../support/bench-case.js';
import { withRatios } from '../../support/figure.js';
import { latencyFigure } from '../../support/load-figures.js';
import type { LoadResult } from '../../support/load-tool.js';
import { ServerProcess } from '../../support/server-process.js';
import { SocketBench } from '../../support/socket-bench.js';

/** What the gateways of a large host ask; low enough for the load generator to sleep in between. */
const RATE_PER_SECOND = 5000;
const WORKERS = 2;
/** Enough for a process to start, and to be at it. */
const WARMUP_SECONDS = 0.6;
/** After the abuse, before the next. */
const PAUSE_MS = 100;

export const bench: BenchCase = {
  about: 'latency of the others at 5,000 requests/s beside one abusive client; the ratio is of p99 to quiet',
  figures: ['quiet', ...ABUSES],
  async run(context) {
    const { settings, say, directory, signal } = context;
    const sockets = await SocketBench.open(context);
    // There are many ways, and all of them are to be tried within a minute.
    const seconds = 0.7 * settings.loadSeconds;
    const routeFile = join(directory, 'abused.yaml');
    await writeFile(routeFile, abusedRouteFileText());
    const server = await sockets.startDaemon(WORKERS, `file:${routeFile}`);
    const shape = {
      kind: 'open',
      ratePerSecond: RATE_PER_SECOND,
      connections: settings.connections,
    } as const;
    const quiet: LoadResult[] = [];
    const abused = new Map<Abuse, LoadResult[]>(ABUSES.map((way) => [way, []]));
    for (let round = 1; round <= settings.rounds; round += 1) {
      say(`quiet, round ${round} of ${settings.rounds}`);
      quiet.push(await sockets.load(server, shape, seconds, WARMUP_SECONDS));
      for (const way of ABUSES) {
        say(`${way}, round ${round} of ${settings.rounds}`);
        const loaded = sockets.load(server, shape, seconds, WARMUP_SECONDS);
        // Whoever interrupts both is told by the other.
        loaded.catch(() => undefined);
        const args = [server.socketPath, way, routeFile];
        const abuser = await ServerProcess.startOwn(way, 'support/abuser.js', args, signal);
        try {
          abused.get(way)?.push(await loaded);
        } finally {
          await abuser.stop();
        }
        // What it has left undone must not be the next one's.
        await sleep(PAUSE_MS);
        await sockets.settled(server);
      }
    }
    const figures = [...abused].map(([way, results]) => latencyFigure(way, results));
    return withRatios([latencyFigure('quiet', quiet), ...figures], () => 'quiet');
  },
};
