// One writer of a file at a time among the daemons of a host: a file beside it that only one can make. It doesn't keep
// editors out; against those, the store looks whether the file is still what it read.
import { open, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignalboxError, messageOf, systemCode } from '../errors.js';

/** How long a writer waits for the others. */
const PATIENCE_MS = 5000;

/** No write takes this long: whoever made the lock has died. */
const ABANDONED_MS = 30_000;

const TRY_AGAIN_MS = 10;

/** @throws SignalboxError `store_unavailable` if the lock can't be had. */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  // By whatever links it is reached, it is one file.
  const file = await realpath(path).catch(() => path);
  const lock = join(dirname(file), `.${basename(file)}.lock`);
  await take(lock);
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<void> {
  const startedMs = Date.now();
  for (;;) {
    try {
      await (await open(lock, 'wx', 0o600)).close();
      return;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw unavailable(lock, messageOf(error), error);
      if (Date.now() - startedMs > PATIENCE_MS) throw unavailable(lock, 'another writer has it', error);
    }
    const { mtimeMs } = await stat(lock).catch(() => ({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > ABANDONED_MS) await rm(lock, { force: true });
    await sleep(TRY_AGAIN_MS);
  }
}

function unavailable(lock: string, why: string, cause: unknown): SignalboxError {
  const reason = systemCode(cause) === 'ENOENT' ? 'there is no such file or directory' : why;
  return new SignalboxError('store_unavailable', `cannot write the route file: ${lock}: ${reason}`, {
    cause,
  });
}
