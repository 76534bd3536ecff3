// Many ask at once, or in pieces: for an org that nobody has asked for yet, for ten thousand whose routes are too old all
// at once, or sixteen bytes at a time. What the database sees of it is counted by the database.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_CONCURRENCY } from '../../src/store/mysql/mysql-client.js';
import { uuidBytes } from '../../src/store/mysql/route-rows.js';
import { crowd } from '../support/crowd.js';
import { FaultProxy } from '../support/fault-proxy.js';
import type { FaultStage } from '../support/fault-stage.js';
import { org } from '../support/routes.js';
import { waitFor } from '../support/wait-for.js';
import { WireClient, requestFrame } from '../support/wire-client.js';
import { toAnswer } from '../support/wire-exchange.js';
import type { Fault } from './fault.js';

const COLD_ORG = org(1000);
const CROWD = 10_000;
const CONNECTIONS = 20;

/** Longer than any of these takes: what is looked at is how often the database is asked. */
const PATIENT = ['--ttl', '60s', '--resolve-timeout', '20s'];

async function insertRoutes(stage: FaultStage, orgIds: readonly string[]): Promise<void> {
  for (let from = 0; from < orgIds.length; from += 1000) {
    const rows = orgIds
      .slice(from, from + 1000)
      .map((orgId) => [uuidBytes(orgId), 'r', '{"target_model": "a"}']);
    await stage.routes.run('INSERT INTO signalbox_routes (org_id, name, `then`) VALUES ?', [rows]);
  }
}

/** How often an org's routes have been read since, as the server's own log has it. */
async function countReads(stage: FaultStage): Promise<() => Promise<number>> {
  await stage.server.query(`SET GLOBAL log_output = 'TABLE'`);
  await stage.server.query('TRUNCATE mysql.general_log');
  await stage.server.query('SET GLOBAL general_log = ON');
  return async () => {
    await stage.server.query('SET GLOBAL general_log = OFF');
    const [row] = await stage.server.query(
      `SELECT COUNT(*) AS reads_seen FROM mysql.general_log
       WHERE argument LIKE '%signalbox\\_orgs o ON o.org\\_id%' AND command_type IN ('Query', 'Execute') AND argument NOT LIKE '%general\\_log%'`,
    );
    return Number(row?.['reads_seen']);
  };
}

export const CROWD_FAULTS: readonly Fault[] = [
  {
    name: 'a crowd for one cold org',
    cause: 'ten thousand requests at once, on twenty connections, for an org that was never read',
    isShort: true,
    play: async (stage) => {
      await insertRoutes(stage, [COLD_ORG]);
      const { socketPath } = await stage.startDaemon({ args: PATIENT });
      const reads = await countReads(stage);
      const orgIds = Array.from({ length: CROWD }, () => COLD_ORG);
      const beganMs = performance.now();
      const { decisions } = await crowd({ socketPath, orgIds, connections: CONNECTIONS, tally: stage.tally });
      const tookMs = Math.round(performance.now() - beganMs);
      assert.equal(decisions, CROWD);
      assert.equal(await reads(), 1, 'one read of the database for all of them');
      return tookMs;
    },
  },
  {
    name: 'the first of a crowd leaves',
    cause:
      'who asked first for an org that was never read breaks off while the database hangs; then it answers',
    isShort: true,
    play: async (stage) => {
      await insertRoutes(stage, [COLD_ORG]);
      const proxy = await FaultProxy.start({ path: stage.server.socketPath });
      stage.defer(() => proxy.close());
      const { socketPath } = await stage.startDaemon({
        args: ['--store', stage.url(proxy.socketPath), ...PATIENT],
      });
      const reads = await countReads(stage);
      proxy.holdAnswers();
      const first = await WireClient.connect(socketPath);
      first.send(requestFrame(1, 'resolve', { org_id: COLD_ORG, model: 'm' }));
      // Answered behind it on the same connection, so it has been taken.
      first.send(requestFrame(2, 'hello', {}));
      await first.nextMessage();
      const orgIds = Array.from({ length: 100 }, () => COLD_ORG);
      const others = crowd({ socketPath, orgIds, connections: CONNECTIONS, tally: stage.tally });
      first.destroy();
      await first.closed;
      stage.mark();
      const releasedMs = performance.now();
      proxy.release();
      assert.equal((await others).decisions, orgIds.length);
      assert.equal(await reads(), 1, 'the read goes on without whoever caused it');
      return Math.round(performance.now() - releasedMs);
    },
  },
  {
    name: 'ten thousand orgs expire at once',
    cause: 'all asked for at once, again when their time to live is over',
    play: async (stage) => {
      const orgIds = Array.from({ length: CROWD }, (_, index) => org(1000 + index));
      await insertRoutes(stage, orgIds);
      const { socketPath } = await stage.startDaemon({ args: ['--ttl', '30s'] });
      const ask = (asked: readonly string[]) =>
        crowd({ socketPath, orgIds: asked, connections: CONNECTIONS, tally: stage.tally });
      let unread: readonly string[] = orgIds;
      await waitFor(
        async () => {
          unread = [...(await ask(unread)).refused.keys()];
          return unread.length === 0;
        },
        'all orgs to be known',
        180_000,
      );
      // The time to live is the case itself.
      await sleep(31_000);
      await stage.server.query('FLUSH STATUS');
      const beganMs = performance.now();
      const { decisions, refused } = await ask(orgIds);
      const tookMs = Math.round(performance.now() - beganMs);
      assert.equal(decisions, CROWD, `a known org was refused: ${[...refused.values()][0] ?? ''}`);
      const [row] = await stage.server.query(`SHOW GLOBAL STATUS LIKE 'Max_used_connections'`);
      const connections = Number(row?.['Value']);
      // Those of the feed, of the stage, and of whoever asks this.
      assert.ok(connections <= DEFAULT_CONCURRENCY + 4, `${connections} connections to the database at once`);
      return tookMs;
    },
  },
  {
    name: 'a drip of sixteen bytes',
    cause: 'ten frames of 256 KiB, in pieces of sixteen bytes, beside the traffic',
    isShort: true,
    play: async (stage) => {
      const { socketPath } = await stage.startBusyDaemon();
      const [orgId = ''] = stage.orgIds;
      const prompt = 'x'.repeat(256 * 1024);
      const frame = requestFrame(1, 'resolve', { org_id: orgId, model: 'first', prompt });
      stage.mark();
      const beganMs = performance.now();
      await Promise.all(
        Array.from({ length: 10 }, async () => {
          const client = await WireClient.connect(socketPath);
          stage.tally.sent += 1;
          for (let at = 0; at < frame.length; at += 16) {
            client.send(frame.subarray(at, at + 16));
            // Each piece in a write of its own, and others have their turn.
            if (at % 4096 === 0) await new Promise((resolve) => setImmediate(resolve));
          }
          const { error } = toAnswer(await client.nextMessage());
          assert.equal(error, null);
          stage.tally.decisions += 1;
          client.destroy();
        }),
      );
      const tookMs = Math.round(performance.now() - beganMs);
      await stage.edit();
      await stage.recovered();
      return tookMs;
    },
  },
];
