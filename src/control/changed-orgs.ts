// What is done about orgs that the store says have changed: those in use are read again, a few at a time, and their
// tables serve until the newer ones come, so that requests for a busy org never wait for a change. They don't serve for
// long, though: what takes its time is out of date then, and whoever asks for it waits and is read for first. Orgs that
// are not in use are read when they are asked for. Runs on the main thread.
import type { ChangedOrgs } from '../store/route-store.js';
import type { OrgCache } from './org-cache.js';
import type { Publisher } from './publisher.js';

/** Orgs that are read at a time. */
const REFRESHES_MAX = 16;

/**
 * Where many have changed they are begun in this many rounds at most, with a pause between two. On a host with few
 * processors the workers share one with this thread, which must not keep it for as long as a hundred tables take.
 */
const ROUNDS_MAX = 32;
const PAUSE_MS = 1;

/** With the pause between two questions for changes, it stays well below the quarter of a second that a change may take. */
export const OUTDATED_USE_MS = 100;

export async function refreshChanged(
  orgIds: ChangedOrgs,
  cache: Pick<OrgCache, 'inUse' | 'isInUse' | 'outdate'>,
  publisher: Pick<Publisher, 'refresh' | 'expire'>,
): Promise<void> {
  const behind = orgIds === 'all' ? cache.inUse() : new Set(orgIds.filter((orgId) => cache.isInUse(orgId)));
  if (behind.size === 0) return;
  for (const orgId of behind) cache.outdate(orgId);
  const timer = setTimeout(() => {
    for (const orgId of behind) publisher.expire(orgId);
  }, OUTDATED_USE_MS);
  const together = Math.ceil(behind.size / ROUNDS_MAX);
  const underWay = new Set<Promise<void>>();
  for (const [index, orgId] of [...behind].entries()) {
    if (index > 0 && index % together === 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    if (underWay.size >= REFRESHES_MAX) await Promise.race(underWay);
    const refreshed = publisher.refresh(orgId).then(() => {
      behind.delete(orgId);
      underWay.delete(refreshed);
    });
    underWay.add(refreshed);
  }
  await Promise.all(underWay);
  clearTimeout(timer);
}
