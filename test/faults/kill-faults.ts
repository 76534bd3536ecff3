// The whole process is killed, at any moment; and what it needs to start a worker is gone for a while.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { previousGeneration } from '../../src/control/snapshot/snapshot-file.js';
import type { FaultStage } from '../support/fault-stage.js';
import { inject, injectable } from '../support/faults.js';
import { repositoryPath } from '../support/paths.js';
import { waitFor } from '../support/wait-for.js';
import { WireClient, requestFrame } from '../support/wire-client.js';
import { toAnswer } from '../support/wire-exchange.js';
import type { Fault } from './fault.js';

/** A first snapshot is written so long after a change, and then again after changes. */
const SNAPSHOT_INTERVAL_MS = 5000;

async function directoryOf(stage: FaultStage): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  stage.defer(() => rm(directory, { recursive: true }));
  return directory;
}

/** A program of its own, of which files can be taken away. */
async function copyProgram(directory: string): Promise<string> {
  await cp(repositoryPath('dist/src'), join(directory, 'dist/src'), { recursive: true });
  await cp(repositoryPath('package.json'), join(directory, 'package.json'));
  await symlink(repositoryPath('node_modules'), join(directory, 'node_modules'));
  return join(directory, 'dist/src');
}

export const KILL_FAULTS: readonly Fault[] = [
  {
    name: 'killed at any moment',
    cause:
      'SIGKILL while tables are shipped and the snapshot is written, at random; a start on what is left, in rounds',
    play: async (stage) => {
      const path = join(await directoryOf(stage), 'snapshot');
      let slowestMs = 0;
      let loads = 0;
      for (let round = 0; round < 4 * stage.scale.rounds; round += 1) {
        // The first may have been killed before it wrote any.
        const isThere = existsSync(path) || existsSync(previousGeneration(path));
        const daemon = await stage.startBusyDaemon({ args: ['--snapshot', path] });
        if (isThere) {
          loads += 1;
          const { msg = '' } = await daemon.waitForLog('snapshot.loaded');
          assert.match(msg, new RegExp(`of ${stage.orgIds.length} orgs`));
        }
        assert.ok(!daemon.logs.some(({ event }) => event === 'snapshot.rejected'), 'the snapshot is whole');
        stage.mark();
        await stage.edit();
        slowestMs = Math.max(slowestMs, await stage.recovered());
        // Its clients would ask in vain.
        await stage.quiet();
        // Every second one dies about when it writes its snapshot; the others while they take in edits.
        if (round % 2 === 0) await sleep(Math.max(0, SNAPSHOT_INTERVAL_MS - 500 * Math.random()));
        const edits = Promise.all(Array.from({ length: 20 }, () => stage.edit([stage.orgIds[0] ?? ''])));
        await sleep(100 * Math.random());
        await daemon.stop('SIGKILL');
        await edits;
      }
      stage.say(`${loads} starts on a snapshot`);
      return slowestMs;
    },
  },
  {
    name: "the workers' file missing",
    cause: 'it is renamed, and first one worker exits, then the other; then it is put back',
    play: async (stage) => {
      const directory = await directoryOf(stage);
      const program = await copyProgram(directory);
      const { env, through } = injectable(directory);
      const [shell = 'sh', flag = '-c', script = ''] = through;
      // The copy's instead of the file that it is told.
      const copied = script
        .replace('"$@"', `"${join(program, 'main.js')}" "$@"`)
        .replace('exec', 'shift; exec');
      const daemon = await stage.startBusyDaemon({ env, through: [shell, flag, copied] });
      const entry = join(program, 'worker/entry.cjs');
      const ended = (): number => daemon.logs.filter(({ event }) => event === 'worker.ended').length;
      await rename(entry, `${entry}.gone`);
      await inject(daemon, directory, { thread: 'a-worker', fault: 'exit' });
      await daemon.waitForLog('pool.replaced');
      await stage.edit();
      await stage.recovered();
      // Without any worker nobody can be decided for: they are told so at once.
      await stage.quiet();
      await inject(daemon, directory, { thread: 'workers', fault: 'exit' });
      const before = ended();
      await waitFor(() => ended() > before + 1, 'nobody to be left');
      const askedMs = performance.now();
      const client = await WireClient.connect(daemon.socketPath);
      client.send(requestFrame(1, 'resolve', { org_id: stage.orgIds[0], model: 'first' }));
      const { error } = toAnswer(await client.nextMessage());
      const tookMs = performance.now() - askedMs;
      assert.equal(error?.code, 'unavailable');
      stage.tally.sent += 1;
      stage.tally.notYetKnown += 1;
      stage.tally.slowestMs = Math.max(stage.tally.slowestMs, tookMs);
      client.destroy();
      await rename(`${entry}.gone`, entry);
      const restoredMs = performance.now();
      await waitFor(async () => {
        const again = await WireClient.connect(daemon.socketPath);
        again.send(requestFrame(1, 'resolve', { org_id: stage.orgIds[0], model: 'first' }));
        const message = await again.nextMessage();
        again.destroy();
        return message?.[0] === 1 && message[2] === null;
      }, 'decisions again');
      const recoveryMs = Math.round(performance.now() - restoredMs);
      stage.mark();
      stage.startTraffic(daemon);
      await stage.edit();
      await stage.recovered();
      return recoveryMs;
    },
  },
];
