// A real MariaDB, killed and started again round by round, and a time to live so short that the daemon asks it all the
// time: while it is gone the last good routes are in force, and latency is what it was.
import type { BenchCase } from '../../support/bench-case.js';
import { withRatios } from '../../support/figure.js';
import { latencyFigure } from '../../support/load-figures.js';
import type { LoadResult } from '../../support/load-tool.js';
import { ORG } from '../../support/payloads.js';
import { SocketBench } from '../../support/socket-bench.js';
import { TYPICAL_RULES } from '../../support/typical.js';
import { uuidBytes } from '../../../src/store/mysql/route-rows.js';
import { type Mariadb, startMariadb } from '../../../test/support/mariadb.js';

const RATE_PER_SECOND = 50_000;

export const bench: BenchCase = {
  about: 'latency at 50,000 requests/s with the database up and down; the ratio is of p99 to up',
  figures: ['up', 'down'],
  isInReadme: true,
  async run(context) {
    const { settings, say } = context;
    say('a database server starts');
    const sockets = await SocketBench.open(context);
    const mariadb = await startMariadb({ durable: true });
    context.defer(() => mariadb.stop());
    const database = await mariadb.createDatabase();
    const server = await sockets.startDaemon(1, mariadb.url(database), ['--ttl', '1s']);
    await insertRoutes(mariadb, database);
    const shape = {
      kind: 'open',
      ratePerSecond: RATE_PER_SECOND,
      connections: settings.connections,
    } as const;
    const up: LoadResult[] = [];
    const down: LoadResult[] = [];
    for (let round = 1; round <= settings.rounds; round += 1) {
      say(`up, round ${round} of ${settings.rounds}`);
      up.push(await sockets.load(server, shape));
      say(`down, round ${round} of ${settings.rounds}`);
      await mariadb.kill();
      down.push(await sockets.load(server, shape));
      if (round < settings.rounds) await mariadb.restart();
    }
    return withRatios([latencyFigure('up', up), latencyFigure('down', down)], () => 'up');
  },
};

async function insertRoutes(mariadb: Mariadb, database: string): Promise<void> {
  const insert = `INSERT INTO ${database}.signalbox_routes (org_id, name, priority, \`when\`, \`then\`) VALUES (?, ?, ?, ?, ?)`;
  for (const [index, { name, when, then }] of TYPICAL_RULES.entries()) {
    const priority = TYPICAL_RULES.length - index;
    await mariadb.query(insert, [uuidBytes(ORG), name, priority, JSON.stringify(when), JSON.stringify(then)]);
  }
}
