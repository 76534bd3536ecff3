// The load generator against what it is used on. It is C: where there is no compiler these tests say so, and the
// benches themselves refuse to run.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type BenchContext, QUICK } from '../../../bench/support/bench-case.js';
import { countOf } from '../../../bench/support/histogram.js';
import type { LoadResult, LoadShape } from '../../../bench/support/load-tool.js';
import { type Server, SocketBench } from '../../../bench/support/socket-bench.js';

const hasCompiler = spawnSync('cc', ['--version']).status === 0;

const OPEN = { kind: 'open', ratePerSecond: 500, connections: 3 } as const;
const SHAPES: Readonly<Record<string, LoadShape>> = {
  'at a fixed rate': OPEN,
  'in bursts at a fixed rate': { ...OPEN, burst: 8 },
  'in a closed loop': { kind: 'closed', pipeline: 1, connections: 2 },
  pipelined: { kind: 'closed', pipeline: 4, connections: 2 },
};

describe('the load generator', { skip: hasCompiler ? false : 'there is no C compiler (cc)' }, () => {
  const cleanups: (() => unknown)[] = [];
  let bench: SocketBench;
  let servers: Record<'an echo' | 'a daemon' | 'an HTTP server', Server>;

  before(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
    cleanups.push(() => rm(directory, { recursive: true, force: true }));
    const context: BenchContext = {
      settings: { ...QUICK, loadSeconds: 0.2, loadWarmupSeconds: 0.05 },
      signal: new AbortController().signal,
      directory,
      file: '',
      say: () => undefined,
      defer: (cleanup) => cleanups.push(cleanup),
    };
    bench = await SocketBench.open(context);
    servers = {
      'an echo': await bench.startEcho(),
      'a daemon': await bench.startDaemon(1),
      'an HTTP server': await bench.startHttpServer('ours'),
    };
  });
  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  for (const name of ['an echo', 'a daemon', 'an HTTP server'] as const) {
    for (const [how, shape] of Object.entries(SHAPES)) {
      it(`counts every request that it sends ${how}, and its answer: ${name}`, async () => {
        assertAllAnswered(await bench.load(servers[name], shape));
      });
    }
  }

  it('sends as many as are due, whatever becomes of them', async () => {
    const result = await bench.load(servers['an echo'], OPEN);
    // Due in 0.2 s are 100, and one more may be at the very end.
    assert.ok(Math.abs(result.sent - 100) <= 1, String(result.sent));
  });
});

function assertAllAnswered(result: LoadResult): void {
  assert.ok(result.sent > 0);
  assert.equal(result.answered, result.sent);
  assert.equal(result.decisions, result.sent);
  assert.equal(result.errors + result.unanswered + result.unmatched + result.closedConnections, 0);
  assert.equal(countOf(result.histogramUs), result.sent);
}
