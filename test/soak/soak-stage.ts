// What a soak goes on: a database server with orgs in it, a daemon on it, the traffic and those who edit, and what can
// be done to them.
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicClock } from '../../src/clock.js';
import { migrate } from '../../src/store/mysql/migrate.js';
import { MysqlClient } from '../../src/store/mysql/mysql-client.js';
import { parseMysqlUrl } from '../../src/store/mysql/mysql-url.js';
import { type Mariadb, startMariadb } from '../support/mariadb.js';
import { VersionedRoutes } from '../support/versioned-routes.js';
import { abuse } from './abuse.js';
import { AdminEditor } from './admin-editor.js';
import { SQL_ORGS } from './orgs.js';
import type { Disturbance } from './schedule.js';
import { SoakDaemon } from './soak-daemon.js';
import { TrafficProcess } from './traffic-process.js';

export interface StageOptions {
  readonly ratePerSecond: number;
  readonly resolveTimeout: string;
}

interface Parts {
  readonly server: Mariadb;
  readonly routes: VersionedRoutes;
  readonly daemon: SoakDaemon;
  readonly admin: AdminEditor;
  readonly traffic: TrafficProcess;
}

type End = () => Promise<unknown>;

export class SoakStage {
  readonly routes: VersionedRoutes;
  readonly daemon: SoakDaemon;
  readonly admin: AdminEditor;
  readonly traffic: TrafficProcess;
  readonly #server: Mariadb;
  readonly #ends: readonly End[];

  private constructor({ server, routes, daemon, admin, traffic }: Parts, ends: readonly End[]) {
    this.routes = routes;
    this.daemon = daemon;
    this.admin = admin;
    this.traffic = traffic;
    this.#server = server;
    this.#ends = ends;
  }

  static async open(options: StageOptions): Promise<SoakStage> {
    const ends: End[] = [];
    try {
      return new SoakStage(await openParts(options, ends), ends);
    } catch (error) {
      await endAll(ends);
      throw error;
    }
  }

  /** Does it, and makes good again what it did. Ends early, in order, when the signal says so. */
  async disturb(disturbance: Disturbance, signal: AbortSignal): Promise<void> {
    switch (disturbance.what) {
      case 'database killed':
        await this.#server.kill();
        await pause(disturbance.forMs, signal);
        await this.#server.restart();
        return;
      case 'database paused':
        await this.#server.pause();
        await pause(disturbance.forMs, signal);
        this.#server.resume();
        return;
      case 'daemon killed':
        await this.traffic.tell({ kind: 'daemon', event: 'killed' });
        await this.daemon.kill();
        await pause(disturbance.forMs, signal);
        await this.traffic.tell({ kind: 'daemon', event: 'starting' });
        await this.daemon.start();
        return;
      case 'abuse':
        await abuse(disturbance, this.daemon.socketPath, signal);
        return;
    }
  }

  async close(): Promise<void> {
    // A server that is paused would keep whoever waits for it.
    this.#server.resume();
    await endAll(this.#ends);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** @param ends gets what ends each part, in the order in which they were opened. */
async function openParts({ ratePerSecond, resolveTimeout }: StageOptions, ends: End[]): Promise<Parts> {
  // What was committed is there after a kill: otherwise revisions would go back.
  const server = await startMariadb({ durable: true });
  ends.push(() => server.stop());
  const database = await server.createDatabase();
  const storeUrl = server.url(database);
  await migrateTo(storeUrl);
  const routes = new VersionedRoutes({ socketPath: server.socketPath, user: 'root', database });
  ends.push(() => routes.close());
  await routes.create(SQL_ORGS);
  const daemon = await SoakDaemon.start(storeUrl, resolveTimeout);
  ends.push(() => daemon.close());
  const admin = new AdminEditor(daemon.adminSocket);
  ends.push(() => admin.close());
  await admin.create();
  const traffic = await TrafficProcess.start(daemon.socketPath, ratePerSecond);
  ends.push(() => traffic.kill());
  return { server, routes, daemon, admin, traffic };
}

async function endAll(ends: readonly End[]): Promise<void> {
  for (const end of [...ends].reverse()) await end();
}

async function migrateTo(storeUrl: string): Promise<void> {
  const client = new MysqlClient(parseMysqlUrl(storeUrl), { clock: monotonicClock, random: Math.random });
  await migrate(client, 'auto');
  await client.close();
}

async function pause(forMs: number, signal: AbortSignal): Promise<void> {
  await sleep(forMs, undefined, { signal }).catch(() => undefined);
}
