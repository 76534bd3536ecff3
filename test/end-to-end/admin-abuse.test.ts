// The admin API under abuse, on TCP as any local user or web page reaches it, beside a gateway that goes on to get its
// decisions: nothing of it is carried out, nothing is forgotten to be counted, and no number of series grows.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Client } from 'undici';
import { type DaemonProcess, startDaemonProcess } from '../support/daemon-process.js';
import { freePort } from '../support/free-port.js';
import { type Exposition, parseExposition, seriesOf, valueOf } from '../support/prometheus-text.js';
import { org } from '../support/routes.js';
import { WireClient } from '../support/wire-client.js';
import { RawConnection } from '../admin/raw-http.js';

const ORG = org(1);
const ROUTES = `orgs:
  ${ORG}:
    - name: always
      then: { target_model: gpt-4o-mini }
`;
const TOKEN = 'the-token-of-this-test';
const AUTHORIZATION = { authorization: `Bearer ${TOKEN}` };

let directory: string;
let port: number;
let daemon: DaemonProcess;
let gateway: WireClient;
let admin: Client;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  const tokenFile = join(directory, 'token');
  await writeFile(tokenFile, TOKEN);
  port = await freePort();
  const args = ['--admin', `127.0.0.1:${port}`, '--admin-token-file', tokenFile];
  daemon = await startDaemonProcess({ routes: ROUTES, args });
  gateway = await WireClient.connect(daemon.socketPath);
  admin = new Client(`http://127.0.0.1:${port}`);
});

after(async () => {
  gateway.destroy();
  await admin.destroy();
  await daemon.stop('SIGTERM');
  await rm(directory, { recursive: true, force: true });
});

async function assertDecides(): Promise<void> {
  const { error, result } = await gateway.call('resolve', { org_id: ORG, model: 'm' });
  assert.equal(error, null);
  assert.equal((result as { route: string }).route, 'always');
}

async function scrape(): Promise<Exposition> {
  const { body, statusCode } = await admin.request({
    method: 'GET',
    path: '/metrics',
    headers: AUTHORIZATION,
  });
  assert.equal(statusCode, 200);
  return parseExposition(await body.text());
}

async function statusOf(headers: Record<string, string>, path = '/v1/status'): Promise<number> {
  const { body, statusCode } = await admin.request({ method: 'GET', path, headers });
  await body.dump();
  return statusCode;
}

describe('an admin API that is abused', { timeout: 120_000 }, () => {
  it('lets nobody in by a name that was made to mean this host, nor by a token that is not the one', async () => {
    assert.equal(await statusOf({ ...AUTHORIZATION, host: `rebound.example:${port}` }), 421);
    for (const token of ['', 'x', TOKEN.slice(1), `${TOKEN}x`, 'x'.repeat(8000)])
      assert.equal(await statusOf({ authorization: `Bearer ${token}` }), 401);
    for (let guess = 0; guess < 500; guess += 1)
      assert.equal(await statusOf({ authorization: `Bearer ${guess}` }), 401);
    await assertDecides();
    const denied = daemon.logs.filter(({ event }) => event === 'admin.denied');
    assert.ok(denied.length >= 1 && denied.length < 100, 'the log is not flooded by it');
    assert.equal(await statusOf(AUTHORIZATION), 200);
  });

  it('keeps deciding while hundreds of callers send slow or oversized bodies', async () => {
    const head = `PUT /v1/orgs/${ORG}/routes HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n`;
    const abusers = Array.from({ length: 300 }, (_, index) => {
      const abuser = new RawConnection({ host: '127.0.0.1', port });
      // One in three never ends, one announces too much, one sends it in chunks.
      if (index % 3 === 0) abuser.write(`${head}Content-Length: 1000\r\n\r\n{"routes":[`);
      else if (index % 3 === 1) abuser.write(`${head}Content-Length: 99999999\r\n\r\n{"routes":[`);
      else abuser.write(`${head}Transfer-Encoding: chunked\r\n\r\n40000\r\n${' '.repeat(0x40000)}\r\n`);
      return abuser;
    });
    for (let decision = 0; decision < 200; decision += 1) await assertDecides();
    assert.ok(abusers.some(({ text }) => text.startsWith('HTTP/1.1 413')));
    for (const { socket } of abusers) socket.destroy();
    for (let decision = 0; decision < 50; decision += 1) await assertDecides();
    const { body } = await admin.request({
      method: 'GET',
      path: `/v1/orgs/${ORG}/routes`,
      headers: AUTHORIZATION,
    });
    const { routes } = (await body.json()) as { routes: readonly { name: string }[] };
    assert.deepEqual(
      routes.map(({ name }) => name),
      ['always'],
      'nothing of it was carried out',
    );
  });

  it('has as many series after thousands of invented orgs, models and paths as before, and scrapes that are all alike', async () => {
    const before_ = await scrape();
    for (let number = 0; number < 3000; number += 1) {
      const invented = `0190a000-0000-7000-9000-${String(number).padStart(12, '0')}`;
      await gateway.call('resolve', { org_id: invented, model: `model-${number}`, tag: `tag-${number}` });
    }
    for (let number = 0; number < 200; number += 1)
      await statusOf(AUTHORIZATION, `/v1/orgs/${org(number)}/x${number}`);
    const scrapers = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const client = new Client(`http://127.0.0.1:${port}`);
        const { body } = await client.request({ method: 'GET', path: '/metrics', headers: AUTHORIZATION });
        const exposition = parseExposition(await body.text());
        await client.close();
        return exposition;
      }),
    );
    for (const scraped of scrapers) assert.deepEqual(seriesOf(scraped), seriesOf(before_));
    const text = JSON.stringify((await scrape()).samples);
    assert.ok(!/model-|tag-|7000-9000/.test(text));
    const total = (name: string): number => valueOf(scrapers[0] ?? before_, name) ?? NaN;
    assert.ok(total('signalbox_unknown_orgs') <= 10_000);
    await assertDecides();
  });
});
