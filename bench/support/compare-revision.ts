// Compares with another revision: builds it in a temporary git worktree, with the packages that it locks, and lets the
// two take turns, case by case and round by round, each with its own suite. So both see the same minutes of the machine.
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchSettings } from './bench-case.js';
import { type Change, changeOf, compareTable, isWorse } from './compare.js';
import type { Figure } from './figure.js';
import type { NamedCase } from './find-cases.js';
import { repositoryPath } from './paths.js';
import { Progress } from './progress.js';
import { runChild } from './run-child.js';
import { loadResult } from './suite-result.js';

/** By figure's name, the numbers of its rounds in both trees. */
type Rounds = Map<string, { readonly figure: Figure; readonly before: number[]; readonly after: number[] }>;

/** Returns the exit code. */
export async function compareWithRevision(
  revision: string,
  cases: readonly NamedCase[],
  settings: BenchSettings,
  threshold: number,
  signal: AbortSignal,
): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-bench-revision-'));
  const tree = join(directory, 'tree');
  try {
    await build(revision, tree, signal);
    const rounds = await takeTurns(tree, directory, cases, settings, signal);
    const changes: Change[] = [...rounds.values()]
      .filter(({ before, after }) => before.length > 0 && after.length > 0)
      .map(({ figure, before, after }) => changeOf(figure, figure.unit, before, after));
    process.stdout.write(compareTable(changes, threshold));
    return changes.some((change) => isWorse(change, threshold)) ? 1 : 0;
  } finally {
    // Also after an interrupt, when the signal would end whatever it is given to.
    await git(['worktree', 'remove', '--force', tree], new AbortController().signal).catch(() => undefined);
    await rm(directory, { recursive: true, force: true });
  }
}

async function build(revision: string, tree: string, signal: AbortSignal): Promise<void> {
  const commit = await git(['rev-parse', '--verify', `${revision}^{commit}`], signal).catch(() => {
    signal.throwIfAborted();
    throw new Error(`--compare: ${revision} is neither a file nor a revision`);
  });
  process.stderr.write(`building ${revision} …\n`);
  await git(['worktree', 'add', '--detach', tree, commit.trim()], signal);
  const lock = async (root: string): Promise<string> => readFile(join(root, 'package-lock.json'), 'utf8');
  if ((await lock(tree)) === (await lock(repositoryPath('')))) {
    await symlink(repositoryPath('node_modules'), join(tree, 'node_modules'));
  } else {
    const flags = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
    await runChild('npm', flags, signal, { cwd: tree });
  }
  const compiler = join(tree, 'node_modules/typescript/bin/tsc');
  await runChild(process.execPath, [compiler, '-p', 'tsconfig.json'], signal, { cwd: tree });
}

async function takeTurns(
  tree: string,
  directory: string,
  cases: readonly NamedCase[],
  settings: BenchSettings,
  signal: AbortSignal,
): Promise<Rounds> {
  const progress = new Progress(cases.length);
  const rounds: Rounds = new Map();
  const trees = { before: tree, after: repositoryPath('') };
  for (const { name } of cases) {
    progress.begin(name);
    for (let round = 1; round <= settings.rounds; round += 1) {
      for (const which of ['before', 'after'] as const) {
        progress.say(`${which}, round ${round} of ${settings.rounds}`);
        const figures = await oneRound(trees[which], name, join(directory, 'round.json'), settings, signal);
        for (const figure of figures) addRound(rounds, figure, which);
      }
    }
  }
  progress.end();
  return rounds;
}

/** No figures where that tree hasn't got the case. */
async function oneRound(
  tree: string,
  name: string,
  file: string,
  { isQuick }: BenchSettings,
  signal: AbortSignal,
): Promise<readonly Figure[]> {
  await rm(file, { force: true });
  const main = join(tree, 'dist/bench/main.js');
  const flags = [name, '--rounds', '1', '--json', file, ...(isQuick ? ['--quick'] : [])];
  try {
    await runChild(process.execPath, [main, ...flags], signal, { cwd: tree });
  } catch (error) {
    signal.throwIfAborted();
    // A case that the other revision hasn't got, or that fails there, has nothing to be compared.
    process.stderr.write(
      `\n${tree === repositoryPath('') ? 'here' : 'there'}: ${String(error).split('\n')[0] ?? ''}\n`,
    );
  }
  const result = await loadResult(file).catch(() => undefined);
  return result?.figures ?? [];
}

function addRound(rounds: Rounds, figure: Figure, which: 'before' | 'after'): void {
  let entry = rounds.get(figure.name);
  if (entry === undefined) {
    entry = { figure, before: [], after: [] };
    rounds.set(figure.name, entry);
  }
  entry[which].push(...figure.rounds);
}

function git(args: readonly string[], signal: AbortSignal): Promise<string> {
  return runChild('git', ['-C', repositoryPath(''), ...args], signal);
}
