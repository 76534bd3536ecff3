// Compiles the C tools of the benches when they are first needed. The binaries are kept under the temporary directory,
// named for a hash of their source: an edited tool is compiled again, an unchanged one never. No build step of the
// package needs a compiler; only whoever runs the socket load does.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, lstat, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryPath } from './paths.js';

const run = promisify(execFile);
const compiler = 'cc';
const flags = ['-O2', '-std=c11', '-Wall', '-Wextra'] as const;

export type NativeTool = 'load' | 'echo';

/** The path of the compiled `bench/load/NAME.c`. Throws an Error that says what to do when it can't be compiled. */
export async function compileNative(name: NativeTool): Promise<string> {
  const sourcePath = repositoryPath(`bench/load/${name}.c`);
  const source = await readFile(sourcePath);
  const key = createHash('sha256')
    .update(flags.join(' '))
    .update(process.arch)
    .update(source)
    .digest('hex')
    .slice(0, 16);
  const binary = join(await cacheDirectory(), `${name}-${key}`);
  if (await exists(binary)) return binary;

  // Under a name of its own first: another bench that starts at this moment must never run half a binary.
  const unfinished = `${binary}.${process.pid}`;
  try {
    await run(compiler, [...flags, '-o', unfinished, sourcePath]);
    await rename(unfinished, binary);
  } catch (error) {
    await rm(unfinished, { force: true });
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Error(
        `the socket load needs a C compiler, and there is no "${compiler}": install one (Debian and Ubuntu: apt-get install gcc libc6-dev)`,
      );
    }
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Error(`${compiler} can't compile ${sourcePath}:\n${output}`);
  }
  return binary;
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
