// A Galera cluster for the tests: three private servers on ports of 127.0.0.1 of their own, that can be killed, paused
// and started again like any other of the tests' servers. The first makes the cluster; the others copy it, and after a
// crash take what they miss.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { installWithApt } from './apt-install.js';
import { findFreePort } from './mariadb-install.js';
import { type Mariadb, hasPrivateServer, startMariadb } from './mariadb.js';
import { waitFor } from './wait-for.js';

const NODES = 3;

/** Where distributions put the library. */
const PROVIDERS = [
  ...['/usr/lib/galera/libgalera_smm.so', '/usr/lib/galera-4/libgalera_smm.so'],
  ...['/usr/lib64/galera-4/libgalera_smm.so', '/usr/lib64/galera/libgalera_smm.so'],
  ...['/usr/lib/libgalera_smm.so', '/usr/local/lib/libgalera_smm.so'],
];

/** A node that says nothing is suspected somewhat sooner; much sooner, and a busy machine's nodes suspect each other. */
const TIMES = 'evs.suspect_timeout=PT3S;evs.inactive_timeout=PT8S;evs.install_timeout=PT8S';

/** What an operator's start script knows about a start after a crash. */
const RECOVERED = /WSREP: Recovered position:? ([\da-f-]{36}:-?\d+)/;

/** How long a node may take until it is one of the cluster again. */
const SYNC_MS = 60_000;

/** One node. */
export class GaleraNode {
  readonly server: Mariadb;

  constructor(server: Mariadb) {
    this.server = server;
  }

  /** Starts it after whatever ended it, from where it was, and resolves when it is one of the cluster again. */
  async restart(): Promise<void> {
    const position = await this.#recover();
    await this.server.restart([`--wsrep-start-position=${position}`]);
    await this.synced();
  }

  /** Resolves when it is one of a cluster of so many. */
  async synced(size = NODES): Promise<void> {
    const status = async (): Promise<string> => {
      const rows = await this.server.query(
        `SHOW STATUS WHERE Variable_name IN ('wsrep_local_state_comment', 'wsrep_cluster_size', 'wsrep_ready')`,
      );
      return rows
        .map(({ Value: value }) => String(value))
        .sort()
        .join();
    };
    const wanted = [String(size), 'ON', 'Synced'].sort().join();
    await waitFor(
      () =>
        status().then(
          (now) => now === wanted,
          () => false,
        ),
      'a node to be synced',
      SYNC_MS,
    );
  }

  /** Where in the cluster's history the data on disk is. */
  #recover(): Promise<string> {
    const [program = '', ...args] = this.server.command;
    return new Promise((resolve, reject) => {
      execFile(program, [...args, '--wsrep-recover'], (_error, stdout, stderr) => {
        const position = RECOVERED.exec(stdout + stderr)?.[1];
        if (position === undefined) reject(new Error(`a node can't be recovered:\n${stdout}${stderr}`));
        else resolve(position);
      });
    });
  }
}

export class GaleraCluster {
  readonly nodes: readonly GaleraNode[];

  private constructor(nodes: readonly GaleraNode[]) {
    this.nodes = nodes;
  }

  get servers(): readonly [Mariadb, ...Mariadb[]] {
    const [first, ...others] = this.nodes.map(({ server }) => server);
    if (first === undefined) throw new Error('a cluster has nodes');
    return [first, ...others];
  }

  static async start(): Promise<GaleraCluster> {
    const provider = await findProvider();
    const ports: number[] = [];
    for (let count = 0; count < 3 * NODES; count += 1) ports.push(await findFreePort());
    const members = ports.slice(0, NODES).map((port) => `127.0.0.1:${port}`);
    const nodes: GaleraNode[] = [];
    try {
      for (const [index, member] of members.entries()) {
        const options = `gmcast.listen_addr=tcp://${member};ist.recv_addr=127.0.0.1:${ports[NODES + index] ?? 0}`;
        const server = await startMariadb({
          tcp: true,
          durable: true,
          // What hands data from one node to another gives root's rights up, and then couldn't write.
          user: 'mysql',
          firstArgs: index === 0 ? ['--wsrep-new-cluster'] : [],
          serverArgs: [
            ...['--wsrep-on=ON', `--wsrep-provider=${provider}`, '--wsrep-cluster-name=signalbox-tests'],
            ...[`--wsrep-cluster-address=gcomm://${members.join()}`, `--wsrep-node-address=${member}`],
            ...[`--wsrep-node-name=node${index + 1}`, '--wsrep-sst-method=rsync'],
            `--wsrep-sst-receive-address=127.0.0.1:${ports[2 * NODES + index] ?? 0}`,
            `--wsrep-provider-options=${options};gcache.size=16M;gcs.fc_limit=256;${TIMES}`,
            ...['--binlog-format=ROW', '--innodb-autoinc-lock-mode=2'],
          ],
        });
        nodes.push(new GaleraNode(server));
        await nodes.at(-1)?.synced(index + 1);
      }
      return new GaleraCluster(nodes);
    } catch (error) {
      await Promise.all(nodes.map(({ server }) => server.stop()));
      throw error;
    }
  }

  /** Resolves when each node is one of all. */
  async synced(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.synced()));
  }

  async stop(): Promise<void> {
    for (const { server } of this.nodes) server.resume();
    await Promise.all(this.nodes.map(({ server }) => server.stop()));
  }
}

async function findProvider(): Promise<string> {
  if (!hasPrivateServer()) {
    throw new Error('a cluster is made of private servers: unset SIGNALBOX_TEST_MYSQL_URL');
  }
  const find = (): string | undefined => PROVIDERS.find((path) => existsSync(path));
  if (find() === undefined) {
    await installWithApt(['galera-4', 'mariadb-server', 'rsync'], `ls ${PROVIDERS.join(' ')} | grep -q .`);
  }
  const provider = find();
  if (provider !== undefined) return provider;
  throw new Error(
    `there is no Galera library in any of ${PROVIDERS.join(', ')}. Install it (Debian, Ubuntu: ` +
      '`sudo apt-get install galera-4 mariadb-server`, which this does by itself when root runs it; ' +
      'Fedora: `sudo dnf install galera mariadb-server`)',
  );
}
