// From a commit in the database to the first decision by it, on every worker of two daemons. Each worker is asked over
// a connection of its own, again as soon as it has answered, so what is measured is exact to one round trip.
import { setTimeout as sleep } from 'node:timers/promises';
import { SignalboxClient } from '../../../src/client/client.js';
import { uuidBytes } from '../../../src/store/mysql/route-rows.js';
import { startMariadb } from '../../../test/support/mariadb.js';
import type { BenchCase, BenchContext } from '../../support/bench-case.js';
import { figureOfHistograms } from '../../support/figure.js';
import { histogramOf } from '../../support/histogram.js';
import { ORG } from '../../support/payloads.js';
import { SocketBench } from '../../support/socket-bench.js';

const DAEMONS = 2;
const WORKERS = 2;
/** Not in step with the change feed's own interval. */
const PAUSE_MS_MAX = 100;

export const bench: BenchCase = {
  about: 'from a commit in MariaDB until each of the two workers of two daemons decides by it',
  figures: ['two-daemons'],
  isInReadme: true,
  async run(context) {
    const { settings, say, signal } = context;
    say('a database server starts');
    const mariadb = await startMariadb({ durable: true });
    context.defer(() => mariadb.stop());
    const database = await mariadb.createDatabase();
    const clients = await connectToEveryWorker(context, mariadb.url(database));
    const insert = `INSERT INTO ${database}.signalbox_routes (org_id, name, \`then\`) VALUES (?, ?, ?)`;
    await mariadb.query(insert, [uuidBytes(ORG), 'route', JSON.stringify({ target_model: 'commit-0' })]);
    const update = `UPDATE ${database}.signalbox_routes SET \`then\` = ? WHERE org_id = ?`;
    const delaysMs: number[] = [];
    for (let commit = 1; commit <= settings.commits; commit += 1) {
      signal.throwIfAborted();
      say(`commit ${commit} of ${settings.commits}`);
      const target = `commit-${commit}`;
      await sleep(Math.random() * PAUSE_MS_MAX);
      await mariadb.query(update, [JSON.stringify({ target_model: target }), uuidBytes(ORG)]);
      const committedMs = performance.now();
      await Promise.all(clients.map((client) => untilDecided(client, target, signal)));
      delaysMs.push(performance.now() - committedMs);
    }
    return [
      figureOfHistograms({ name: 'two-daemons', unit: 'ms', headline: 'p99' }, [histogramOf(delaysMs)]),
    ];
  },
};

async function connectToEveryWorker(context: BenchContext, store: string): Promise<SignalboxClient[]> {
  const sockets = await SocketBench.open(context);
  const clients: SignalboxClient[] = [];
  for (let daemon = 0; daemon < DAEMONS; daemon += 1) {
    const { socketPath } = await sockets.startDaemon(WORKERS, store, ['--ttl', '1h']);
    // Connections go to the least busy worker, so each worker gets one.
    for (let worker = 0; worker < WORKERS; worker += 1) {
      const client = new SignalboxClient({ socketPath, deadlineMs: 10_000 });
      context.defer(() => client.close());
      await client.hello();
      clients.push(client);
    }
  }
  return clients;
}

async function untilDecided(client: SignalboxClient, target: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const { targetModel } = await client.resolve({ orgId: ORG, model: 'm' });
    if (targetModel === target) return;
    // A round trip takes a tenth of this; more questions would only take the processors from the answer.
    await sleep(1);
  }
}
