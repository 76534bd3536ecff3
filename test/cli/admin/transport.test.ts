// What a caller is told when the other side is no admin API, or goes away.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { AdminTransport } from '../../../src/cli/admin/transport.js';
import { errorOfAnswer } from '../../../src/cli/admin/problem-error.js';
import { SignalboxError } from '../../../src/errors.js';

describe('a call of the admin API', { timeout: 60_000 }, () => {
  let directory: string;
  let server: Server;
  let path: string;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
    path = join(directory, 'admin.sock');
    server = createServer((request, response) => {
      answer(request, response);
    }).listen(path);
    await once(server, 'listening');
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function failure(method: 'GET' | 'PUT', at = path): Promise<SignalboxError> {
    await using transport = new AdminTransport({ address: { kind: 'unix', path: at } });
    try {
      await transport.call({ method, path: '/v1/status', ...(method === 'PUT' ? { body: {} } : {}) });
    } catch (error) {
      assert.ok(error instanceof SignalboxError, String(error));
      return error;
    }
    return assert.fail('expected an error');
  }

  test('that is answered by something else says so', async () => {
    answer = (_, response) => response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>nginx</h1>');
    const { code, message } = await failure('GET');
    assert.equal(code, 'refused');
    assert.match(message, /status 404 and no JSON came from .*; is that a daemon's --admin\?$/);
  });

  test('that is cut off says that a change may have been made, and is not made again', async () => {
    let calls = 0;
    answer = (request) => {
      calls++;
      request.socket.destroy();
    };
    const change = await failure('PUT');
    assert.equal(change.code, 'timeout');
    assert.match(change.message, /whether the change was made is unknown/);
    assert.equal(calls, 1);
    const look = await failure('GET');
    assert.equal(look.code, 'unreachable');
    assert.doesNotMatch(look.message, /unknown/);
  });

  test('to a socket that nobody listens at, or a file, asks whether the daemon is running', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    for (const at of [file, join(directory, 'none')]) {
      const { code, message } = await failure('GET', at);
      assert.equal(code, 'unreachable');
      assert.equal(message, `no daemon answers at ${at}; is it running with --admin ${at}?`);
    }
  });

  test('carries the names of people as UTF-8, the revision as a tag and the query', async () => {
    let seen: IncomingMessage | undefined;
    answer = (request, response) => {
      seen = request;
      response.end('{"ok":true}');
    };
    const options = {
      address: { kind: 'unix', path },
      actor: 'Zoë 李',
      reason: 'a\r\nX-Admin: yes',
    } as const;
    await using transport = new AdminTransport(options);
    const query = { dry_run: true, before: undefined };
    const call = { method: 'PUT', path: '/v1/x', query, body: { a: 'ü' }, revision: 7 } as const;
    assert.deepEqual(await transport.call(call), { ok: true });
    assert.equal(seen?.url, '/v1/x?dry_run=true');
    const { headers } = seen;
    assert.equal(Buffer.from(String(headers['x-actor']), 'latin1').toString('utf8'), 'Zoë 李');
    assert.equal(headers['x-reason'], 'a X-Admin: yes');
    assert.equal(headers['if-match'], '"7"');
  });
});

test('a refusal of the admin API becomes an error that says what to do', () => {
  const cases = [
    [401, {}, 'refused', /--admin-token-file/],
    [404, { detail: 'no such route' }, 'refused', /^no such route$/],
    [412, { detail: 'it is at revision 5' }, 'conflict', /^it is at revision 5: read it again$/],
    [412, { detail: 'read it again, please' }, 'conflict', /^read it again, please$/],
    [
      422,
      { detail: '1 problem', problems: [{ path: '', code: 'no_effect', message: 'x' }] },
      'refused',
      /^1 problem\n {2}no_effect: x$/,
    ],
    [500, { title: 'A defect' }, 'internal', /^A defect$/],
    [501, { detail: 'no history' }, 'refused', /^no history$/],
    [503, { detail: 'down', code: 'store_unavailable' }, 'store_unavailable', /^down$/],
    [503, {}, 'unavailable', /status 503/],
    [413, { detail: 'too\u001b[2Jlarge' }, 'refused', /^too\ufffd\[2Jlarge$/],
  ] as const;
  for (const [status, problem, code, message] of cases) {
    const error = errorOfAnswer(status, problem);
    assert.equal(error.code, code);
    assert.match(error.message, message);
  }
});
