// Where a fault is played: a database server of its own with orgs in it, daemons that are processes of their own, and
// traffic on each of them for as long as it lasts. What a fault does is in test/faults/.
import { MysqlClient } from '../../src/store/mysql/mysql-client.js';
import { migrate } from '../../src/store/mysql/migrate.js';
import { parseMysqlUrl } from '../../src/store/mysql/mysql-url.js';
import { monotonicClock } from '../../src/clock.js';
import { type DaemonOptions, type DaemonProcess, startDaemonProcess } from './daemon-process.js';
import { type Mariadb, startMariadb } from './mariadb.js';
import { Probe } from './probe.js';
import { org } from './routes.js';
import { Tally } from './tally.js';
import { Traffic } from './traffic.js';
import { VersionedRoutes } from './versioned-routes.js';
import { waitFor } from './wait-for.js';

/** How long and how often, so that the same faults can be played in full or within seconds. */
export interface Scale {
  readonly ttl: string;
  readonly resolveTimeout: string;
  /** Longer than the time to live. */
  readonly outageMs: number;
  readonly rounds: number;
  readonly edits: number;
}

export interface StageOptions {
  readonly scale: Scale;
  /** Of one cluster, whose owner ends them; one of the stage's own unless told. */
  readonly servers?: readonly [Mariadb, ...Mariadb[]];
  /** No schema and no orgs. */
  readonly isEmpty?: boolean;
  /** Told what is to be seen on the way. */
  readonly say?: (text: string) => void;
}

const ORGS = 10;

export class FaultStage {
  readonly orgIds: readonly string[] = Array.from({ length: ORGS }, (_, index) => org(index + 1));
  readonly tally = new Tally();
  readonly scale: Scale;
  readonly server: Mariadb;
  /** Tells whoever looks on. */
  readonly say: (text: string) => void;
  readonly #servers: readonly Mariadb[];
  readonly database: string;
  routes: VersionedRoutes;
  /** The version of each org that was committed last. */
  readonly #versions = new Map<string, number>();
  readonly #daemons: DaemonProcess[] = [];
  readonly #traffic: Traffic[] = [];
  readonly #deferred: (() => Promise<unknown>)[] = [];
  #markedMs = 0;

  private constructor(
    { scale, say = () => undefined }: StageOptions,
    servers: readonly [Mariadb, ...Mariadb[]],
    database: string,
  ) {
    this.scale = scale;
    this.say = say;
    [this.server] = servers;
    this.#servers = servers;
    this.database = database;
    const places = servers.map(({ socketPath }) => ({ socketPath, user: 'root', database }));
    this.routes = new VersionedRoutes(...places);
  }

  static async open(options: StageOptions): Promise<FaultStage> {
    const { servers, isEmpty = false } = options;
    // What was committed is there after a kill: otherwise revisions would go back.
    const [server, ...others] = servers ?? [await startMariadb({ durable: true, tcp: true })];
    const stage = new FaultStage(options, [server, ...others], await server.createDatabase());
    if (servers === undefined) stage.defer(() => server.stop());
    if (!isEmpty) {
      await migrateTo(stage.url());
      await stage.createOrgs();
    }
    return stage;
  }

  /** Of a cluster, all nodes. */
  url(socketPath?: string): string {
    if (this.#servers.length === 1) return this.server.url(this.database, socketPath);
    return `mysql://root@${this.#servers.map(({ port = 0 }) => `127.0.0.1:${port}`).join(',')}/${this.database}`;
  }

  /** Something that ends with the stage, before the server does. */
  defer(end: () => Promise<unknown>): void {
    this.#deferred.push(end);
  }

  async createOrgs(): Promise<void> {
    await this.routes.create(this.orgIds);
    for (const orgId of this.orgIds) this.#versions.set(orgId, 0);
  }

  /** A daemon as an operator starts it, except for how long its routes are fresh and how long requests wait. */
  async startDaemon({ args = [], ...options }: DaemonOptions = {}): Promise<DaemonProcess> {
    const { ttl, resolveTimeout } = this.scale;
    const daemon = await startDaemonProcess({
      ...options,
      args: ['--store', this.url(), '--ttl', ttl, '--resolve-timeout', resolveTimeout, ...args],
    });
    this.#daemons.push(daemon);
    return daemon;
  }

  /** A daemon and its traffic; resolves when every org has been decided for on every connection. */
  async startBusyDaemon(options?: DaemonOptions): Promise<DaemonProcess> {
    const daemon = await this.startDaemon(options);
    await this.startTraffic(daemon).settled(this.#versions);
    return daemon;
  }

  startTraffic({ socketPath }: DaemonProcess): Traffic {
    const traffic = new Traffic({ socketPath, orgIds: this.orgIds }, this.tally);
    this.#traffic.push(traffic);
    return traffic;
  }

  /** Somebody who asks on every worker of a daemon for whatever a fault is about. */
  probe({ socketPath }: DaemonProcess): Probe {
    const probe = new Probe(socketPath, this.tally);
    this.defer(() => probe.close());
    return probe;
  }

  /** Gives every org its next version, in a transaction each. */
  async edit(orgIds = this.orgIds): Promise<void> {
    for (const orgId of orgIds) this.#versions.set(orgId, await this.routes.edit(orgId));
  }

  /** The fault ends now. */
  mark(): void {
    this.#markedMs = performance.now();
    for (const traffic of this.#traffic) traffic.mark();
  }

  /** Resolves when there are more answers by the last good routes: the fault has reached the daemons. */
  async untilStale(): Promise<void> {
    const { stale } = this.tally;
    await waitFor(() => this.tally.stale > stale + 10, 'decisions by the last good routes');
  }

  /** Resolves when all is well with these orgs and every edit is decided by, with the milliseconds since `mark`. */
  async recovered(orgIds = this.orgIds): Promise<number> {
    const versions = new Map(orgIds.map((orgId) => [orgId, this.#versions.get(orgId) ?? 0]));
    const times = await Promise.all(this.#traffic.map((traffic) => traffic.settled(versions)));
    return Math.round(Math.max(...times) - this.#markedMs);
  }

  /** Revisions may go back once from now on: the database was restored, and somebody said so. */
  allowOlder(): void {
    for (const traffic of this.#traffic) traffic.allowOlder();
  }

  /** Ends the traffic, so that the tally is final. */
  async quiet(): Promise<void> {
    await Promise.all(this.#traffic.splice(0).map((traffic) => traffic.stop()));
  }

  async close(): Promise<void> {
    // A server that is paused would keep whoever waits for it.
    for (const server of this.#servers) server.resume();
    await this.quiet();
    for (const daemon of this.#daemons) await daemon.stop('SIGKILL');
    await this.routes.close();
    for (const end of this.#deferred.reverse()) await end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function migrateTo(url: string): Promise<void> {
  const client = new MysqlClient(parseMysqlUrl(url), { clock: monotonicClock, random: Math.random });
  await migrate(client, 'auto');
  await client.close();
}
