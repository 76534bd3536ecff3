// The database is gone, silent, or not what it was.
import { execFile } from 'node:child_process';
import { cp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { FaultProxy } from '../support/fault-proxy.js';
import type { FaultStage } from '../support/fault-stage.js';
import type { Mariadb } from '../support/mariadb.js';
import { startMariadb } from '../support/mariadb.js';
import { signalboxMain } from '../support/paths.js';
import { VersionedRoutes } from '../support/versioned-routes.js';
import { waitFor } from '../support/wait-for.js';
import type { Fault } from './fault.js';

function dataDirectory(server: Mariadb): string {
  return join(dirname(server.socketPath), 'data');
}

/** What a daemon of one server sees that is killed, and one whose server answers nothing, behind a proxy. */
async function behindProxy(stage: FaultStage): Promise<FaultProxy> {
  const proxy = await FaultProxy.start({ path: stage.server.socketPath });
  stage.defer(() => proxy.close());
  await stage.startBusyDaemon({ args: ['--store', stage.url(proxy.socketPath)] });
  return proxy;
}

/** Gone for longer than the time to live; then there is an edit. Returns how long it took until decisions were made by it. */
async function outage(
  stage: FaultStage,
  begin: () => void | Promise<void>,
  end: () => void | Promise<void>,
): Promise<number> {
  await begin();
  await stage.untilStale();
  await sleep(stage.scale.outageMs);
  await end();
  stage.mark();
  await stage.edit();
  return stage.recovered();
}

export const DATABASE_FAULTS: readonly Fault[] = [
  {
    name: 'database killed',
    cause: 'SIGKILL, down for longer than the time to live, started again; several rounds',
    isShort: true,
    play: async (stage) => {
      await stage.startBusyDaemon();
      await stage.startBusyDaemon();
      let slowestMs = 0;
      for (let round = 0; round < stage.scale.rounds; round += 1) {
        const recoveryMs = await outage(
          stage,
          () => stage.server.kill(),
          () => stage.server.restart(),
        );
        slowestMs = Math.max(slowestMs, recoveryMs);
      }
      return slowestMs;
    },
  },
  {
    name: 'database paused',
    cause: 'SIGSTOP for longer than the time to live, then SIGCONT',
    isShort: true,
    play: async (stage) => {
      await stage.startBusyDaemon();
      return outage(
        stage,
        () => stage.server.pause(),
        () => stage.server.resume(),
      );
    },
  },
  {
    name: 'network silent',
    cause: 'a proxy that accepts connections and passes nothing on, in either direction',
    play: async (stage) => {
      const proxy = await behindProxy(stage);
      return outage(
        stage,
        () => proxy.hold(),
        () => proxy.release(),
      );
    },
  },
  {
    name: 'database accepts, never answers',
    cause: 'a proxy that passes questions on and no answers, over connections made anew',
    play: async (stage) => {
      const proxy = await behindProxy(stage);
      const silence = (): void => {
        proxy.holdAnswers();
        proxy.cut();
      };
      return outage(stage, silence, () => proxy.release());
    },
  },
  {
    name: 'network cut',
    cause: 'a proxy that cuts all connections and closes new ones at once, in rounds',
    isShort: true,
    play: async (stage) => {
      const proxy = await behindProxy(stage);
      let slowestMs = 0;
      for (let round = 0; round < stage.scale.rounds; round += 1) {
        proxy.refuse();
        proxy.cut();
        await stage.untilStale();
        proxy.allow();
        stage.mark();
        await stage.edit();
        slowestMs = Math.max(slowestMs, await stage.recovered());
      }
      return slowestMs;
    },
  },
  {
    name: 'restored from an older backup',
    cause: 'the data of before three edits put in place; edits; then `signalbox restored`',
    play: async (stage) => {
      const data = dataDirectory(stage.server);
      await stage.server.kill();
      await cp(data, `${data}.backup`, { recursive: true });
      await stage.server.restart();
      const daemon = await stage.startBusyDaemon();
      stage.mark();
      for (let edit = 0; edit < 3; edit += 1) await stage.edit();
      await stage.recovered();
      await stage.server.kill();
      await rm(data, { recursive: true });
      await rename(`${data}.backup`, data);
      await stage.server.restart();
      // Older than what was seen, and so is what is written next: nobody decides by it.
      await stage.edit();
      const failing = await daemon.waitForLog('store.failing');
      await waitFor(
        () => daemon.logs.some(({ msg = '' }) => msg.includes('signalbox restored')),
        `what to do in the log, after ${failing.msg ?? ''}`,
      );
      await stage.untilStale();
      // Daemons may hear of it before the command has ended.
      stage.allowOlder();
      stage.mark();
      await promisify(execFile)(process.execPath, [signalboxMain, 'restored', '--store', stage.url()]);
      const recoveryMs = await stage.recovered();
      // And from then on changes are taken as ever, though their revisions have been seen before.
      await stage.edit();
      await stage.recovered();
      return recoveryMs;
    },
  },
  {
    name: 'failover to a server that is behind',
    cause: 'the first of two servers killed; the second lacks three edits, and gets them later',
    play: async (stage) => {
      await stage.server.kill();
      const behind = await startMariadb({ tcp: true, durable: true });
      stage.defer(() => behind.stop());
      await behind.kill();
      await rm(dataDirectory(behind), { recursive: true });
      await cp(dataDirectory(stage.server), dataDirectory(behind), { recursive: true });
      await stage.server.restart();
      await behind.restart();
      const { database } = stage;
      const hosts = [stage.server, behind].map(({ port = 0 }) => `127.0.0.1:${port}`).join(',');
      await stage.startBusyDaemon({ args: ['--store', `mysql://root@${hosts}/${database}`] });
      stage.mark();
      for (let edit = 0; edit < 3; edit += 1) await stage.edit();
      await stage.recovered();
      await stage.server.kill();
      await stage.untilStale();
      await sleep(stage.scale.outageMs);
      await stage.routes.close();
      stage.routes = new VersionedRoutes({ socketPath: behind.socketPath, user: 'root', database });
      for (let edit = 0; edit < 2; edit += 1) await stage.edit();
      await stage.untilStale();
      stage.mark();
      for (let edit = 0; edit < 2; edit += 1) await stage.edit();
      return stage.recovered();
    },
  },
  {
    name: 'password changed',
    cause: 'in the database, all connections ended; later in the file that the daemon has it from',
    isShort: true,
    play: async (stage) => {
      const { server, database } = stage;
      const file = join(dirname(server.socketPath), 'password');
      await writeFile(file, 'first\n');
      await server.query(`CREATE USER rotated@localhost IDENTIFIED BY 'first'`);
      await server.query(`GRANT ALL ON ${database}.* TO rotated@localhost`);
      const socket = `socket=${encodeURIComponent(server.socketPath)}`;
      const url = `mysql://rotated@localhost/${database}?${socket}&password_file=${encodeURIComponent(file)}`;
      await stage.startBusyDaemon({ args: ['--store', url] });
      await server.query(`ALTER USER rotated@localhost IDENTIFIED BY 'second'`);
      await server.endConnections('rotated');
      await stage.untilStale();
      await writeFile(file, 'second\n');
      stage.mark();
      await stage.edit();
      return stage.recovered();
    },
  },
];
