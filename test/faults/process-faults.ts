// What happens to the daemon's own threads and process, to its clock and to what it may open. The client asks again on
// another connection what was lost with one, so here too every request of a known org has its decision.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { STOPPED_MAX } from '../../src/control/quarantine.js';
import { ENDS_MAX_LEAST } from '../../src/control/workers/crash-loop.js';
import { uuidBytes } from '../../src/store/mysql/route-rows.js';
import type { DaemonProcess } from '../support/daemon-process.js';
import type { FaultStage } from '../support/fault-stage.js';
import { type Injection, POISON, inject, injectable } from '../support/faults.js';
import { org } from '../support/routes.js';
import { waitFor } from '../support/wait-for.js';
import type { Fault } from './fault.js';

/** Debian's libfaketime; without it the clock can't be moved for one process alone. */
const FAKETIME = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketime.so.1`;

async function directoryOf(stage: FaultStage): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  stage.defer(() => rm(directory, { recursive: true }));
  return directory;
}

/** One that no traffic is for. */
const POISONED_ORG = org(1000);

/** Ends of workers that the daemon has logged. */
function endedWorkers(daemon: DaemonProcess): number {
  return daemon.logs.filter(({ event }) => event === 'worker.ended').length;
}

/** A fault in a thread of the daemon, as often as the scale says, and the edit after it that all must decide by. */
function threadFault(name: string, cause: string, injection: Injection, ends: number): Fault {
  return {
    name,
    cause,
    play: async (stage) => {
      const directory = await directoryOf(stage);
      const daemon = await stage.startBusyDaemon(injectable(directory));
      // With more ends than that within a minute the daemon would give up, which is another fault.
      const rounds = Math.min(stage.scale.rounds, Math.floor((ENDS_MAX_LEAST - 1) / ends));
      let recoveryMs = 0;
      for (let round = 1; round <= rounds; round += 1) {
        stage.mark();
        await inject(daemon, directory, injection);
        await waitFor(() => endedWorkers(daemon) >= ends * round, 'the workers to end', 60_000);
        await stage.edit();
        recoveryMs = Math.max(recoveryMs, await stage.recovered());
      }
      return recoveryMs;
    },
  };
}

async function openConnections(daemon: DaemonProcess, count: number): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => connect(daemon.socketPath));
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve) => {
          socket.on('connect', resolve).on('error', () => {
            resolve();
          });
        }),
    ),
  );
  return sockets;
}

/** An org by whose routes no worker can decide, asked for by clients that try again; then its routes are changed. */
function poisonFault(name: string, cause: string, fault: Injection['fault'], isShort: boolean): Fault {
  return {
    name,
    cause,
    isShort,
    play: async (stage) => {
      const directory = await directoryOf(stage);
      const daemon = await stage.startBusyDaemon(injectable(directory));
      const probe = stage.probe(daemon);
      await inject(daemon, directory, { thread: 'workers', fault, isLasting: true });
      await stage.routes.run('INSERT INTO signalbox_routes (org_id, name, `then`) VALUES (?, ?, ?)', [
        uuidBytes(POISONED_ORG),
        POISON,
        JSON.stringify({ target_model: 'a' }),
      ]);
      const isHeld = 'a refusal of the org that stops workers';
      await probe.until(POISONED_ORG, ({ reason }) => reason === 'unavailable', isHeld);
      const { orgId } = await daemon.waitForLog('org.quarantined');
      assert.equal(orgId, POISONED_ORG);
      assert.equal(endedWorkers(daemon), STOPPED_MAX, 'it stops no more workers');
      stage.mark();
      await stage.routes.run(`UPDATE signalbox_routes SET name = 'mended' WHERE org_id = ?`, [
        uuidBytes(POISONED_ORG),
      ]);
      await probe.untilRoute(POISONED_ORG, 'mended');
      await daemon.waitForLog('org.released');
      await stage.edit();
      return stage.recovered();
    },
  };
}

export const PROCESS_FAULTS: readonly Fault[] = [
  threadFault('a worker throws', 'an exception in one of two', { thread: 'a-worker', fault: 'throw' }, 1),
  threadFault('a worker exits', 'process.exit in one of two', { thread: 'a-worker', fault: 'exit' }, 1),
  threadFault('a worker spins', 'an endless loop in one of two', { thread: 'a-worker', fault: 'spin' }, 1),
  threadFault(
    'a worker runs out of memory',
    'arrays up to its limit, in one of two',
    { thread: 'a-worker', fault: 'run-out-of-memory' },
    1,
  ),
  poisonFault(
    'an org that kills workers',
    'process.exit in every decision by its routes, until they are changed',
    'poison-exits',
    true,
  ),
  poisonFault(
    'an org that hangs workers',
    'an endless loop in every decision by its routes, until they are changed',
    'poison-spins',
    false,
  ),
  threadFault('all workers exit', 'process.exit in both', { thread: 'workers', fault: 'exit' }, 2),
  {
    name: 'the main loop stalled',
    cause: 'the main thread waits for four seconds, four times the time to live',
    isShort: true,
    play: async (stage) => {
      const directory = await directoryOf(stage);
      const daemon = await stage.startBusyDaemon(injectable(directory));
      const { stale } = stage.tally;
      await inject(daemon, directory, { thread: 'main', fault: 'stall' });
      // Each waits for as long as a request may: there are only so many of them.
      await waitFor(() => stage.tally.stale > stale, 'decisions by the last good routes', 60_000);
      stage.mark();
      await stage.edit();
      const recoveryMs = await stage.recovered();
      assert.equal(endedWorkers(daemon), 0, 'a worker was taken for dead');
      return recoveryMs;
    },
  },
  {
    name: 'the process stopped',
    cause: 'SIGSTOP for longer than a worker may be silent, then SIGCONT, as after a suspend',
    isShort: true,
    play: async (stage) => {
      const daemon = await stage.startBusyDaemon();
      let recoveryMs = 0;
      for (let round = 0; round < stage.scale.rounds; round += 1) {
        daemon.child.kill('SIGSTOP');
        // The time is the fault itself.
        await sleep(Math.max(2000, stage.scale.outageMs));
        await stage.edit();
        daemon.child.kill('SIGCONT');
        stage.mark();
        recoveryMs = Math.max(recoveryMs, await stage.recovered());
      }
      assert.equal(endedWorkers(daemon), 0, 'a worker was taken for dead');
      return recoveryMs;
    },
  },
  {
    name: 'the wall clock jumps',
    cause: 'an hour on and back, ten years on and back, for the daemon alone (libfaketime)',
    play: async (stage) => {
      assert.ok(existsSync(FAKETIME), 'apt-get install libfaketime, to move the clock of one process');
      const directory = await directoryOf(stage);
      const clock = join(directory, 'clock');
      await writeFile(clock, '+0');
      const env = {
        LD_PRELOAD: FAKETIME,
        FAKETIME_TIMESTAMP_FILE: clock,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      };
      const args = ['--snapshot', join(directory, 'snapshot')];
      const daemon = await stage.startBusyDaemon({ env, args });
      let recoveryMs = 0;
      for (const [offset, hours] of [
        ['+3600s', 1],
        ['-3600s', -1],
        ['+3650d', 24 * 3650],
        ['+0', 0],
      ] as const) {
        await writeFile(clock, offset);
        const { length } = daemon.logs;
        daemon.child.kill('SIGHUP');
        const { time } = await daemon.waitForLog('reload.done', length);
        const jumpedHours = (Date.parse(String(time)) - Date.now()) / 3600_000;
        assert.ok(Math.abs(jumpedHours - hours) < 0.1, `the daemon's clock is ${jumpedHours} hours off`);
        stage.mark();
        await stage.edit();
        recoveryMs = Math.max(recoveryMs, await stage.recovered());
      }
      return recoveryMs;
    },
  },
  {
    name: 'no more descriptors',
    cause: 'a limit of 320 open files, and 400 idle connections beside the traffic',
    play: async (stage) => {
      const daemon = await stage.startBusyDaemon({ through: ['prlimit', '--nofile=320:320'] });
      const sockets = await openConnections(daemon, 400);
      await daemon.waitForLog('connection.refused');
      await stage.edit();
      await stage.recovered();
      stage.mark();
      for (const socket of sockets) socket.destroy();
      await stage.edit();
      const recoveryMs = await stage.recovered();
      const late = await openConnections(daemon, 1);
      assert.ok(
        late.every(({ destroyed }) => !destroyed),
        'there is room again',
      );
      for (const socket of late) socket.destroy();
      return recoveryMs;
    },
  },
  {
    name: 'a storm of connections',
    cause: 'ten thousand connections, made and broken off as fast as they can be',
    play: async (stage) => {
      const daemon = await stage.startBusyDaemon();
      for (let wave = 0; wave < 100; wave += 1) {
        for (const socket of await openConnections(daemon, 100)) socket.destroy();
      }
      stage.mark();
      await stage.edit();
      return stage.recovered();
    },
  },
];
