// What is done about orgs that the store says have changed: those in use are read again, a few at a time, and their
// tables serve until the newer ones come, so that requests for a busy org never wait for a change. They don't serve for
// long, though: what takes its time is out of date then, and whoever asks for it waits and is read for first. Orgs that
// are not in use are read when they are asked for. Runs on the main thread.
import type { ChangedOrgs } from '../store/route-store.js';
import type { OrgCache } from './org-cache.js';
import type { Publisher } from './publisher.js';

/** Orgs that are read at a time. */
const REFRESHES_MAX = 16;

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
  const left = [...behind].values();
  const refreshOneByOne = async (): Promise<void> => {
    for (const orgId of left) {
      await publisher.refresh(orgId);
      behind.delete(orgId);
    }
  };
  await Promise.all(Array.from({ length: Math.min(REFRESHES_MAX, behind.size) }, refreshOneByOne));
  clearTimeout(timer);
}
