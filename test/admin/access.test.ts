// Who may ask: on a Unix socket whoever its mode lets in, on TCP whoever is on this host, knows its name and has the
// token.
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { startAdminServer } from '../../src/admin/server.js';
import { SignalboxError } from '../../src/errors.js';
import { silentLog } from '../../src/log.js';
import { org } from '../support/routes.js';
import { type AdminUnderTest, TOKEN, backendOf, startAdmin } from './admin-under-test.js';
import { assertProblem } from './assert-problem.js';
import { exchangeRaw } from './raw-http.js';

const ROUTES = `/v1/orgs/${org(1)}/routes`;
const AUTHORIZATION = `Bearer ${TOKEN}`;

describe('on a Unix socket', () => {
  it('the owner alone may connect', async () => {
    await using admin = await startAdmin();
    const { mode } = await stat(admin.path);
    assert.equal((mode & 0o777).toString(8), '600');
  });

  it('the umask is what it was', async () => {
    const before = process.umask(0o027);
    await using _ = await startAdmin();
    assert.equal(process.umask(before), 0o027);
  });

  it('no token is asked for, and no name of the host', async () => {
    await using admin = await startAdmin();
    assert.equal((await admin.call('GET', ROUTES, { headers: { host: 'whatever' } })).status, 200);
  });

  it('a path that is taken is a matter of configuration', async () => {
    await using admin = await startAdmin();
    await assertConfiguration({ path: admin.path }, /cannot listen on .*admin\.sock/);
    assert.equal((await admin.call('GET', '/healthz')).status, 200);
  });
});

describe('on TCP', () => {
  it('the token is asked for everywhere but at the probes, where there is nothing too', async () => {
    await using admin = await startAdmin({ tcp: true });
    for (const path of ['/healthz', '/readyz']) assert.equal((await admin.call('GET', path)).status, 200);
    for (const path of [ROUTES, '/metrics', '/v1/status', '/openapi.json', '/nowhere', '/healthz/']) {
      const answer = await admin.call('GET', path);
      assertProblem(answer, 'unauthorized');
      assert.equal(answer.headers['www-authenticate'], 'Bearer realm="signalbox"');
    }
    assertProblem(await admin.call('POST', '/healthz'), 'unauthorized');
  });

  it('only the whole token, as a bearer token, is one', async () => {
    await using admin = await startAdmin({ tcp: true });
    for (const authorization of [
      TOKEN,
      'Bearer',
      'Bearer ',
      `Bearer ${TOKEN}x`,
      `Bearer ${TOKEN.slice(0, -1)}`,
      `Bearer ${TOKEN.toUpperCase()}`,
      `Bearer ${TOKEN} ${TOKEN}`,
      `Basic ${Buffer.from(`:${TOKEN}`).toString('base64')}`,
    ]) {
      const answer = await admin.call('GET', ROUTES, { headers: { authorization } });
      assertProblem(answer, 'unauthorized');
      assert.ok(!answer.text.includes(TOKEN));
    }
    for (const authorization of [AUTHORIZATION, `bearer  ${TOKEN}`]) {
      assert.equal((await admin.call('GET', ROUTES, { headers: { authorization } })).status, 200);
    }
  });

  it('a page that made its name mean this host is turned away, token or none', async () => {
    await using admin = await startAdmin({ tcp: true });
    const { port } = admin;
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      'localhost',
      '127.0.0.1:1',
      `127.0.0.2:${port}`,
    ]) {
      for (const path of ['/healthz', ROUTES]) {
        const answer = await admin.call('GET', path, { headers: { host, authorization: AUTHORIZATION } });
        assertProblem(answer, 'misdirected');
      }
    }
    for (const host of [`localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`, `127.0.0.1:${port}`]) {
      assert.equal((await admin.call('GET', '/healthz', { headers: { host } })).status, 200, host);
    }
  });

  it('no page gets leave to read anything', async () => {
    await using admin = await startAdmin({ tcp: true });
    const headers = { origin: 'https://evil.example', authorization: AUTHORIZATION };
    const preflight = await admin.call('OPTIONS', ROUTES, {
      headers: { ...headers, 'access-control-request-method': 'PUT' },
    });
    assertProblem(preflight, 'method_not_allowed');
    const read = await admin.call('GET', ROUTES, { headers });
    for (const answer of [preflight, read]) {
      assert.ok(!Object.keys(answer.headers).some((name) => name.startsWith('access-control-')));
    }
    assert.equal(read.headers['x-content-type-options'], 'nosniff');
    assert.equal(read.headers['cache-control'], 'no-store');
  });

  it('a request that says its host or its token twice is not understood', async () => {
    await using admin = await startAdmin({ tcp: true });
    const host = `Host: localhost:${admin.port}`;
    for (const headers of [
      [host, 'Host: evil.example', `Authorization: ${AUTHORIZATION}`],
      [host, `Authorization: ${AUTHORIZATION}`, 'Authorization: Bearer other'],
    ]) {
      const text = await exchangeRaw(
        { host: '127.0.0.1', port: admin.port },
        `GET ${ROUTES} HTTP/1.1\r\n${headers.join('\r\n')}\r\nConnection: close\r\n\r\n`,
      );
      assert.match(text, /^HTTP\/1\.1 400 /);
    }
  });

  it('those who are turned away are logged, but not as often as they try', async () => {
    await using admin = await startAdmin({ tcp: true });
    for (let tries = 0; tries < 50; tries += 1) await admin.call('GET', ROUTES);
    const denied = denials(admin);
    assert.ok(denied.length >= 1 && denied.length < 50, String(denied.length));
    assert.deepEqual(
      [denied[0]?.level, denied[0]?.['code'], denied[0]?.['times']],
      ['warn', 'unauthorized', 1],
    );
  });

  it('only loopback is listened on, and only with a token', async () => {
    for (const host of ['0.0.0.0', '::', '', 'example.com', '192.168.1.1', '127.0.0.1.example.com']) {
      await assertConfiguration({ host, port: 0, token: TOKEN }, /127\.0\.0\.1, ::1, localhost only/);
    }
    for (const token of ['', ' ', 'two words', 'schlüssel', 'line\n']) {
      await assertConfiguration({ host: '127.0.0.1', port: 0, token }, /token/);
    }
  });

  it('a port that is taken is a matter of configuration', async () => {
    await using admin = await startAdmin({ tcp: true });
    await assertConfiguration({ host: '127.0.0.1', port: admin.port, token: TOKEN }, /cannot listen on 127/);
  });

  it('localhost is a name for loopback', async () => {
    const backend = backendOf();
    const listen = { host: 'localhost', port: 0, token: TOKEN };
    await using server = await startAdminServer({ backend, listen, log: silentLog });
    assert.ok('host' in server.address && ['127.0.0.1', '::1'].includes(server.address.host));
  });
});

function denials({ logs }: AdminUnderTest): AdminUnderTest['logs'] {
  return logs.filter(({ event }) => event === 'admin.denied');
}

async function assertConfiguration(
  listen: Parameters<typeof startAdminServer>[0]['listen'],
  message: RegExp,
): Promise<void> {
  const backend = backendOf();
  await assert.rejects(startAdminServer({ backend, listen, log: silentLog }), (error) => {
    assert.ok(error instanceof SignalboxError, String(error));
    assert.equal(error.code, 'configuration');
    assert.match(error.message, message);
    return true;
  });
}
