// Those who edit routes all the time, each org in a random turn, and tell the traffic. What fails, for the database or
// the daemon is away, is counted, and may or may not have been committed.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../support/random.js';
import type { Edited } from './messages.js';

export interface EditorOptions {
  /** Gives an org of these its next version. */
  readonly edit: (orgId: string) => Promise<Edited>;
  readonly orgIds: readonly string[];
  readonly random: Random;
  readonly tell: (edit: Edited) => Promise<unknown>;
  readonly signal: AbortSignal;
}

export interface EditCounts {
  readonly done: number;
  readonly failed: number;
}

/** Of two editors, several edits a second. */
const PAUSE_MS = { least: 100, most: 500 };

/** Resolves when the signal says so, with what came of the edits. */
export async function keepEditing(options: EditorOptions): Promise<EditCounts> {
  const { edit, orgIds, random, tell, signal } = options;
  let done = 0;
  let failed = 0;
  while (!signal.aborted) {
    const edited = await edit(random.pick(orgIds)).catch(() => undefined);
    if (edited === undefined) {
      failed += 1;
    } else {
      done += 1;
      await tell(edited);
    }
    await sleep(random.between(PAUSE_MS.least, PAUSE_MS.most));
  }
  return { done, failed };
}
