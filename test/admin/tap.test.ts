// Decisions as a stream: lines for as long as somebody reads them, a bound on what waits for a slow reader, and an end
// when either side goes.
import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { AdminBackend, DecisionJson } from '../../src/admin/backend.js';
import { SignalboxError } from '../../src/errors.js';
import { org } from '../support/routes.js';
import { waitFor } from '../support/wait-for.js';
import { type AdminUnderTest, startAdmin } from './admin-under-test.js';
import { assertProblem } from './assert-problem.js';
import { RawConnection } from './raw-http.js';

type Options = Parameters<AdminBackend['tap']>[0];
type Take = Parameters<AdminBackend['tap']>[1];

/** What a backend was asked to show, and to whom. */
class Shown {
  options: Options | undefined;
  take: Take = () => 0;
  open = 0;

  readonly tap: AdminBackend['tap'] = (options, take) => {
    this.options = options;
    this.take = take;
    this.open += 1;
    return () => {
      this.open -= 1;
    };
  };
}

function decision(revision: number, route = 'a'): DecisionJson {
  return {
    at: '2026-01-02T03:04:05.678Z',
    org_id: org(1),
    reason: 'matched',
    route_id: org(2),
    route,
    target_model: null,
    paused: false,
    stale: false,
    revision,
  };
}

async function linesOf(
  admin: AdminUnderTest,
  path: string,
): Promise<AsyncIterator<string> & { end: () => void }> {
  const { statusCode, headers, body } = await admin.client.request({ method: 'GET', path });
  assert.equal(statusCode, 200);
  assert.equal(headers['content-type'], 'application/x-ndjson');
  body.on('error', () => undefined);
  const lines = createInterface({ input: body })[Symbol.asyncIterator]();
  return Object.assign(lines, { end: () => body.destroy() });
}

async function nextLine(lines: AsyncIterator<string>): Promise<unknown> {
  const next = await lines.next();
  return next.done === true ? undefined : (JSON.parse(next.value) as unknown);
}

describe('the tap', { timeout: 60_000 }, () => {
  it('shows decisions as they are made, and tells what was dropped before', async () => {
    const shown = new Shown();
    await using admin = await startAdmin({ backend: { tap: shown.tap } });
    const lines = await linesOf(admin, `/v1/decisions?org_id=${org(1).toUpperCase()}&sample=0.25`);
    assert.deepEqual(await nextLine(lines), { dropped: 0 });
    assert.deepEqual(shown.options, { orgId: org(1), sample: 0.25 });
    assert.equal(shown.take([decision(1), decision(2)], 7), 0);
    assert.deepEqual([await nextLine(lines), await nextLine(lines)], [decision(1), decision(2)]);
    assert.deepEqual(await nextLine(lines), { dropped: 7 });
    assert.deepEqual(await nextLine(lines), { dropped: 0 }, 'a line comes though nothing is decided');
    lines.end();
    await waitFor(() => shown.open === 0, 'the tap to be closed');
  });

  it('shows all decisions of all orgs unless told', async () => {
    const shown = new Shown();
    await using admin = await startAdmin({ backend: { tap: shown.tap } });
    const lines = await linesOf(admin, '/v1/decisions');
    assert.deepEqual(shown.options, { sample: 1 });
    lines.end();
  });

  it('drops what a reader does not take, holds no more than a bound for it, and says how many it were', async () => {
    const shown = new Shown();
    await using admin = await startAdmin({ backend: { tap: shown.tap } });
    const slow = new RawConnection({ path: admin.path });
    slow.write('GET /v1/decisions HTTP/1.1\r\nHost: x\r\n\r\n');
    await slow.until(/"dropped":0/);
    slow.socket.pause();
    let told = 0;
    let lost = 0;
    while (lost === 0) {
      const before = lost;
      lost += shown.take([decision(1, 'r'.repeat(1000))], 0);
      told += before === lost ? 1 : 0;
      await turn();
    }
    assert.ok(told < 10_000, 'what waits is bounded');
    lost += shown.take(
      Array.from({ length: 99 }, () => decision(1)),
      0,
    );
    slow.socket.resume();
    // Whole lines, all that were told, and then how many weren't.
    await slow.until(new RegExp(`"dropped":${lost}\\}`));
    assert.equal(slow.text.match(/"route":"r{1000}"/g)?.length, told);
    slow.socket.destroy();
    await waitFor(() => shown.open === 0, 'the tap to be closed');
  });

  it('ends with the server, which does not wait for it', async () => {
    const shown = new Shown();
    const admin = await startAdmin({ backend: { tap: shown.tap }, limits: { closeTimeoutMs: 60_000 } });
    const lines = await linesOf(admin, '/v1/decisions');
    await nextLine(lines);
    await admin.server.close();
    assert.equal(await nextLine(lines), undefined);
    assert.equal(shown.open, 0);
    await admin[Symbol.asyncDispose]();
  });

  it('is refused when too many look on, and to who asks for what there is not', async () => {
    const full = (): never => {
      throw new SignalboxError('overloaded', '16 look on already');
    };
    await using admin = await startAdmin({ backend: { tap: full } });
    assertProblem(await admin.call('GET', '/v1/decisions'), 'overloaded', /16 look on/);
    for (const query of [
      'sample=2',
      'sample=-1',
      'sample=',
      'sample=1e-3',
      'org_id=acme',
      'org=1',
      'sample=0',
    ])
      assertProblem(await admin.call('GET', `/v1/decisions?${query}`), 'bad_request');
    assertProblem(await admin.call('POST', '/v1/decisions'), 'method_not_allowed');
  });

  it('to a head shows nothing, and looks at nothing', async () => {
    const shown = new Shown();
    await using admin = await startAdmin({ backend: { tap: shown.tap } });
    assert.equal((await admin.call('HEAD', '/v1/decisions')).status, 200);
    await waitFor(() => shown.open === 0, 'the tap to be closed');
  });
});
