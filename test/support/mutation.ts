// Known defects, planted to see that they are found: the code as it is compiled, with one place of it changed, is run in a
// process of its own. A place that is no longer there is an error, so that what is planted stays true to the code.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryPath } from './paths.js';

export interface Mutation {
  /** Under dist/src. */
  readonly file: string;
  readonly place: string;
  readonly instead: string;
}

/** @throws AssertionError if the code has no longer exactly one such place. */
export async function assertPlace({ file, place }: Mutation): Promise<void> {
  const code = await readFile(repositoryPath(`dist/src/${file}`), 'utf8');
  assert.equal(code.split(place).length, 2, `${file} has not exactly one place that says: ${place}`);
}

/** Runs a script of dist/ on the changed code. */
export async function runMutated(
  mutation: Mutation,
  script: string,
  args: readonly string[],
): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  await assertPlace(mutation);
  const { file, place, instead } = mutation;
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-mutant-'));
  try {
    for (const part of ['src', 'test']) {
      await cp(repositoryPath(`dist/${part}`), join(directory, 'dist', part), { recursive: true });
    }
    await cp(repositoryPath('package.json'), join(directory, 'package.json'));
    await symlink(repositoryPath('node_modules'), join(directory, 'node_modules'));
    const path = join(directory, 'dist/src', file);
    const code = await readFile(path, 'utf8');
    await writeFile(
      path,
      code.replace(place, () => instead),
    );
    return await new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [join(directory, 'dist', script), ...args],
        (_, stdout, stderr) => {
          resolve({ exitCode: child.exitCode, output: stderr + stdout });
        },
      );
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
