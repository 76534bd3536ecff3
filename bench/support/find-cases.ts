// Finds the cases: every file under bench/cases/ is one, and its path is its name.
import { readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { BenchCase } from './bench-case.js';
import { UsageError } from './command-line.js';
import { benchFile, repositoryPath } from './paths.js';

export interface NamedCase {
  readonly name: string;
  /** The compiled file. */
  readonly file: string;
  readonly bench: BenchCase;
}

/** Somebody asked for what isn't there. */
export class UnknownCase extends UsageError {
  constructor(asked: string, names: readonly string[]) {
    super(`no case's name begins with ${asked}; there are\n${names.map((name) => `  ${name}`).join('\n')}`);
  }
}

/** All cases, in the order of their names. */
export async function findCases(): Promise<NamedCase[]> {
  // Listed from the sources: what is left in dist/ of a case that was deleted is none any more.
  const files = readdirSync(repositoryPath('bench/cases'), { recursive: true, encoding: 'utf8' });
  const names = files.filter((file) => file.endsWith('.ts')).map((file) => file.replace(/\.ts$/, ''));
  return Promise.all(
    names.sort().map(async (name) => {
      const file = benchFile(`cases/${name}.js`);
      const { bench } = (await import(pathToFileURL(file).href)) as { bench: BenchCase };
      return { name, file, bench };
    }),
  );
}

/** Those whose name begins with one of `asked`; all if nothing is asked. @throws UnknownCase */
export function selectCases(cases: readonly NamedCase[], asked: readonly string[]): NamedCase[] {
  const isAsked = ({ name }: NamedCase, prefix: string): boolean => name.startsWith(prefix);
  for (const prefix of asked) {
    if (cases.some((one) => isAsked(one, prefix))) continue;
    throw new UnknownCase(
      prefix,
      cases.map(({ name }) => name),
    );
  }
  return cases.filter((one) => asked.length === 0 || asked.some((prefix) => isAsked(one, prefix)));
}

/** `case/figure` of everything that can be measured. */
export function figureNames(cases: readonly NamedCase[]): string[] {
  return cases.flatMap(({ name, bench }) => bench.figures.map((figure) => `${name}/${figure}`));
}
