// Writes against what is there now. A store's write names the revision that it was made for; a caller who doesn't
// care which gets the current one, and a second attempt if somebody else was faster.
import { SignalboxError } from '../errors.js';
import { type Precondition, assertMatch } from './preconditions.js';

const ATTEMPTS_MAX = 2;

/**
 * Reads, checks the caller's precondition and writes.
 *
 * @throws Refusal `conflict` if what was read isn't as the caller saw it, and SignalboxError `conflict` if it changed
 *   before it could be written: at once for a caller who named a revision, otherwise the second time.
 */
export async function writeOnCurrent<C extends { readonly revision: number }, T>(
  ifMatch: Precondition,
  read: () => Promise<C>,
  write: (current: C) => Promise<T>,
): Promise<T> {
  for (let attempts = 1; ; attempts += 1) {
    const current = await read();
    assertMatch(ifMatch, current.revision);
    try {
      return await write(current);
    } catch (error) {
      const isConflict = error instanceof SignalboxError && error.code === 'conflict';
      const namesRevision = ifMatch !== 'none' && ifMatch !== 'any';
      if (!isConflict || namesRevision || attempts === ATTEMPTS_MAX) throw error;
    }
  }
}
