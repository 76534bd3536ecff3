// `signalbox tap`: what is shown of a stream of decisions, and how it ends.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DecisionJson } from '../../src/admin/backend.js';
import { AdminClient } from '../../src/cli/admin/admin-client.js';
import { USAGE } from '../../src/cli/exit-codes.js';
import { showDecisions, tapCommand } from '../../src/cli/tap.js';
import { SignalboxError } from '../../src/errors.js';
import { org } from '../support/routes.js';
import { startAdminDaemon } from './support/admin-daemon.js';
import { run } from './support/run-command.js';

const DECISION: DecisionJson = {
  at: '2026-01-02T17:34:05.678Z',
  org_id: org(1),
  reason: 'matched',
  route_id: org(2),
  route: 'cheap\u001b[2J',
  target_model: 'gpt-4o-mini',
  paused: false,
  stale: true,
  revision: 3,
};

const NOTHING: DecisionJson = {
  ...DECISION,
  reason: 'no_match',
  route_id: null,
  route: null,
  target_model: null,
  stale: false,
};

/** What a tap prints of these decisions, until it is told to end. */
async function shown(flags: object): Promise<{ readonly out: string[]; readonly err: string[] }> {
  await using daemon = await startAdminDaemon();
  daemon.tap = (_, take) => {
    setImmediate(() => take([DECISION, NOTHING], 5));
    return () => undefined;
  };
  const ended = new AbortController();
  const out: string[] = [];
  const err: string[] = [];
  const { log, error } = console;
  console.log = (line: string) => out.push(line);
  console.error = (line: string) => {
    err.push(line);
    ended.abort();
  };
  try {
    await using client = new AdminClient({ address: { kind: 'unix', path: daemon.admin } });
    const json = 'json' in flags;
    const stop = json ? setInterval(() => out.length >= 4 && ended.abort(), 10) : undefined;
    await showDecisions(client, { sample: 1, ...flags }, ended.signal);
    clearInterval(stop);
  } finally {
    Object.assign(console, { log, error });
  }
  return { out, err };
}

describe('signalbox tap', { timeout: 60_000 }, () => {
  test('prints a line for each decision, and says how many it could not', async () => {
    const { out, err } = await shown({});
    assert.deepEqual(out, [
      `17:34:05.678 ${org(1)} cheap�[2J → gpt-4o-mini (stale)`,
      `17:34:05.678 ${org(1)} no match`,
    ]);
    assert.deepEqual(err, ['… 5 more were not told']);
  });

  test('prints what the API says with --json', async () => {
    const { out } = await shown({ json: true });
    assert.deepEqual(
      out.slice(0, 4).map((line) => JSON.parse(line) as unknown),
      [{ dropped: 0 }, DECISION, NOTHING, { dropped: 5 }],
    );
  });

  test('says so when the daemon ends', async () => {
    const daemon = await startAdminDaemon();
    await using client = new AdminClient({ address: { kind: 'unix', path: daemon.admin } });
    daemon.tap = () => {
      setImmediate(() => void daemon[Symbol.asyncDispose]());
      return () => undefined;
    };
    await assert.rejects(
      showDecisions(client, { sample: 1, json: true }, new AbortController().signal),
      (error) =>
        error instanceof SignalboxError &&
        error.code === 'unreachable' &&
        error.message.includes('has ended'),
    );
  });

  test('refuses a sample that is none', async () => {
    for (const sample of ['0', '2', '-1', '1%', ''])
      assert.equal((await run(tapCommand(), '--admin', '/none', '--sample', sample)).code, USAGE, sample);
  });
});
