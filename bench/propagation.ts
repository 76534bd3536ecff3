// From a commit in the database to the first decision by it, on every worker of two daemons. Each worker is asked over
// a connection of its own, again as soon as it has answered, so what is measured is exact to one round trip.
//   node dist/bench/propagation.js [--commits 500] [--json]
// Starts a database server of its own (see test/support/mariadb.ts).
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { SignalboxClient } from '../src/client/client.js';
import { uuidBytes } from '../src/store/mysql/route-rows.js';
import { startMariadb } from '../test/support/mariadb.js';
import { repositoryPath } from './support/paths.js';

const ORG = '0190a000-0000-7000-8000-000000000001';
const DAEMONS = 2;
const WORKERS = 2;

const { values } = parseArgs({
  options: { commits: { type: 'string', default: '500' }, json: { type: 'boolean', default: false } },
});
const commits = Number(values.commits);

const server = await startMariadb({ durable: true });
const children: ChildProcess[] = [];
try {
  const database = await server.createDatabase();
  const clients: SignalboxClient[] = [];
  for (let daemon = 0; daemon < DAEMONS; daemon += 1) {
    const socketPath = `${server.socketPath}.${daemon}`;
    children.push(await startDaemon(server.url(database), socketPath));
    // Connections go to the least busy worker, so each worker gets one.
    for (let worker = 0; worker < WORKERS; worker += 1) {
      const client = new SignalboxClient({ socketPath, deadlineMs: 10_000 });
      await client.hello();
      clients.push(client);
    }
  }
  const insert = `INSERT INTO ${database}.signalbox_routes (org_id, name, \`then\`) VALUES (?, ?, ?)`;
  await server.query(insert, [uuidBytes(ORG), 'route', JSON.stringify({ target_model: 'commit-0' })]);
  const update = `UPDATE ${database}.signalbox_routes SET \`then\` = ? WHERE org_id = ?`;

  const delaysMs: number[] = [];
  for (let commit = 1; commit <= commits; commit += 1) {
    const target = `commit-${commit}`;
    // Not in step with the feed's own interval.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
    await server.query(update, [JSON.stringify({ target_model: target }), uuidBytes(ORG)]);
    const committedMs = performance.now();
    await Promise.all(clients.map((client) => untilDecided(client, target)));
    delaysMs.push(performance.now() - committedMs);
    if (process.stderr.isTTY) process.stderr.write(`\r${commit} of ${commits} commits`);
  }
  if (process.stderr.isTTY) process.stderr.write('\n');
  for (const client of clients) await client.close();
  report(delaysMs);
} finally {
  for (const child of children) {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'close');
  }
  await server.stop();
}

async function startDaemon(store: string, socket: string): Promise<ChildProcess> {
  const flags = ['--store', store, '--socket', socket, '--workers', String(WORKERS), '--ttl', '1h'];
  const child = spawn(process.execPath, [repositoryPath('dist/src/main.js'), 'serve', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('"event":"ready"')) break;
  }
  child.stdout.resume();
  return child;
}

async function untilDecided(client: SignalboxClient, target: string): Promise<void> {
  for (;;) {
    const { targetModel } = await client.resolve({ orgId: ORG, model: 'm' });
    if (targetModel === target) return;
    // A round trip takes a tenth of this; more questions would only take the processors from the answer.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function report(delaysMs: readonly number[]): void {
  const sorted = [...delaysMs].sort((a, b) => a - b);
  const at = (quantile: number): number =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? NaN) * 10) / 10;
  const result = {
    what: 'commit to every worker of every daemon, ms',
    commits: sorted.length,
    daemons: DAEMONS,
    workers: WORKERS,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
  };
  if (values.json) console.log(JSON.stringify(result, undefined, 2));
  else console.table([result]);
}
