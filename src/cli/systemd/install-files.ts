// Puts files in place, each whole or not at all, takes away what is none any more, and says of each what was done. What
// is the operator's stays.
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SignalboxError, messageOf } from '../../errors.js';
import type { InstalledFile } from './installation.js';

/** The service has a user of its own, and must be able to read what is not secret. */
const FILE_MODE = 0o644;
const UMASK = 0o022;

export interface InstallFilesOptions {
  readonly isDryRun: boolean;
  readonly tell: (line: string) => void;
}

/** @throws SignalboxError `configuration` for what can't be written. */
export async function installFiles(
  files: readonly InstalledFile[],
  { isDryRun, tell }: InstallFilesOptions,
): Promise<void> {
  for (const file of files) {
    const isThere = existsSync(file.path);
    if (file.isKept && isThere) {
      tell(`kept       ${file.path}`);
      continue;
    }
    if (!isDryRun) await put(file);
    tell(`${isThere ? 'replaced ' : 'installed'}  ${file.path}`);
  }
}

/** @throws SignalboxError `configuration` for what can't be removed. */
export async function removeFiles(
  paths: readonly string[],
  { isDryRun, tell }: InstallFilesOptions,
): Promise<void> {
  for (const path of paths) {
    if (!isDryRun) await remove(path);
    tell(`removed    ${path}`);
  }
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path);
  } catch (error) {
    throw new SignalboxError('configuration', `cannot remove ${path}: ${messageOf(error)}`, { cause: error });
  }
}

async function put({ path, text }: InstalledFile): Promise<void> {
  const umask = process.umask(UMASK);
  try {
    await mkdir(dirname(path), { recursive: true });
    const temporary = `${path}.${process.pid}.tmp`;
    await writeFile(temporary, text, { mode: FILE_MODE });
    await rename(temporary, path);
  } catch (error) {
    throw new SignalboxError('configuration', `cannot write ${path}: ${messageOf(error)}`, { cause: error });
  } finally {
    process.umask(umask);
  }
}
