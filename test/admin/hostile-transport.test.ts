// What is huge, slow or no HTTP at all: the server refuses it with a code, carries nothing of it out, and goes on.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { AdminLimits } from '../../src/admin/server.js';
import { MemoryStore } from '../../src/store/memory-store.js';
import { draft, org } from '../support/routes.js';
import { waitFor } from '../support/wait-for.js';
import { type AdminUnderTest, startAdmin } from './admin-under-test.js';
import { assertProblem } from './assert-problem.js';
import { RawConnection, exchangeRaw } from './raw-http.js';

const ORG = org(1);
const ROUTES = `/v1/orgs/${ORG}/routes`;
const BODY_BYTES_MAX = 8 * 1024 * 1024;

let store: MemoryStore;
let admin: AdminUnderTest;

/** A server for each test, that must be as it was after it. */
function withServer(limits: Partial<AdminLimits>): void {
  beforeEach(async () => {
    store = new MemoryStore();
    admin = await startAdmin({ store, limits });
  });
  afterEach(async () => {
    assert.equal((await store.listAllForOrg(ORG)).revision, 0, 'nothing was changed');
    assert.deepEqual(admin.logs, [], 'nothing was a defect');
    assert.equal((await admin.call('GET', '/healthz')).status, 200, 'the server goes on');
    await admin[Symbol.asyncDispose]();
  });
}

const raw = (bytes: string): Promise<string> => exchangeRaw({ path: admin.path }, bytes);

const post = (headers: string, body = ''): string =>
  `POST ${ROUTES} HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n${body}`;

describe('a request', () => {
  withServer({});

  it('with a body beyond the limit is told so, whether it says its length or not', async () => {
    const large = Buffer.alloc(BODY_BYTES_MAX + 1, 0x20);
    assertProblem(await admin.call('POST', ROUTES, { body: large }), 'payload_too_large');
    const chunk = `100000\r\n${' '.repeat(0x10_0000)}\r\n`;
    const connection = new RawConnection({ path: admin.path });
    connection.write(post('Content-Type: application/json\r\nTransfer-Encoding: chunked', chunk.repeat(8)));
    connection.write(`1\r\n \r\n`);
    assert.match(await connection.until(/\r\n\r\n\{/), /^HTTP\/1\.1 413 [\s\S]*"payload_too_large"/);
    connection.socket.destroy();
    assertProblem(await admin.call('POST', ROUTES, { body: large.subarray(1) }), 'bad_request', /no JSON/);
  });

  it('that asks before it sends too much is refused before it does', async () => {
    const connection = new RawConnection({ path: admin.path });
    const head = `Content-Type: application/json\r\nContent-Length: ${BODY_BYTES_MAX + 1}\r\nExpect: 100-continue`;
    connection.write(post(head));
    assert.match(await connection.until(/\}$/), /^HTTP\/1\.1 413 /);
    connection.socket.destroy();
    const welcome = new RawConnection({ path: admin.path });
    welcome.write(post('Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue'));
    assert.match(await welcome.until(/\r\n\r\n/), /^HTTP\/1\.1 100 /);
    welcome.write('{}');
    assert.match(await welcome.until(/\}$/), /HTTP\/1\.1 422 /);
    welcome.socket.destroy();
  });

  it('that is no HTTP, or has too many headers', async () => {
    assert.match(await raw('\x00\x00\x00\x05hello\r\n\r\n'), /^HTTP\/1\.1 400 [\s\S]*"bad_request"/);
    assert.match(
      await raw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`),
      /^HTTP\/1\.1 431 /,
    );
    assert.match(
      await raw(post('Content-Length: 2\r\nTransfer-Encoding: chunked\r\nConnection: close', '{}')),
      /^HTTP\/1\.1 400 /,
    );
  });

  it('for a proxy', async () => {
    for (const target of ['http://localhost/healthz', '*', 'healthz']) {
      assert.match(
        await raw(`OPTIONS ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
        /^HTTP\/1\.1 400 /,
      );
    }
    await raw('CONNECT localhost:80 HTTP/1.1\r\nHost: x\r\n\r\n');
  });

  it('that goes away in the middle of its body', async () => {
    const connection = new RawConnection({ path: admin.path });
    connection.write(post('Content-Type: application/json\r\nContent-Length: 100', '{'));
    await waitFor(() => connection.socket.bytesWritten > 0, 'the request to be sent');
    connection.socket.destroy();
    await connection.closed();
  });

  it('that says twice what may be said once', async () => {
    for (const header of ['X-Actor: a', 'Content-Type: application/json']) {
      const headers = `Content-Type: application/json\r\n${header}\r\n${header}\r\nContent-Length: 2\r\nConnection: close`;
      assert.match(await raw(post(headers, '{}')), /^HTTP\/1\.1 400 /);
    }
  });
});

describe('a request of HTTP/1.0', () => {
  withServer({});

  it('names no host, and is answered on a Unix socket', async () => {
    assert.match(await raw('GET /healthz HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 [\s\S]*\{"status":"ok"\}$/);
  });
});

describe('a slow request', () => {
  withServer({ headersTimeoutMs: 200, requestTimeoutMs: 400 });

  it('whose body never comes is cut, and not carried out', async () => {
    const body = JSON.stringify(draft('a'));
    const text = await raw(
      post(`Content-Type: application/json\r\nContent-Length: ${body.length}`, body.slice(0, -1)),
    );
    assert.match(text, /^HTTP\/1\.1 408 [\s\S]*application\/problem\+json[\s\S]*"request_timeout"/);
  });

  it('whose refused body never ends is cut without a second answer', async () => {
    const text = await raw(post('Content-Type: text/plain\r\nContent-Length: 100', 'a'));
    assert.match(text, /^HTTP\/1\.1 415 /);
    assert.equal(text.match(/HTTP\/1\.1/g)?.length, 1);
  });

  it('whose headers never end, or never begin, is cut', async () => {
    const started = performance.now();
    assert.match(await raw('GET /healthz HTTP/1.1\r\nHost: x\r\n'), /^HTTP\/1\.1 408 /);
    await raw('');
    assert.ok(performance.now() - started < 10_000);
  });
});

describe('many bodies at once', () => {
  it('are refused beyond what all may hold, and taken again when there is room', async () => {
    await using admin = await startAdmin({ limits: { bodyBytesHeldMax: 1000 } });
    const slow = new RawConnection({ path: admin.path });
    const head = `POST ${ROUTES} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
    slow.write(`${head}Content-Length: 990\r\n\r\n${' '.repeat(980)}`);
    const small = (): ReturnType<typeof admin.call> => admin.call('POST', ROUTES, { json: draft('a') });
    await waitFor(async () => (await small()).status === 503, 'the slow body to be held');
    const refused = await small();
    assertProblem(refused, 'overloaded');
    assert.equal(refused.headers['retry-after'], '1');
    slow.socket.destroy();
    await waitFor(async () => (await small()).status === 201, 'room');
  });
});
