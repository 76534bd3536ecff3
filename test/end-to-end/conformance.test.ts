// The conformance cases through daemons and their sockets. What a writer may write is read from a route file by a
// real `signalbox serve`; what only the engine knows (blank members and the like, which writers are refused) is put
// into a store as it is, behind a daemon in this process.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { monotonicClock } from '../../src/clock.js';
import { Daemon } from '../../src/control/daemon.js';
import { silentLog } from '../../src/log.js';
import { DEFAULT_MAX_FRAME_BYTES } from '../../src/protocol/messages.js';
import { Problems } from '../../src/routing/problem.js';
import { parseRouteDraft } from '../../src/routing/validate.js';
import { MemoryStore } from '../../src/store/memory-store.js';
import { type ConformanceCase, loadConformanceCases, storedRoutes } from '../support/conformance.js';
import { type DaemonProcess, startDaemonProcess } from '../support/daemon-process.js';
import { WireClient } from '../support/wire-client.js';

const cases = await loadConformanceCases();
const writable = cases.filter(isWritable);
const engineLevel = cases.filter((conformanceCase) => !isWritable(conformanceCase));

/** A slow machine must not turn a decision into `unavailable`. */
const RESOLVE_TIMEOUT_MS = 20_000;

describe('the conformance cases', () => {
  it('are each either what a writer may write or of the engine alone, and there are some of both', () => {
    assert.equal(writable.length + engineLevel.length, cases.length);
    assert.ok(writable.length > 0);
    assert.ok(engineLevel.length > 0);
  });
});

describe('a daemon with a route file decides each case that a writer may write', { timeout: 60_000 }, () => {
  let daemon: DaemonProcess | undefined;
  let client: WireClient | undefined;

  before(async () => {
    const orgs = Object.fromEntries(writable.map(({ routes }, index) => [orgOf(index), routes]));
    // JSON, being YAML, is a route file.
    daemon = await startDaemonProcess({
      routes: JSON.stringify({ orgs }),
      args: ['--resolve-timeout', `${RESOLVE_TIMEOUT_MS}ms`],
    });
    client = await WireClient.connect(daemon.socketPath);
  });
  after(async () => {
    client?.destroy();
    await daemon?.stop();
  });

  for (const [index, conformanceCase] of writable.entries()) {
    it(`${conformanceCase.id}: ${conformanceCase.about}`, () =>
      assertDecided(client, orgOf(index), conformanceCase));
  }
});

describe('a daemon decides each case of the engine from a store as it is', { timeout: 60_000 }, () => {
  let directory: string | undefined;
  let daemon: Daemon | undefined;
  let client: WireClient | undefined;

  before(async () => {
    const store = new MemoryStore();
    for (const [index, conformanceCase] of engineLevel.entries()) {
      store.setRoutes(orgOf(index), storedRoutes(conformanceCase));
    }
    directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
    const socketPath = join(directory, 'gateway.sock');
    daemon = await Daemon.start({
      store,
      storeUrl: 'memory:',
      socketPath,
      workers: 2,
      ttlMs: 60_000,
      maxStaleMs: 60_000,
      resolveTimeoutMs: RESOLVE_TIMEOUT_MS,
      maxFrameBytes: DEFAULT_MAX_FRAME_BYTES,
      feedIntervalMs: 100,
      drainTimeoutMs: 1000,
      version: '0.0.0',
      clock: monotonicClock,
      log: silentLog,
      onHopeless: assert.ifError,
    });
    client = await WireClient.connect(socketPath);
  });
  after(async () => {
    client?.destroy();
    await daemon?.destroy();
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  });

  for (const [index, conformanceCase] of engineLevel.entries()) {
    it(`${conformanceCase.id}: ${conformanceCase.about}`, () =>
      assertDecided(client, orgOf(index), conformanceCase));
  }
});

/** Each case is an org of its own. */
function orgOf(index: number): string {
  return `0190a000-0000-7000-8000-${index.toString(16).padStart(12, '0')}`;
}

function isWritable({ routes }: ConformanceCase): boolean {
  return routes.every(({ name, priority, enabled, when, then }) => {
    const draft = { name, priority, enabled, when, then };
    return parseRouteDraft(draft, [], new Problems()) !== undefined;
  });
}

async function assertDecided(
  client: WireClient | undefined,
  orgId: string,
  { routes, request, expect }: ConformanceCase,
): Promise<void> {
  assert.ok(client !== undefined, 'the daemon did not start');
  const { error, result } = await client.call('resolve', { org_id: orgId, ...request });
  assert.equal(error, null);
  const { route, target_model, route_id, reason, stale } = result as Record<string, unknown>;
  assert.deepEqual({ route, target_model }, expect);
  assert.equal(reason, expect.route === null ? 'no_match' : 'matched');
  assert.equal(stale, false);
  const ids = routes.filter(({ name }) => name === expect.route).map(({ id }) => id);
  if (expect.route === null) assert.equal(route_id, null);
  else assert.ok(ids.includes(String(route_id)), `${String(route_id)} is no route of that name`);
}
