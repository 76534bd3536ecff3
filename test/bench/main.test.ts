// `npm run bench` as a command: what it prints, what it saves, its exit codes, and that nothing is left of it.
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { benchFile } from '../../bench/support/paths.js';
import type { SuiteResult } from '../../bench/support/suite-result.js';

type Bench = ChildProcessByStdio<null, Readable, Readable>;

const CASE = 'codec/writes-answers-by-copying';

describe('the bench command', () => {
  let directory: string;
  let saved: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
    saved = join(directory, 'result.json');
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it('lists every case with its claim', async () => {
    const { code, output } = await bench('--list');
    assert.equal(code, 0);
    assert.match(output, /^resolve\/flat-in-routes\n {4}time for a decision/m);
  });

  it('knows what it has not got, and says what it has', async () => {
    const { code, complaint } = await bench('no-such-case');
    assert.equal(code, 2);
    assert.match(
      complaint,
      /no case's name begins with no-such-case; there are\n(.*\n)* {2}resolve\/flat-in-routes\n/,
    );
  });

  it('refuses flags that make no sense', async () => {
    assert.equal((await bench('--nonsense')).code, 2);
    assert.equal((await bench('--rounds', '0')).code, 2);
    assert.equal((await bench('--threshold', 'much')).code, 2);
  });

  it('measures, prints one table, and saves all there is to know', async () => {
    const { code, output, complaint } = await bench(CASE, '--quick', '--json', saved);
    assert.equal(code, 0, complaint);
    assert.match(output, /^case +unit +p50 +p99 +p99\.9 +ratio +to +budget *$/m);
    assert.match(
      output,
      new RegExp(`^${CASE}/typical-answer +ns +[\\d.,]+ .*× +typical-answer-msgpackr`, 'm'),
    );
    assert.match(complaint, new RegExp(`^\\[1/1\\] ${CASE}$`, 'm'));
    const result = JSON.parse(await readFile(saved, 'utf8')) as SuiteResult;
    assert.equal(result.machine.node, process.version);
    assert.equal(result.settings.isQuick, true);
    assert.deepEqual(
      result.figures.map(({ name, rounds }) => [name, rounds.length]),
      [
        [`${CASE}/typical-answer`, 1],
        [`${CASE}/typical-answer-msgpackr`, 1],
      ],
    );
    assert.ok((result.figures[0]?.histogram ?? []).length > 0);
  });

  it('tells a result that has become worse by its exit code', async () => {
    const same = await bench('--from', saved, '--compare', saved);
    assert.equal(same.code, 0, same.complaint);
    assert.match(same.output, /0 of 2 figures are worse by more than 10 %/);
    const better = join(directory, 'better.json');
    const result = JSON.parse(await readFile(saved, 'utf8')) as SuiteResult;
    const figures = result.figures.map((one) => ({ ...one, rounds: one.rounds.map((value) => value / 2) }));
    await writeFile(better, JSON.stringify({ ...result, figures }));
    const worse = await bench('--from', saved, '--compare', better, '--threshold', '50%');
    assert.equal(worse.code, 1);
    assert.match(worse.output, /\+100\.0 % .*WORSE/);
  });

  it('refuses to compare with what is neither a result nor a revision', async () => {
    const { code, complaint } = await bench(CASE, '--quick', '--compare', 'no/such-thing');
    assert.equal(code, 1);
    assert.match(complaint, /no\/such-thing is neither a file nor a revision/);
    assert.equal((await bench(CASE, '--compare', 'HEAD', '--json', saved)).code, 2);
    const other = join(directory, 'other.json');
    await writeFile(other, '{}');
    assert.match(
      (await bench('--compare', other)).complaint,
      /is no result of this suite: save one with --json/,
    );
  });

  it("prints README's table from a saved result, and won't put a quick one there", async () => {
    const { code, output } = await bench('--from', saved, '--markdown');
    assert.equal(code, 0);
    assert.match(output, /^On \d+ cores .*Node \d/);
    assert.match(output, new RegExp(`^\\| \`${CASE}/typical-answer\` +\\| ns `, 'm'));
    const refused = await bench('--from', saved, '--write-readme');
    assert.equal(refused.code, 1);
    assert.match(refused.complaint, /a quick run is too short to be believed/);
  });

  it('writes a report that needs nothing else, with the history of all results', async () => {
    const page = join(directory, 'report.html');
    const { code, complaint } = await bench('--from', saved, '--report', page, '--history', directory);
    assert.equal(code, 0, complaint);
    const html = await readFile(page, 'utf8');
    // Not by doesNotMatch, which would print the page.
    const loaded = /<[a-z]+[^>]*\s(src|href)=|@import|url\(|fetch\(|XMLHttpRequest/.exec(html);
    assert.equal(loaded, null);
    assert.ok(html.includes('var uPlot='));
    const [, json = ''] =
      /<script type="application\/json" id="data">\s*(.*?)\s*<\/script>/s.exec(html) ?? [];
    const { rows, plots } = JSON.parse(json) as { rows: string[][]; plots: { kind: string }[] };
    assert.equal(rows[0]?.[0], `${CASE}/typical-answer`);
    assert.ok(plots.some(({ kind }) => kind === 'history'));
  });

  it('ends at once when it is interrupted, and leaves nothing behind', async () => {
    const child = start(['resolve/each-condition'], { TMPDIR: directory });
    const complaint = text(child.stderr);
    // Its child is measuring: a process whose parent is the bench.
    const measuring = await childOf(child);
    child.kill('SIGINT');
    const [code] = (await once(child, 'close')) as [number | null];
    assert.equal(code, 130);
    assert.match(await complaint, /interrupted\n$/);
    assert.throws(() => process.kill(measuring, 0), { code: 'ESRCH' });
    const left = (await readdir(directory)).filter((name) => name.startsWith('signalbox-bench-run-'));
    assert.deepEqual(left, []);
  });
});

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly complaint: string;
}

async function bench(...args: string[]): Promise<Ended> {
  const child = start(args);
  const [output, complaint, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, output, complaint };
}

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Bench {
  return spawn(process.execPath, [benchFile('main.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...env },
  });
}

/** The id of a process that this one has started, as soon as there is one. */
async function childOf(parent: Bench): Promise<number> {
  for (;;) {
    for (const name of await readdir('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
      // The fourth field, counted behind the name, which may have spaces.
      const [, parentId] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (parentId === String(parent.pid) && !stat.includes('(git)')) return Number(name);
    }
    if (parent.exitCode !== null) throw new Error('it ended before it measured anything');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
