// What an operator may write behind --store for a database, and what is said about the rest.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseMysqlUrl } from '../../../src/store/mysql/mysql-url.js';

let directory: string;

function refusal(message: RegExp): object {
  return { name: 'SignalboxError', code: 'configuration', message };
}

describe('the URL of a database', () => {
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
    await writeFile(join(directory, 'password'), 'se cret\n');
  });

  after(() => rm(directory, { recursive: true }));

  it('names hosts in order, with ports of their own, and addresses in brackets', () => {
    const { hosts, user, database, tls, password } = parseMysqlUrl(
      'mysql://a%40b@one,two:3307,[::1]:1/routes',
    );
    assert.deepEqual(
      hosts.map(({ endpoint }) => endpoint),
      [
        { host: 'one', port: 3306 },
        { host: 'two', port: 3307 },
        { host: '::1', port: 1 },
      ],
    );
    assert.deepEqual([user, database, tls, password()], ['a@b', 'routes', undefined, '']);
  });

  it('names a socket instead', () => {
    const { hosts } = parseMysqlUrl('mysql://a@localhost/routes?socket=/run/db.sock');
    assert.deepEqual(hosts, [{ name: '/run/db.sock', endpoint: { socketPath: '/run/db.sock' } }]);
  });

  it('takes the password from a file, and sees when another is there', async () => {
    const file = join(directory, 'changing');
    await writeFile(file, 'first\r\n');
    const { password } = parseMysqlUrl(`mysql://a@b/c?password_file=${encodeURIComponent(file)}`);
    assert.equal(password(), 'first');
    await writeFile(file, 'second');
    assert.equal(password(), 'second');
  });

  it('takes the password from a credential that systemd handed over', () => {
    const url = 'mysql://a@b/c?password_credential=password';
    assert.equal(parseMysqlUrl(url, directory).password(), 'se cret');
    assert.throws(() => parseMysqlUrl(url), refusal(/LoadCredential=password:PATH/));
    assert.throws(
      () => parseMysqlUrl('mysql://a@b/c?password_credential=..%2Fpassword', directory),
      refusal(/no name of a credential/),
    );
    assert.throws(
      () => parseMysqlUrl('mysql://a@b/c?password_credential=missing', directory),
      refusal(/missing, which the store needs/),
    );
    assert.throws(() => parseMysqlUrl(`${url}&password_file=x`, directory), refusal(/say one/));
  });

  it('refuses a password of its own, which every process could read', () => {
    assert.throws(() => parseMysqlUrl('mysql://a:b@c/d'), refusal(/password_file=PATH/));
  });

  it('compares certificates with names, and says what to do where there is none', () => {
    const verified = (url: string): boolean | undefined => parseMysqlUrl(url).tls?.verifyIdentity;
    assert.equal(verified('mysql://a@db1,db2/c?tls=true'), true);
    assert.equal(verified('mysql://a@db1,10.0.0.2/c?tls=true&tls_verify=ca'), false);
    assert.throws(
      () => verified('mysql://a@db1,10.0.0.2/c?tls=true'),
      refusal(/10\.0\.0\.2 is none.*tls_verify=ca/),
    );
    assert.throws(() => verified('mysql://a@db1/c?tls=true&tls_verify=no'), refusal(/name or ca/));
    assert.throws(() => verified('mysql://a@db1/c?tls_ca=/none'), refusal(/cannot read \/none/));
  });

  it('says what is missing or unknown', () => {
    for (const [url, message] of [
      ['mysql://a@b', /expected mysql:/],
      ['mysql://a@b/', /the database is missing/],
      ['mysql://b/c', /the user is missing/],
      ['mysql://a@b:x/c', /"b:x" is no host/],
      ['mysql://a@b:0/c', /"b:0" has no port from 1/],
      ['mysql://a@b,d:65536/c', /"d:65536" has no port from 1/],
      ['mysql://a@b/c?pasword_file=x', /unknown parameter pasword_file; there are .*password_file/],
      ['mysql://a%zz@b/c', /not percent-encoded/],
    ] as const) {
      assert.throws(() => parseMysqlUrl(url), refusal(message), url);
    }
  });
});
