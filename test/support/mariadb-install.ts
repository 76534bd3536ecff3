// From a machine to a server that is ready to be started: finds the MariaDB or MySQL binary (that of
// SIGNALBOX_TEST_MYSQLD, if that is set), installs it where that needs nobody's help (Debian and Ubuntu, as root), and
// makes a data directory from one that is initialised once per machine, since initialising takes far longer than copying
// and starting. Many test files begin at once, so what is done once is done under a lock. Nothing is skipped in silence:
// without a server this throws, and says what to do.
import { createHash, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installWithApt, whenInstalled } from './apt-install.js';
import { findProgram, run } from './run-program.js';

export interface MariadbOptions {
  /** More arguments of the server, after ours. */
  readonly serverArgs?: readonly string[];
  /** Arguments of the first start only. */
  readonly firstArgs?: readonly string[];
  /** Whose process it is, if root starts it; root's unless told. */
  readonly user?: string;
  /** Listen on a free port of 127.0.0.1 too, not only on the socket. */
  readonly tcp?: boolean;
  /** What was committed survives a SIGKILL of the server; without, commits are faster. */
  readonly durable?: boolean;
  /** Write a binary log, as servers with replicas do. */
  readonly logBin?: boolean;
}

/** A directory with everything that one server reads and writes, and how to start it. */
export interface ServerHome {
  readonly directory: string;
  readonly socketPath: string;
  readonly port: number | undefined;
  readonly logFile: string;
  readonly command: readonly string[];
}

interface ServerBinary {
  readonly path: string;
  readonly version: string;
  /** For every start, and for initialising; they must be the first. */
  readonly arguments: readonly string[];
}

/** Where programs are: of packages, of `make install`, of archives that were unpacked. */
const PLACES = [
  ...(process.env['PATH'] ?? '').split(':').filter((place) => place.startsWith('/')),
  ...'/usr/sbin /usr/libexec /usr/local/sbin /usr/local/bin /usr/local/libexec'.split(' '),
  ...'/usr/local/mariadb/bin /usr/local/mysql/bin /opt/homebrew/bin'.split(' '),
];

/** How often a file that another process is about to make is looked for. */
const LOOK_AGAIN_MS = 20;

/** Makes a home for a server with no data in it, in a temporary directory. */
export async function makeServerHome(options: MariadbOptions): Promise<ServerHome> {
  const binary = await findServer();
  const template = await dataDirectoryTemplate(binary);
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  // Five times as fast as Node's own.
  await run('cp', ['-a', template, join(directory, 'data')]);
  const user = isRoot() ? options.user : undefined;
  if (user !== undefined) await run('chown', ['-R', user, directory]);
  const home = {
    directory,
    socketPath: join(directory, 'mysql.sock'),
    port: options.tcp === true ? await findFreePort() : undefined,
    logFile: join(directory, 'server.log'),
  };
  const own = binary.arguments.map((argument) =>
    argument.startsWith('--user=') ? `--user=${user ?? 'root'}` : argument,
  );
  return { ...home, command: [binary.path, ...own, ...serverArguments(home, options)] };
}

/** Small and fast, and nothing outside its directory. What isn't named here is the server's own default. */
function serverArguments(
  { directory, socketPath, port }: Omit<ServerHome, 'command'>,
  { serverArgs = [], durable = false, logBin = false }: MariadbOptions,
): string[] {
  const sync = durable ? 1 : 0;
  return [
    ...[`--datadir=${directory}/data`, `--socket=${socketPath}`],
    ...[`--pid-file=${directory}/server.pid`, `--tmpdir=${directory}`, `--secure-file-priv=${directory}`],
    ...(port === undefined ? ['--skip-networking'] : ['--bind-address=127.0.0.1', `--port=${port}`]),
    ...['--skip-name-resolve', '--loose-performance-schema=OFF', '--loose-mysqlx=OFF'],
    ...['--loose-innodb-buffer-pool-size=32M', '--loose-innodb-use-native-aio=OFF'],
    `--loose-innodb-flush-log-at-trx-commit=${sync}`,
    ...(logBin ? ['--log-bin=binlog', '--server-id=1', `--sync-binlog=${sync}`] : ['--skip-log-bin']),
    ...serverArgs,
  ];
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Below the ports that outgoing connections take, so that none of those gets there before the server. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(Boolean, () => false);
    server.close();
    if (isFree) return port;
  }
}

/** The wanted server, or the machine's, which is installed first if there is none and that can be done. */
async function findServer(): Promise<ServerBinary> {
  const path = wantedServer() ?? (await machineServer());
  if (path === undefined) {
    throw new Error(
      'the tests need a MariaDB or MySQL server: no mariadbd or mysqld is in PATH, /usr/sbin, /usr/libexec or ' +
        '/usr/local. Install one (Debian, Ubuntu: `sudo apt-get install mariadb-server`, which the tests do by ' +
        'themselves when root runs them; Fedora: `sudo dnf install mariadb-server`; macOS: `brew install mariadb`), ' +
        'or set SIGNALBOX_TEST_MYSQLD=PATH of a server program, ' +
        'or SIGNALBOX_TEST_MYSQL_URL=mysql://USER@HOST/DATABASE?password_file=PATH, whose user may create databases',
    );
  }
  return {
    path,
    version: await run(path, ['--no-defaults', '--version']),
    arguments: [
      '--no-defaults',
      `--basedir=${resolve(dirname(realpathSync(path)), '..')}`,
      ...(isRoot() ? ['--user=root'] : []),
      // The log is made when the directory is initialised; a start that wants another size would make it again.
      '--loose-innodb-log-file-size=8M',
      '--loose-innodb-redo-log-capacity=8M',
    ],
  };
}

/** The program that the tests were told to start, of whatever version. */
function wantedServer(): string | undefined {
  const path = process.env['SIGNALBOX_TEST_MYSQLD'] ?? '';
  if (path === '' || existsSync(path)) return path || undefined;
  throw new Error(`SIGNALBOX_TEST_MYSQLD is to be the path of a mariadbd or mysqld, and there is no ${path}`);
}

async function machineServer(): Promise<string | undefined> {
  await whenInstalled();
  const find = (): string | undefined => findProgram(['mariadbd', 'mysqld'], PLACES);
  if (find() === undefined)
    await installWithApt(['mariadb-server'], 'command -v mariadbd || command -v mysqld');
  return find();
}

/** An initialised data directory, to be copied and never to be run. Its `root` has no password. */
async function dataDirectoryTemplate(server: ServerBinary): Promise<string> {
  const uid = process.getuid?.() ?? 0;
  const hash = createHash('sha256').update(JSON.stringify(server)).digest('hex').slice(0, 16);
  const template = join(tmpdir(), `signalbox-mariadb-${uid}-${hash}`);
  const lock = `${template}.lock`;
  while (!isWhole(template)) {
    if (!(await takeLock(lock))) await sleep(LOOK_AGAIN_MS);
    else await makeTemplate(server, template).finally(() => rm(lock, { force: true }));
  }
  if (statSync(template).uid !== uid) throw new Error(`${template} is somebody else's`);
  return template;
}

/** The lock only saves work: it is the rename that makes a template appear whole or not at all. */
async function makeTemplate(server: ServerBinary, template: string): Promise<void> {
  const directory = await mkdtemp(`${template}-`);
  try {
    await initialise(server, directory);
    // What a cleaner of old temporary files has left is in the way.
    if (!isWhole(template)) await rm(template, { recursive: true, force: true });
    await rename(directory, template);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    // Somebody else was first, which is as good.
    if (!isWhole(template)) throw error;
  }
}

function isWhole(template: string): boolean {
  return existsSync(join(template, 'ibdata1'));
}

/** Whether the lock is ours now. That of a process which has ended is removed, and left to whoever asks next. */
async function takeLock(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  try {
    // Where nothing has been written yet this is 0: our own process group, which is alive.
    process.kill(Number(await readFile(lock, 'utf8').catch(() => '')), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') await rm(lock, { force: true });
  }
  return false;
}

async function initialise(server: ServerBinary, directory: string): Promise<void> {
  let options = ['--initialize-insecure'];
  let program: string | undefined = server.path;
  if (/mariadb/i.test(server.version)) {
    options = ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'];
    const beside = ['.', '../bin', '../scripts'].map((place) => join(realpathSync(server.path), '..', place));
    program = findProgram(['mariadb-install-db', 'mysql_install_db'], beside);
    if (program === undefined) throw new Error(`there is no mariadb-install-db beside ${server.path}`);
  }
  await run(program, [...server.arguments, `--datadir=${directory}`, ...options]);
}
