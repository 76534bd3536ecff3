// Compiles the C programs of the benches when they are first needed. The binaries are kept under the temporary
// directory, named for a hash of their source: an edited program is compiled again, an unchanged one never. No build
// step of the package needs a compiler; only whoever runs the socket load does.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, lstat, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryPath } from './paths.js';

const run = promisify(execFile);
const compiler = 'cc';
const flags = ['-O2', '-std=c11', '-D_GNU_SOURCE', '-Wall', '-Wextra'] as const;

/** Under bench/load/: the folder of all that a program is made of, or its one file. */
const programs = { generator: 'generator', echo: 'echo.c' } as const;

export type NativeProgram = keyof typeof programs;

/** The path of the compiled program. Throws an Error that says what to do when it can't be compiled. */
export async function compileNative(name: NativeProgram): Promise<string> {
  const paths = await sourcePaths(name);
  const hash = createHash('sha256').update(flags.join(' ')).update(process.arch);
  for (const path of paths) hash.update(basename(path)).update(await readFile(path));
  const key = hash.digest('hex').slice(0, 16);
  const binary = join(await cacheDirectory(), `${name}-${key}`);
  if (await exists(binary)) return binary;

  // Under a name of its own first: another bench that starts at this moment must never run half a binary.
  const unfinished = `${binary}.${process.pid}`;
  try {
    await run(compiler, [...flags, '-o', unfinished, ...paths.filter((path) => path.endsWith('.c'))]);
    await rename(unfinished, binary);
  } catch (error) {
    await rm(unfinished, { force: true });
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Error(
        `the socket load needs a C compiler, and there is no "${compiler}": install one (Debian and Ubuntu: apt-get install gcc libc6-dev)`,
      );
    }
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Error(`${compiler} can't compile bench/load/${programs[name]}:\n${output}`);
  }
  return binary;
}

/** Every file that it is made of, those that others include as well. */
async function sourcePaths(name: NativeProgram): Promise<string[]> {
  const path = repositoryPath(`bench/load/${programs[name]}`);
  if (path.endsWith('.c')) return [path];
  const names = await readdir(path);
  return names
    .filter((file) => /\.[ch]$/.test(file))
    .toSorted()
    .map((file) => join(path, file));
}

/** A directory of this user alone: what lies in there is run. */
async function cacheDirectory(): Promise<string> {
  const { uid } = userInfo();
  const directory = join(tmpdir(), `signalbox-bench-${uid}`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const status = await lstat(directory);
  if (!status.isDirectory() || status.uid !== uid || (status.mode & 0o022) !== 0) {
    throw new Error(`${directory} must be a directory that only you can write to; remove it and try again`);
  }
  return directory;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
