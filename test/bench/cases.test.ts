// What is said of the bench cases elsewhere is true: README, the budgets and the cases name the same things.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { loadBudgets } from '../../bench/support/budgets.js';
import { figureNames, findCases, selectCases } from '../../bench/support/find-cases.js';
import { repositoryPath } from '../../bench/support/paths.js';
import { tableIn } from '../../bench/support/readme-table.js';

const cases = await findCases();
const names = cases.map(({ name }) => name);
const figures = figureNames(cases);
const readme = await readFile(repositoryPath('README.md'), 'utf8');

describe('the bench cases', () => {
  it('are there, each with what it measures and figures of different names', () => {
    assert.ok(cases.length > 20);
    for (const { name, bench } of cases) {
      assert.ok(bench.about.length > 10, name);
      assert.ok(bench.figures.length > 0, name);
      assert.equal(new Set(bench.figures).size, bench.figures.length, name);
    }
  });

  it('are all that README names', () => {
    const groups = new Set(names.map((name) => name.slice(0, name.indexOf('/'))));
    const pattern = new RegExp(`\`((?:${[...groups].join('|')})/[\\w./-]+)\``, 'g');
    for (const [, named = ''] of readme.matchAll(pattern)) {
      // The repository has directories of these names too, with a slash behind them or a file in them.
      if (named.endsWith('/') || named.endsWith('.ts')) continue;
      assert.ok(names.includes(named) || figures.includes(named), `README names ${named}`);
    }
    for (const [, asked = ''] of readme.matchAll(/npm run bench -- ([a-z][\w/-]*)/g)) {
      assert.doesNotThrow(() => selectCases(cases, [asked]), `README says npm run bench -- ${asked}`);
    }
  });

  it("are all that README's table has a row of", () => {
    for (const [, named = ''] of tableIn(readme).matchAll(/^\| `([^`]+)`/gm)) {
      assert.ok(figures.includes(named), `README's table has ${named}`);
    }
  });

  it('are all that the budgets are for', () => {
    for (const { figure } of loadBudgets()) assert.ok(figures.includes(figure), `a budget is for ${figure}`);
  });

  it('are selected by how their names begin', () => {
    assert.deepEqual(
      selectCases(cases, ['codec/reads', 'start']).map(({ name }) => name),
      ['codec/reads-requests-without-decoding', 'start/first-decision'],
    );
    assert.equal(selectCases(cases, []).length, cases.length);
    assert.throws(() => selectCases(cases, ['codec', 'nothing']), /begins with nothing; there are\n {2}\S/);
  });
});
