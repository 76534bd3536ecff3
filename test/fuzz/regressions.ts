// Inputs that once failed. They are kept as files, and tried again with every `npm test`.
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryPath } from '../support/paths.js';

const ROOT = repositoryPath('test/fixtures/regressions');

export interface Regression {
  readonly file: string;
  readonly input: Buffer;
}

export async function regressionsOf(target: string): Promise<readonly Regression[]> {
  const directory = join(ROOT, target);
  const names = await readdir(directory).catch(() => []);
  return Promise.all(
    names.sort().map(async (name) => {
      const file = join(directory, name);
      return { file, input: await readFile(file) };
    }),
  );
}

/** Returns where it is kept. */
export async function keepRegression(target: string, input: Buffer): Promise<string> {
  const directory = join(ROOT, target);
  await mkdir(directory, { recursive: true });
  const file = join(directory, `${createHash('sha256').update(input).digest('hex').slice(0, 16)}.bin`);
  await writeFile(file, input);
  return file;
}
