// README's table of what was measured: printed, or put between its two markers. Figures there are never typed.
import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import type { Budget } from './budgets.js';
import { repositoryPath } from './paths.js';
import { problemLines, provenance, resultColumns } from './result-table.js';
import type { SuiteResult } from './suite-result.js';

const BEGIN = '<!-- npm run bench -- --write-readme: begin -->';
const END = '<!-- npm run bench -- --write-readme: end -->';

const README = repositoryPath('README.md');

/** As Markdown, with what it was measured on. */
export async function readmeTable(result: SuiteResult, budgets: readonly Budget[]): Promise<string> {
  const figures = result.figures.filter(({ isInReadme }) => isInReadme);
  const columns = resultColumns(budgets);
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const lines = [
    row(columns.map(({ title }) => title)),
    row(columns.map(({ align }) => (align === 'right' ? '---:' : '---'))),
    ...figures.map((figure) => row(columns.map(({ title, text }) => cellOf(title, text(figure))))),
  ];
  return formatted(`${provenance(result)}\n\n${lines.join('\n')}\n`);
}

function cellOf(title: string, text: string): string {
  return title === 'case' ? `\`${text}\`` : text;
}

/**
 * @param wanted the names of all figures that belong into README.
 * @throws an Error when the result is not one that README should show.
 */
export async function writeReadme(
  result: SuiteResult,
  budgets: readonly Budget[],
  wanted: readonly string[],
): Promise<void> {
  if (result.settings.isQuick)
    throw new Error('a quick run is too short to be believed: README is left as it is');
  const problems = problemLines({ ...result, figures: [] });
  if (problems.length > 0) throw new Error(`README is left as it is: ${problems.join('; ')}`);
  const measured = new Set(result.figures.map(({ name }) => name));
  const missing = wanted.filter((name) => !measured.has(name));
  if (missing.length > 0) throw new Error(`README is left as it is, for it would lose ${missing.join(', ')}`);
  const readme = await readFile(README, 'utf8');
  await writeFile(README, await formatted(withTable(readme, await readmeTable(result, budgets))));
}

/** @throws an Error if the markers aren't there, once and in order. */
export function withTable(readme: string, table: string): string {
  const [before, rest, ...more] = readme.split(BEGIN);
  const [, after, ...evenMore] = (rest ?? '').split(END);
  if (before === undefined || after === undefined || more.length + evenMore.length > 0) {
    throw new Error(`README.md must have ${BEGIN} and, behind it, ${END}`);
  }
  return `${before}${BEGIN}\n\n${table}\n${END}${after}`;
}

/** The part of README that is printed by the suite. */
export function tableIn(readme: string): string {
  return readme.split(BEGIN)[1]?.split(END)[0] ?? '';
}

async function formatted(markdown: string): Promise<string> {
  const config = await resolveConfig(README);
  return format(markdown, { ...config, parser: 'markdown' });
}
