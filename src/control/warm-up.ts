// What is done between the start of the workers and the first connection: the orgs that were in use before are read
// again and shipped, so that gateways which come back all at once, as they do after a restart, find their tables
// there rather than wait for them by the thousands. A store that is slow or down doesn't keep the daemon from
// deciding.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Publisher } from './publisher.js';

/** Of those in the snapshot, the ones that were used last. */
const ORGS_MAX = 1024;

/** Reads at a time. */
const READS_MAX = 16;

const LONGEST_MS = 500;

export async function warmUp(
  orgIds: readonly string[],
  publisher: Pick<Publisher, 'need'>,
  workersReady: Promise<void>,
): Promise<void> {
  const timeUp = new AbortController();
  const left = orgIds.slice(0, ORGS_MAX).values();
  const readOneByOne = async (): Promise<void> => {
    for (const orgId of left) {
      if (timeUp.signal.aborted) return;
      await publisher.need(orgId);
    }
  };
  const warm = workersReady.then(() => Promise.all(Array.from({ length: READS_MAX }, readOneByOne)));
  const late = sleep(LONGEST_MS, undefined, { signal: timeUp.signal }).catch(() => undefined);
  await Promise.race([warm, late]);
  timeUp.abort();
}
