// Replaces a file so that whoever reads it, now or after a crash, finds the old content or the new, and nothing else.
import { randomUUID } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Temporary file, fsync, rename, fsync of the directory. Keeps the file's mode, and a symbolic link to it.
 *
 * @param beforeRename throws if the file must not be replaced after all.
 */
export async function writeFileAtomically(
  path: string,
  text: string,
  beforeRename: () => Promise<void> = async () => undefined,
): Promise<void> {
  const target = await realpath(path);
  const { mode } = await stat(target);
  const directory = dirname(target);
  const temporary = join(directory, `.${basename(target)}.${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'wx', mode & 0o777);
    try {
      // The umask may have taken bits away that the file had.
      await file.chmod(mode & 0o777);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await beforeRename();
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
