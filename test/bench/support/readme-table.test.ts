// README's table of figures: what is in it, and when it is not replaced.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readFile } from 'node:fs/promises';
import { NORMAL } from '../../../bench/support/bench-case.js';
import { figure } from '../../../bench/support/figure.js';
import { repositoryPath } from '../../../bench/support/paths.js';
import { readmeTable, tableIn, withTable, writeReadme } from '../../../bench/support/readme-table.js';
import { newResult } from '../../../bench/support/suite-result.js';

const one = figure({
  name: 'a/claim/one',
  unit: 'µs',
  better: 'less',
  headline: 'p99',
  rounds: [30, 31, 32],
  ratio: { to: 'limit', rounds: [1.5, 1.6, 1.7] },
  percentiles: { p50: 10, p99: 31, p999: 31 },
});

const result = newResult({
  startedAt: '2026-01-02T03:04:05.000Z',
  durationSeconds: 60,
  commit: 'abc',
  settings: NORMAL,
  figures: [
    { ...one, isInReadme: true },
    { ...one, name: 'a/claim/other', isInReadme: false },
  ],
  failures: [],
});

describe("README's table", () => {
  it('has what belongs into README, with ratio and budget', async () => {
    const budget = { figure: 'a/claim/one', of: 'ratio', atMost: 1.55 } as const;
    const table = await readmeTable(result, [budget]);
    assert.match(table, /^On \d+ cores .*; 2026-01-02, commit abc; 3 rounds, 60 s in all\.$/m);
    assert.match(
      table,
      /^\| `a\/claim\/one` +\| µs +\| +10 +\| +31 +\| +31 +\| +1\.6 × +\| limit +\| ≤ 1\.55 × MISSED +\|$/m,
    );
    assert.doesNotMatch(table, /other/);
  });

  it('takes the place of what stands between the markers, again and again', async () => {
    const readme = await readFile(repositoryPath('README.md'), 'utf8');
    const once = withTable(readme, 'the first\n');
    assert.match(tableIn(once), /^\s*the first\s*$/);
    const twice = withTable(once, 'the second\n');
    assert.match(tableIn(twice), /^\s*the second\s*$/);
    assert.equal(withTable(twice, 'the first\n'), once);
    assert.throws(() => withTable('no markers', ''), /README\.md must have <!--/);
  });

  it('is not replaced by one with less in it', async () => {
    const wanted = ['a/claim/one', 'b/claim/more'];
    await assert.rejects(
      writeReadme(result, [], wanted),
      /README is left as it is, for it would lose b\/claim\/more/,
    );
  });

  it('is not replaced after a run in which a case failed', async () => {
    const failed = { ...result, failures: [{ case: 'a/claim', message: 'no compiler' }] };
    await assert.rejects(
      writeReadme(failed, [], []),
      /README is left as it is: failed: a\/claim: no compiler/,
    );
  });
});
