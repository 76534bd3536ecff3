// TLS to a real server: a certificate has to be of our authority and of the server's name.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { monotonicClock } from '../../../src/clock.js';
import { MysqlClient } from '../../../src/store/mysql/mysql-client.js';
import { parseMysqlUrl } from '../../../src/store/mysql/mysql-url.js';
import { type Mariadb, hasPrivateServer, startMariadb } from '../../support/mariadb.js';
import { repositoryPath } from '../../support/paths.js';

const fixtures = repositoryPath('test/fixtures/tls');
const CA = `tls_ca=${encodeURIComponent(join(fixtures, 'ca.pem'))}`;

let server: Mariadb;
let client: MysqlClient;

/** The cipher of a connection, as the server sees it. */
async function cipher(host: string, parameters: string): Promise<string> {
  client = new MysqlClient(parseMysqlUrl(`mysql://root@${host}:${server.port ?? 0}/mysql?${parameters}`), {
    clock: monotonicClock,
    random: Math.random,
    connectTimeoutMs: 20_000,
    deadlineMs: 20_000,
  });
  const [row] = await client.read((session) => session.query(`SHOW STATUS LIKE 'Ssl_cipher'`));
  return String(row?.['Value']);
}

function startWith(certificate: string): Promise<Mariadb> {
  const file = (name: string): string => join(fixtures, name);
  return startMariadb({
    tcp: true,
    serverArgs: [
      `--ssl-ca=${file('ca.pem')}`,
      `--ssl-cert=${file(`${certificate}.pem`)}`,
      `--ssl-key=${file(`${certificate}-key.pem`)}`,
    ],
  });
}

const skip = hasPrivateServer()
  ? false
  : 'the server of SIGNALBOX_TEST_MYSQL_URL has certificates of its own';

describe('a database with a certificate of its name', { skip, timeout: 60_000 }, () => {
  before(async () => {
    server = await startWith('localhost');
  });
  afterEach(() => client.close());
  after(() => server.stop());

  it('is talked to over TLS', async () => {
    assert.match(await cipher('localhost', CA), /^TLS_|-/);
  });

  it('is not trusted without the authority', async () => {
    await assert.rejects(cipher('localhost', 'tls=true'), {
      code: 'store_unavailable',
      message: /certificate/,
    });
  });

  it('is talked to in clear by whoever asks for no TLS', async () => {
    assert.equal(await cipher('127.0.0.1', ''), '');
  });
});

describe('a database with a certificate of another name', { skip, timeout: 60_000 }, () => {
  before(async () => {
    server = await startWith('db.example');
  });
  afterEach(() => client.close());
  after(() => server.stop());

  it('is refused', async () => {
    await assert.rejects(cipher('localhost', CA), { code: 'store_unavailable', message: /altnames/ });
  });

  it('is taken by whoever only asks for the authority', async () => {
    assert.match(await cipher('localhost', `${CA}&tls_verify=ca`), /^TLS_|-/);
  });
});
