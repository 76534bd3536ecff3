// A database server for the tests, and nobody else's: the machine's binary with a data directory, a socket and
// settings of its own, in a temporary directory, to be ended as brutally as a test wishes. It doesn't outlive the
// test's process, however that ends. With SIGNALBOX_TEST_MYSQL_URL the tests use that server instead, which nobody
// here can kill.
import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import mysql, { type Connection, type ConnectionOptions } from 'mysql2/promise';
import { parseMysqlUrl } from '../../src/store/mysql/mysql-url.js';
import { tailOf } from './apt-install.js';
import { type MariadbOptions, type ServerHome, makeServerHome } from './mariadb-install.js';
import { type ServerProcess, spawnServer } from './server-process.js';
import { waitFor } from './wait-for.js';

export type Row = Readonly<Record<string, unknown>>;

/** Far beyond any machine's noise: a server that isn't ready by then won't be. */
const START_TIMEOUT_MS = 60_000;

/** How long a server may take to end by itself. */
const STOP_TIMEOUT_MS = 10_000;

/** How often it is tried whether a starting server lets us in. */
const TRY_AGAIN_MS = 5;

/** Starts a server with no data in it. Options are for private servers: with another's, any of them is an error. */
export function startMariadb(options: MariadbOptions = {}): Promise<Mariadb> {
  return Mariadb.start(options);
}

/** Whether the tests' servers can be killed, paused and given options. */
export function hasPrivateServer(): boolean {
  return externalUrl() === undefined;
}

function externalUrl(): string | undefined {
  const url = process.env['SIGNALBOX_TEST_MYSQL_URL'];
  return url === '' ? undefined : url;
}

export class Mariadb {
  readonly #url: string;
  readonly #home: ServerHome | undefined;
  readonly #connectionOptions: ConnectionOptions;
  readonly #databases: string[] = [];
  #connection: Promise<Connection> | undefined;
  #server: ServerProcess | undefined;
  #stopping: Promise<void> | undefined;

  private constructor(url: string, home?: ServerHome) {
    this.#url = url;
    this.#home = home;
    const { hosts, user, password, tls } = parseMysqlUrl(url);
    this.#connectionOptions = {
      ...hosts[0]?.endpoint,
      ...{ user, password: password(), ...(tls && { ssl: tls }) },
      ...{ supportBigNumbers: true, bigNumberStrings: true, jsonStrings: true, disableEval: true },
    };
  }

  static async start(options: MariadbOptions): Promise<Mariadb> {
    const url = externalUrl();
    if (url !== undefined) {
      const external = new Mariadb(url);
      for (const option of Object.keys(options)) external.#private(`the option ${option}`);
      return external;
    }
    const home = await makeServerHome(options);
    const mariadb = new Mariadb(socketUrl(home.socketPath), home);
    try {
      await mariadb.restart(options.firstArgs);
      // Over TCP it doesn't look up who we are, so that we aren't `localhost` there.
      await mariadb.query(`CREATE USER IF NOT EXISTS root@'127.0.0.1'`);
      await mariadb.query(`GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION`);
      return mariadb;
    } catch (error) {
      await mariadb.stop();
      throw error;
    }
  }

  get socketPath(): string {
    return this.#private('socketPath').home.socketPath;
  }

  /** Of 127.0.0.1, if it was started with `tcp`. */
  get port(): number | undefined {
    return this.#private('port').home.port;
  }

  /** How it is started. */
  get command(): readonly string[] {
    return this.#private('command').home.command;
  }

  get pid(): number | undefined {
    return this.#private('pid').server?.child.pid;
  }

  /** The URL of a database, as `--store` takes it; by way of another socket if there is something between. */
  url(database: string, socketPath?: string): string {
    if (socketPath !== undefined) this.#private('another socket');
    const url = socketPath === undefined ? this.#url : socketUrl(socketPath);
    return url.replace(/^(mysql:\/\/[^/]*\/)[^?]*/i, `$1${database}`);
  }

  /** The rows, or none if the statement gives none. Uses a connection of its own, on which no database is chosen. */
  async query(sql: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    const connecting = (this.#connection ??= this.#connect());
    try {
      const [rows] = await (await connecting).query(sql, [...parameters]);
      return Array.isArray(rows) ? (rows as Row[]) : [];
    } catch (error) {
      const { sqlState, fatal } = error as { sqlState?: string; fatal?: boolean };
      const isStatement = sqlState !== undefined && fatal !== true;
      // If it isn't the statement's error, it is the connection's, and the next query makes another.
      if (!isStatement && this.#connection === connecting) this.#connection = undefined;
      throw error;
    }
  }

  /** Creates an empty database that nobody else knows, with the server's default character set; gives its name. */
  async createDatabase(): Promise<string> {
    const name = `test_${randomBytes(8).toString('hex')}`;
    await this.query(`CREATE DATABASE ${name}`);
    this.#databases.push(name);
    return name;
  }

  /** Whether it is MySQL after all. */
  async isMysql(): Promise<boolean> {
    const [row] = await this.query('SELECT VERSION() AS version');
    return !/mariadb/i.test(String(row?.['version']));
  }

  /** Ends what a user has open, as an administrator does. */
  async endConnections(user: string): Promise<void> {
    for (const { Id: id, User: name } of await this.query('SHOW PROCESSLIST')) {
      if (name === user) await this.query('KILL ?', [Number(id)]);
    }
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    const { server } = this.#private('kill');
    server?.child.kill('SIGKILL');
    await server?.exited;
    this.#connection = undefined;
  }

  /**
   * Starts it again with the same data, socket and port; ends it in order first if it still runs.
   *
   * @param args of this start only.
   */
  async restart(args: readonly string[] = []): Promise<void> {
    const { home } = this.#private('restart');
    if (this.#stopping !== undefined) throw new Error('the server was stopped, and its data removed');
    await this.#end();
    const { child } = (this.#server = await spawnServer({ ...home, command: [...home.command, ...args] }));
    const giveUpMs = performance.now() + START_TIMEOUT_MS;
    for (;;) {
      try {
        // Ready is a server that lets us in, and at its data: one of a cluster does that later.
        await this.query('SELECT 1 FROM mysql.db LIMIT 1');
        return;
      } catch (error) {
        const isOver = child.exitCode !== null || child.signalCode !== null || performance.now() > giveUpMs;
        const log = isOver ? await tailOf(home.logFile) : '';
        if (isOver) throw new Error(`the server did not start; its log ends with\n${log}`, { cause: error });
      }
      await sleep(TRY_AGAIN_MS);
    }
  }

  /** SIGSTOP: from now on it neither answers nor goes away. */
  async pause(): Promise<void> {
    this.#private('pause').server?.child.kill('SIGSTOP');
    if (process.platform !== 'linux') return;
    // Its threads may go on until one of them has seen the signal.
    const status = `/proc/${String(this.pid)}/status`;
    await waitFor(async () => /^State:\s*T/m.test(await readFile(status, 'utf8')), 'the server to be paused');
  }

  /** SIGCONT. */
  resume(): void {
    this.#private('resume').server?.child.kill('SIGCONT');
  }

  /** Ends it and removes all that it wrote; of somebody else's server, the databases that were created here. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    if (this.#home === undefined) {
      for (const name of this.#databases) await this.query(`DROP DATABASE IF EXISTS ${name}`);
      await (await this.#connection)?.end();
    } else {
      await this.#end();
      await rm(this.#home.directory, { recursive: true, force: true });
    }
  }

  async #end(): Promise<void> {
    if (this.#server === undefined) return;
    const { child, watcher, exited } = this.#server;
    child.kill('SIGTERM');
    child.kill('SIGCONT');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
    watcher.end('released\n');
    this.#server = undefined;
    this.#connection = undefined;
  }

  async #connect(): Promise<Connection> {
    const connection = await mysql.createConnection(this.#connectionOptions);
    // One that is lost while nobody uses it is no uncaught exception.
    connection.on('error', () => undefined);
    return connection;
  }

  #private(what: string): { readonly home: ServerHome; readonly server: ServerProcess | undefined } {
    if (this.#home !== undefined) return { home: this.#home, server: this.#server };
    throw new Error(
      `${what} needs a private server, and the tests were told to use that of SIGNALBOX_TEST_MYSQL_URL: unset it, or ask hasPrivateServer() first`,
    );
  }
}

function socketUrl(path: string): string {
  return `mysql://root@localhost/mysql?socket=${encodeURIComponent(path)}`;
}
